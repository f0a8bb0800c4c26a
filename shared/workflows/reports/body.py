"""What a report says, as it is answered."""

from __future__ import annotations

from shared.lazily import lazily
from shared.records.claims.doubt import ClaimCheck
from shared.records.claims.omission import Omission
from shared.records.parties import Named
from shared.records.record import Detailed, Value
from shared.records.reports.addenda import Addendum
from shared.records.reports.content import ReportContent
from shared.records.reports.corrections import Correction, CorrectionCounts
from shared.records.reports.instrument_scores import SectionScore
from shared.records.reports.names_heard import NameCheck
from shared.records.reports.notes import Note
from shared.records.reports.resolutions import Resolution
from shared.records.reports.signed import Signature
from shared.records.reports.statements import SegmentNumber, Statement
from shared.records.templates.sections import Section
from shared.records.text import ShortText

with lazily(globals()):
    from shared.records.reports.instrument_scores import scores_in
    from shared.records.reports.report import Report
    from shared.records.reports.signed_payload import ReportSnapshot
    from shared.records.templates.sections import leaves_of
    from shared.workflows.reports.plain_text import plain_text


class Unfilled(Value):
    """A section, or a subsection, without statements."""

    section: ShortText
    reads: str
    """`Not discussed`; of an examination or a mental-state area `Not assessed`. In the language of the report, if that
    is English, Hindi or Tamil."""


class Body(Value):
    """What a report says. `generated_content` is the text as it reads."""

    sections: list[Section]
    statements: list[Statement]
    notes: list[Note]
    """What the practitioner typed and statements cite: evidence noted by the practitioner."""
    corrections: list[Correction]
    correction_counts: CorrectionCounts
    name_check: NameCheck
    """Whether the transcript was searched for names of other persons. A signed report is not: `not_done`."""
    other_names_heard: list[SegmentNumber]
    """Segments with the name of a person who is neither the patient nor of the staff. Is this the right patient?"""
    instrument_scores: list[SectionScore]
    """The scores of the instruments, computed from the statements."""
    unfilled: list[Unfilled]
    """The sections without statements, and what they read."""
    outdated_sections: list[ShortText]
    """The sections and subsections that are older than the transcript: written before it was corrected
    (`transcript_changed`), or before a recording arrived that the report lacks (`unreported_recordings`)."""
    omissions: list[Omission]
    """What was said and is in none of the statements, with its segment. The major ones are first; of those without a
    decision there are at most 50."""
    omissions_left_out: int
    """Number of further omissions. They are listed once those that are listed are settled."""
    resolutions: list[Resolution]
    """What doctors decided about doubts, omissions and risk answers. Those that lapsed count no longer."""
    unresolved_findings: int
    """How many doubts, omissions and risk answers must still be resolved before the report is signed."""
    claim_check: ClaimCheck
    """How far the statements were checked against what was said."""
    checks_version: int | None
    """The version of the checks that found the doubts and omissions; null if none ran."""
    generated_content: str
    signature: Signature | None
    """The author's signature; null before the report is signed."""
    cosignature: Signature | None
    """The supervisor's signature; null for a report that waits for it, or needs none."""
    addenda: list[Addendum]
    """What doctors added after the report was signed, each with its own signature."""


class NamedBody(Body, Named):
    """What a report says, with the names of its patient and doctor."""


def shown(report: Report, content: ReportContent | ReportSnapshot | None) -> Detailed[Report, Body]:
    """A report with what it says, without signatures: from its content, or as it was signed. Before it is written it
    says nothing."""
    return Detailed(report, _empty() if content is None else _body(report, content))


def _empty() -> Body:
    return Body(
        sections=[],
        statements=[],
        notes=[],
        corrections=[],
        correction_counts=CorrectionCounts.of([]),
        name_check=NameCheck.NOT_DONE,
        other_names_heard=[],
        instrument_scores=[],
        unfilled=[],
        outdated_sections=[],
        omissions=[],
        omissions_left_out=0,
        resolutions=[],
        unresolved_findings=0,
        claim_check=ClaimCheck.NOT_DONE,
        checks_version=None,
        generated_content="",
        signature=None,
        cosignature=None,
        addenda=[],
    )


def _body(report: Report, content: ReportContent | ReportSnapshot) -> Body:
    unsigned = content if isinstance(content, ReportContent) else None
    return Body(
        sections=content.sections,
        statements=content.statements,
        notes=content.notes,
        corrections=content.corrections,
        correction_counts=CorrectionCounts.of(content.corrections),
        instrument_scores=scores_in(content.sections, content.statements),
        unfilled=_unfilled(content),
        outdated_sections=report.outdated(unsigned.drafted_places) if unsigned else [],
        name_check=unsigned.name_check if unsigned else NameCheck.NOT_DONE,
        other_names_heard=unsigned.other_names_heard if unsigned else [],
        omissions=content.omissions,
        omissions_left_out=content.omissions_left_out,
        resolutions=content.resolutions,
        unresolved_findings=len(content.unresolved),
        claim_check=content.claim_check,
        checks_version=content.checks_version,
        generated_content=plain_text(content.sections, content.statements, content.language, report.lost_audio),
        signature=None,
        cosignature=None,
        addenda=[],
    )


def _unfilled(content: ReportContent | ReportSnapshot) -> list[Unfilled]:
    said = {statement.section for statement in content.statements}
    empty = (leaf for leaf in leaves_of(content.sections) if leaf.id not in said)
    return [Unfilled(section=leaf.id, reads=leaf.unfilled(content.language)) for leaf in empty]
