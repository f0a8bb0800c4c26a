"""Cancels coming appointments of a patient who is deleted or has died, in the commit of that use case."""

from __future__ import annotations

from collections.abc import Collection

from shared.records.scheduling.appointment import Appointment
from shared.records.scheduling.types import COMING, AppointmentStatus, Offer
from shared.records.scheduling.waiting import WaitingEntry
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.scheduling.booked_days import BookedDays


def cancel(work: UnitOfWork, ids: Collection[str], *, with_sessions: Collection[str] = ()) -> None:
    """Cancel these appointments, and those of sessions that are cancelled in the same commit; their times are free.

    A time that is only offered is withdrawn, and the patient leaves the waiting list. Restoring brings nothing back.
    """
    refs = [Appointment.ref(id) for id in ids]
    work.prefetch(*refs)
    days = BookedDays(work)
    for booked in filter(None, map(work.get_or_none, refs)):
        appointment = booked.released(work.stamp) if booked.session_id in with_sessions else booked
        if appointment.status not in COMING:
            continue
        days.release(appointment)
        if appointment.offer is not None:
            _withdraw(work, appointment, appointment.offer)
        else:
            work.save(appointment.cancelled(None, work.stamp))
    days.write()


def _withdraw(work: UnitOfWork, appointment: Appointment, offer: Offer) -> None:
    """End an offer; nobody is told, as it stays one."""
    gone = {"cancelled_at": work.now, "cancelled_by": work.user_id}
    work.save(appointment.revised(work.stamp, status=AppointmentStatus.CANCELLED, **gone))
    entry = work.get_or_none(WaitingEntry.ref(offer.waiting_id))
    if entry is not None:
        work.save(entry.emptied())
