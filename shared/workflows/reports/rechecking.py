"""Checking statements again after a person changed them."""

from __future__ import annotations

from shared.records.claims.checks import Checker
from shared.records.claims.doubt import ClaimCheck, Doubt, other_name_doubt
from shared.records.reports.content import ReportContent
from shared.records.reports.report import Report
from shared.records.reports.statements import Statement
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.reports.prompt import Evidence
from shared.workflows.visits import transcripts


def rechecked(work: UnitOfWork, report: Report, before: ReportContent, after: ReportContent) -> ReportContent:
    """The content with the doubts of the statements that changed, and the omissions of all. A report that was not
    checked when it was written, such as one by hand, is not checked now. Raises Invalid if it is too large."""
    if after.claim_check is ClaimCheck.NOT_DONE or not report.sources:
        return after
    known = {_claim(one) for one in before.statements}
    changed = [one for one in after.statements if _claim(one) not in known]
    if not changed and len(after.statements) == len(before.statements):
        return after
    segments = [one for one in transcripts.of_sources(work, report.sources) if one.text]
    checker = Evidence(segments, after.notes).checker(after.claim_check)
    doubts = {one.id: [*_unsupported(one, checker), *_other_names(one, after)] for one in changed}
    return after.rechecked(doubts, checker.omissions(one.text for one in after.statements))


def _unsupported(one: Statement, checker: Checker) -> list[Doubt]:
    """The doubts about what the statement cites. One that cites nothing rests on the word of the person who wrote it:
    there is no evidence to compare it with."""
    return checker.doubts(one.text, one.segments, one.notes) if one.segments or one.notes else []


def _claim(one: Statement) -> tuple[str, str, tuple[int, ...], tuple[int, ...]]:
    """What the checks read of a statement."""
    return one.id, one.text, tuple(one.segments), tuple(one.notes)


def _other_names(one: Statement, content: ReportContent) -> list[Doubt]:
    named = sorted({*content.other_names_heard} & {*one.segments})
    return [other_name_doubt(named)] if named else []
