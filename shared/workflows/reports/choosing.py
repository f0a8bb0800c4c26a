"""Which report of a session is meant: one that is there, or one more from another template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shared.lazily import lazily
from shared.records.problems import raise_if_any
from shared.records.record import Ref
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.report_type import ReportType
    from shared.records.reports.report import Report
    from shared.records.visits.ids import report_id_of
    from shared.records.visits.session import Session
    from shared.workflows.templates import reading as templates
    from shared.workflows.visits.refs import found_reports, reports_of, taken


@dataclass(frozen=True)
class Choice:
    """One report of a session."""

    id: str
    template_id: str
    """Of a report that is created now."""
    report: Report | None = None
    """None while it is not there."""
    report_type: ReportType | None = None
    """What the request says."""

    @classmethod
    def first(cls, session: Session, report: Report | None = None, report_type: ReportType | None = None) -> Choice:
        return cls(session.report_id, session.template_id, report, report_type)


def refs(session: Session, template_id: str | None) -> list[Ref[Any]]:
    """What `choose` reads, to be prefetched."""
    return [*reports_of(session), *(templates.refs(template_id) if template_id else [])]


def choose(work: UnitOfWork, session: Session, template_id: str | None, report_type: ReportType | None) -> Choice:
    """The report with this template, or else a further one, which is not there; the first without a template.

    While the first is not there, the template of the session names it.
    """
    there = found_reports(work, session)
    first = there.get(session.report_id)
    if template_id is None:
        return Choice.first(session, first, report_type)
    for report in reversed(there.values()):  # of the versions of a report the newest
        if template_id in report.templates:
            return Choice(report.id, template_id, report, report_type)
    if first is None and template_id == session.template_id:
        return Choice.first(session, None, report_type)
    return Choice(report_id_of(session.id, session.further_report_count + 2), template_id, None, report_type)


def admitted(work: UnitOfWork, session: Session, choice: Choice, doctor_id: str) -> Session:
    """The session, to be saved, after it counted a further report; itself for a report that is counted already.

    The other reports must be unchanged until the commit: one that is written anew with the same template meanwhile
    would be a double of the further one. Raises Conflict beyond six reports, and Invalid for a template that the caller
    may not read, that the doctor of the report cannot use, or that another report has.
    """
    if choice.id in session.report_ids:
        raise_if_any(taken(work, session, choice.id, choice.template_id))
        return session
    template_id = choice.template_id
    raise_if_any(templates.unreadable(work, template_id) or templates.unusable(work, template_id, doctor_id))
    for report in found_reports(work, session).values():
        work.require_unchanged(report)
    return session.with_further_report()
