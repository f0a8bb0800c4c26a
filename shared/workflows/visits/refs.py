"""References to the records of a session: its uploads with their transcriptions, its reports and its appointment."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from shared.lazily import lazily
from shared.records.numbering import is_number
from shared.records.problems import FieldError, NotFound
from shared.records.record import Ref, patient_of
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.reports.report import Report
    from shared.records.reports.signed import SignedReport
    from shared.records.scheduling.appointment import Appointment
    from shared.records.visits.ids import transcription_id_of
    from shared.records.visits.recording import Recording
    from shared.records.visits.session import Session
    from shared.records.visits.transcription import Transcription


def recordings_of(session: Session) -> list[Ref[Recording]]:
    """The recording of each upload, in their order."""
    return [Recording.ref(session.recording_id(count)) for count in session.upload_counts]


def transcriptions_of(session: Session) -> list[Ref[Transcription]]:
    """The transcription of each upload, in their order, then those that were made again; an upload may have none."""
    first = [transcription_id_of(session.id, count) for count in session.upload_counts]
    return [Transcription.ref(id) for id in [*first, *session.retakes]]


def reports_of(session: Session) -> list[Ref[Any]]:
    """All reports of a session with their proofs, in the order of their numbers; the first need not be there."""
    return [ref for id in session.report_ids for ref in (Report.ref(id), SignedReport.ref(id))]


def found_reports(work: UnitOfWork, session: Session) -> dict[str, Report]:
    """The reports of a session that are there, by id, in the order of their numbers; all are read in one call."""
    work.prefetch(*map(Report.ref, session.report_ids))
    return {id: report for id in session.report_ids if (report := work.get_or_none(Report.ref(id)))}


def taken(work: UnitOfWork, session: Session, report_id: str, template_id: str) -> list[FieldError]:
    """Why a report of a session cannot have a template: another one has it, or the first will have it."""
    there = found_reports(work, session)
    others = {one for id, report in there.items() if id != report_id for one in report.templates}
    if session.report_id not in (report_id, *there):
        others.add(session.template_id)
    return (
        [FieldError("/template_id", "another report of the session has this template")] if template_id in others else []
    )


def appointments_of(patient_ids: Collection[str], appointment_id: str | None) -> list[Ref[Appointment]]:
    """The appointment with this id, unless the id is of another patient than the one with these ids."""
    own = appointment_id is not None and patient_of(appointment_id) in patient_ids
    return [Appointment.ref(appointment_id)] if own and appointment_id else []


def planned_of(work: UnitOfWork, session: Session) -> list[Ref[Appointment]]:
    """The appointment of a session, which may be that of another record of the person."""
    return appointments_of(work.person_ids(session.patient_id), session.appointment_id)


@contextmanager
def moved_named(work: UnitOfWork, session_id: str) -> Iterator[None]:
    """Let NotFound say how to find the session, if it was moved to another patient: its number names it there."""
    try:
        yield
    except NotFound:
        moved = None if is_number(session_id) else work.get_or_none(Session.ref(session_id), live=False)
        if moved is None or moved.successor_id is None:
            raise
        raise NotFound(f"the session was moved to another patient: find it by its number, {moved.number}") from None


def expect(work: UnitOfWork, session_id: str, *refs: Ref[Any]) -> None:
    """Let the next read include these records of a session, whose ids follow from `session_id`.

    No effect for a number: the session's id is known only after the first read.
    """
    if not is_number(session_id):
        work.expect(*refs)
