"""Appointments after a release of the time zone database: what was agreed on is the local time, so the instant follows.

Each appointment names the release that its time was last compared with (`zone_rules`). Those with an earlier one are
compared, some in each commit, and get the new name: a run that ends early goes on with the rest, and a repeated one
finds nothing. One whose instant differs is moved, with the days of its parties, in the same commit. What then overlaps
another appointment, or does not exist any more, waits for the front desk (`GET /appointments?unsettled=true`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice

from shared.lazily import lazily
from shared.records import time_zones
from shared.records.problems import NotFound
from shared.records.record import Ref
from shared.records.scheduling.types import COMING
from shared.store import queries
from shared.store.clinic import system_clinic
from shared.store.context import utc_now
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.scheduling.appointment import Appointment
    from shared.records.scheduling.booked_day import Booking, Party
    from shared.records.scheduling.schedule import DoctorSchedule, VisitRule, rule_for
    from shared.records.scheduling.wall_clock import occurrence_of
    from shared.records.scheduling.zone_change import Unsettled, doubt_of, instant_now, is_affected
    from shared.workflows.scheduling import booked_days
    from shared.workflows.scheduling.booked_days import BookedDays, bookings_of, parties_of

_log = logging.getLogger("synapse.jobs")

AT_ONCE = 20
"""Appointments that one commit compares, each with up to twelve days."""


@dataclass(frozen=True)
class Compared:
    """What one commit did in a clinic."""

    clinic_id: str
    compared: int
    """How many appointments; none if the commit failed."""
    moved: Sequence[str] = ()
    """Ids of the appointments whose instant differs now."""
    unsettled: Sequence[str] = ()
    """Those of them that the front desk must settle."""

    @property
    def succeeded(self) -> bool:
        return self.compared > 0


def compare_all(cause: str, clock: Callable[[], datetime] = utc_now) -> Iterator[Compared]:
    """Compare the appointments of all clinics with the present rules; a commit that failed has compared none."""
    found = queries.of_earlier_rules(Appointment.collection, sorted(COMING), time_zones.release())
    for clinic_id, of_clinic in groupby(found, key=lambda one: one.clinic_id):
        ids = (one.id for one in of_clinic)
        while batch := list(islice(ids, AT_ONCE)):
            yield _compared(clinic_id, batch, cause, clock)


def _compared(clinic_id: str, ids: Sequence[str], cause: str, clock: Callable[[], datetime]) -> Compared:
    """Compare some appointments of a clinic, and log what moved by ids. A failure does not stop the others."""
    try:
        done = system_clinic(clinic_id, cause, clock).perform(
            "appointment.follow_zone_rules", lambda work: _compare(work, ids)
        )
    except Exception:
        _log.exception("zone rules were not followed", extra={"clinic_id": clinic_id})
        return Compared(clinic_id, 0)
    for id in done.moved:
        action = "unsettled" if id in done.unsettled else "moved"
        _log.warning("new rules of a time zone", extra={"clinic_id": clinic_id, "id": id, "action": action})
    return done


def _compare(work: UnitOfWork, ids: Sequence[str]) -> Compared:
    release = time_zones.release()
    refs = [Appointment.ref(id) for id in ids]
    work.prefetch(*refs)
    outdated = [one for one in filter(None, map(_Found(work), refs)) if one.zone_rules < release]
    affected = [one for one in outdated if _moves(one, work.now)]
    days = BookedDays(work)
    _prefetch(work, affected)
    for one in affected:
        days.release(one)
    moved = [_moved(work, days, one, release) for one in affected]
    days.write()
    for one in (*moved, *(_same(each, release) for each in outdated if each not in affected)):
        work.save(one)
    unsettled = [one.id for one in moved if one.unsettled]
    return Compared(work.clinic_id, len(ids), [one.id for one in moved], unsettled)


def _moves(appointment: Appointment, now: datetime) -> bool:
    """True for a visit that is still to come, by either rules, and whose time the present rules change."""
    if not appointment.is_movable or not is_affected(appointment):
        return False
    return max(appointment.scheduled_at, instant_now(appointment)) > now


def _same(appointment: Appointment, release: str) -> Appointment:
    """The appointment that stays at its instant, which may be one of two with its local time now."""
    zone = appointment.time_zone
    occurrence = {} if is_affected(appointment) else {"occurrence": occurrence_of(appointment.scheduled_at, zone)}
    return appointment.amended(zone_rules=release, **occurrence)


def _moved(work: UnitOfWork, days: BookedDays, before: Appointment, release: str) -> Appointment:
    """The appointment at its new instant, whose time it holds whatever is in the way."""
    at = instant_now(before)
    after = before.revised(work.stamp, scheduled_at=at, zone_rules=release, unsettled=doubt_of(before))
    rule = rule_for(_schedule_of(work, after), after.type)
    in_the_way = [(party, one) for party, found in days.in_the_way(after, rule).items() for one in found]
    overlaps = any(_stays(work, after, rule, party, one) for party, one in in_the_way)
    days.hold(after, rule)
    return after.amended(unsettled=Unsettled.OVERLAPS) if overlaps and not after.unsettled else after


def _stays(work: UnitOfWork, after: Appointment, rule: VisitRule, party: Party, booking: Booking) -> bool:
    """True if a booking is in the way also after its own appointment has followed the rules."""
    other = _Found(work)(Appointment.ref(booking.appointment_id))
    if other is None or other.zone_rules >= after.zone_rules or not _moves(other, work.now):
        return True
    later = other.amended(scheduled_at=instant_now(other))
    moved = booking.model_copy(update={"starts_at": later.scheduled_at, "ends_at": later.ends_at})
    return bookings_of(after, rule)[party].excludes(moved)


@dataclass(frozen=True)
class _Found:
    """Reads an appointment; none of a patient who is deleted."""

    work: UnitOfWork

    def __call__(self, ref: Ref[Appointment]) -> Appointment | None:
        with suppress(NotFound):
            return self.work.get_or_none(ref)
        return None


def _prefetch(work: UnitOfWork, affected: Iterable[Appointment]) -> None:
    """Read in one call the schedules and days that the moves need."""
    both = [(one, each) for one in affected for each in (one, one.amended(scheduled_at=instant_now(one)))]
    days = {ref for one, each in both for ref in booked_days.refs(parties_of(one), [*booked_days.around(each)])}
    doctors = {one.doctor_id for one, _ in both if one.doctor_id}
    if both:
        work.prefetch(*map(DoctorSchedule.ref, sorted(doctors)), *sorted(days, key=lambda ref: ref.id))


def _schedule_of(work: UnitOfWork, appointment: Appointment) -> DoctorSchedule | None:
    return work.get_or_none(DoctorSchedule.ref(appointment.doctor_id)) if appointment.doctor_id else None
