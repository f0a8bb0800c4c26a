"""Telling doctors, once a day by mail, which of their reports have been unsigned for longer than the clinic allows.

The mail has numbers of reports and nothing else of a patient.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from shared.lazily import lazily
from shared.records.clinic.people import User
from shared.records.clinic.profile import UserProfile
from shared.records.messages.slots import MOST_REPORTS, NewSlots
from shared.records.patients.patient import Patient
from shared.records.problems import Conflict, Unavailable
from shared.records.record import patient_of
from shared.store import queries
from shared.store.clinic import Clinic, system_clinic
from shared.store.context import utc_now
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.messages.kinds import Channel, MessageKind, language_of
    from shared.records.messages.message import Message
    from shared.records.messages.new_message import NewMessage
    from shared.records.reports.report import Report, ReportStatus
    from shared.store import pagination
    from shared.workflows.messages import queueing

_log = logging.getLogger("synapse.jobs")

HOURS = range(7, 10)
"""The hours of a clinic's day in which it is done: the first run does it, the others make up for a lost one."""
MOST_OVERDUE = 500
"""Overdue reports of a clinic that are looked at, the newest; one mail names `MOST_REPORTS`, the oldest of them."""
_SENT_WITHIN = timedelta(hours=12)
_SETTING = "unsigned_after_days"


def remind(cause: str, clock: Callable[[], datetime] = utc_now) -> None:
    """Tell the doctors of all clinics in which it is morning. Raises Unavailable, after all were tried, when one could
    not be done."""
    done = [
        _done(system_clinic(str(found["id"]), cause, clock), int(found[_SETTING]), str(found["time_zone"]))
        for found in queries.clinics_with(_SETTING, "time_zone")
        if clock().astimezone(ZoneInfo(str(found["time_zone"]))).hour in HOURS
    ]
    if not all(done):
        raise Unavailable


def _done(clinic: Clinic, days: int, zone: str) -> bool:
    """Tell the doctors of one clinic. A failure is logged and does not stop the others."""
    try:
        for doctor_id, numbers in _overdue(clinic, days).items():
            _remind(clinic, doctor_id, numbers, days, zone)
    except Exception:
        _log.exception("doctors were not told of unsigned reports", extra={"clinic_id": clinic.id})
        return False
    return True


def _overdue(clinic: Clinic, days: int) -> dict[str, list[str]]:
    """The numbers of the reports that were drafted and are unsigned for longer, oldest first, by doctor."""

    def transaction(work: UnitOfWork) -> dict[str, list[str]]:
        by_doctor: dict[str, list[str]] = {}
        for doctor_id, number in _found(work, work.now - timedelta(days=days)):
            by_doctor.setdefault(doctor_id, []).insert(0, number)
        return by_doctor

    return clinic.perform("report.list_overdue", transaction)


def _found(work: UnitOfWork, before: datetime) -> Iterator[tuple[str, str]]:
    """Doctor and number of each overdue report of a patient who is still there, newest first. None is opened."""
    work.keyring()
    filters = [pagination.LIVE, ("status", "in", [ReportStatus.COMPLETED]), ("created_at", "<", before)]
    snapshots = queries.ordered(work.clinic_id, Report.collection, filters, None, MOST_OVERDUE)
    patients = work.unopened(*{Patient.ref(patient_of(snapshot.id)) for snapshot in snapshots})
    for snapshot in snapshots:
        if patient_of(snapshot.id) in patients:
            yield snapshot.get("doctor_id"), snapshot.get("report_number")


def _remind(clinic: Clinic, doctor_id: str, numbers: list[str], days: int, zone: str) -> None:
    """Queue the mail of today to one doctor, unless it was. One who has left, or whose address bounces, gets none."""

    def transaction(work: UnitOfWork) -> Message | None:
        user, profile = User.ref(doctor_id), UserProfile.ref(doctor_id)
        work.prefetch(user, profile, work.settings_ref())
        doctor, known = work.get_or_none(user), work.get_or_none(profile)
        if doctor is None or not doctor.is_active_doctor:
            return None
        return queueing.queue(
            work,
            NewMessage(
                cause=f"unsigned reports of {doctor_id} on {work.now.astimezone(ZoneInfo(zone)).date()}",
                kind=MessageKind.REPORTS_UNSIGNED,
                channel=Channel.MAIL,
                to=doctor.email,
                language=language_of(known.language if known else None),
                slots=NewSlots(days=days, reports=numbers[:MOST_REPORTS]),
                user_id=doctor_id,
                within=_SENT_WITHIN,
            ),
        )

    try:
        queued = clinic.perform("report.remind", transaction)
    except Conflict:
        _log.warning("a doctor's address takes no mail", extra={"clinic_id": clinic.id, "id": doctor_id})
        return
    if queued is not None:
        queueing.dispatch(clinic, queued)
