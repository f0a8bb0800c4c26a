"""The last visit at a glance: what its signed report says of plan, orders and scores. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from shared.records.record import Value
from shared.records.reports.signed_payload import SignedPayload
from shared.records.reports.statements import Statement
from shared.records.templates.sections import Section, leaves_of
from shared.records.text import ShortText, Text
from shared.records.types import Id, Moment

MOST_STATEMENTS = 100
"""Maximum number of statements of each kind."""
_PLAN = re.compile(r"\bplan\b|follow.?up|treatment|recommend|medications?\b|next (?:steps|visit)", re.IGNORECASE)
_ORDER = re.compile(
    r"\b(?:order\w*|refer(?:red|ral)?|labs?|laboratory|blood (?:tests?|work|count)|tests?|x-?ray|ecg|ekg|eeg|mri|ct|"
    r"ultrasound|scans?|imaging|biopsy|culture|hba1c|tsh)\b",
    re.IGNORECASE,
)
_SCALES = (
    r"(?:PHQ-?[29]|GAD-?[27]|MADRS|HAM-?[AD]|HDRS|YMRS|MMSE|MoCA|AUDIT(?:-C)?|BDI(?:-II)?|EPDS|Y-?BOCS|PCL-?5|ISI)"
)
_SCORE = re.compile(
    rf"\b(?P<scale>{_SCALES})\b(?: (?:score|total))?(?: (?:is|was|of|at|today|now))*[:=,]? (?P<value>\d{{1,3}})\b",
    re.IGNORECASE,
)


class PastStatement(Value):
    """A statement of the last signed report."""

    statement_id: Id
    text: Text


class PastScore(Value):
    """A score of a questionnaire, as it stands in the last signed report."""

    statement_id: Id
    scale: ShortText
    """Such as PHQ-9, in the words of the report."""
    value: int


class LastVisit(Value):
    """The patient's last visit with a signed report."""

    session_id: Id
    session_number: ShortText
    started_at: Moment
    doctor_id: Id
    report_id: Id
    signed_at: Moment
    plan: list[PastStatement]
    """The statements of the plan, with its medications and follow-up."""
    orders: list[PastStatement]
    """Those of the plan that order tests or referrals. Whether they were done is not known."""
    scores: list[PastScore]
    """The first number that a statement gives for a questionnaire, which is the one of that visit."""

    @classmethod
    def of(cls, payload: SignedPayload) -> LastVisit:
        """What the verified bytes of a report say."""
        report = payload.report
        plan = _plan(report.sections, report.statements)
        return cls(
            session_id=report.session_id,
            session_number=report.session_number,
            started_at=report.visit_started,
            doctor_id=report.doctor_id,
            report_id=report.report_id,
            signed_at=payload.signed_at,
            plan=plan,
            orders=[one for one in plan if _ORDER.search(one.text)],
            scores=_scores(report.statements),
        )


def _plan(sections: list[Section], statements: Iterable[Statement]) -> list[PastStatement]:
    titles = {leaf.id: f"{leaf.id} {leaf.title}".replace("_", " ").replace(".", " ") for leaf in leaves_of(sections)}
    own = (one for one in statements if _PLAN.search(titles.get(one.section, "")))
    return [PastStatement(statement_id=one.id, text=one.text) for one in own][:MOST_STATEMENTS]


def _scores(statements: Iterable[Statement]) -> list[PastScore]:
    found = ((one, match) for one in statements for match in _SCORE.finditer(one.text))
    scores: dict[tuple[str, str], PastScore] = {}
    for one, match in found:
        scale = match["scale"]
        scores.setdefault(
            (one.id, scale.casefold()), PastScore(statement_id=one.id, scale=scale, value=int(match["value"]))
        )
    return list(scores.values())[:MOST_STATEMENTS]
