"""Placing the visits of a series one after the other, and saying of each date why it is not free."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.records.conflict_codes import ConflictCode
from shared.records.problems import Conflict
from shared.records.scheduling.appointment import Appointment
from shared.records.scheduling.booked_day import Booking, Party
from shared.records.scheduling.schedule import DoctorSchedule, WorkingTime, rule_for
from shared.records.scheduling.series_requests import PlannedVisit
from shared.records.scheduling.series_taken import (
    MOST_WITH_FREE_TIMES,
    NotFree,
    NotFreeReason,
    OfferedTime,
    SeriesTaken,
    TakenTime,
)
from shared.records.scheduling.wall_clock import Occurrence, errors_of, instant_of, instants_of, local_of, occurrence_of
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.scheduling import offers
from shared.workflows.scheduling.booked_days import BookedDays
from shared.workflows.scheduling.booking import shown_id

MOST_WRITES = 480
"""Documents that one commit writes for a series. Firestore takes 500, and the request itself writes some."""


@dataclass(frozen=True)
class Draft:
    """A visit of a series before it is placed."""

    visit: PlannedVisit
    appointment: Appointment
    zone: str
    outside_schedule: bool = False


@dataclass
class Placing:
    """The visits that were placed, and the dates that are not free, in the order of the dates."""

    placed: list[Appointment] = field(default_factory=list)
    not_free: list[NotFree] = field(default_factory=list)

    def require_free(self) -> None:
        """Raises SeriesTaken if a date is not free."""
        if self.not_free:
            raise SeriesTaken(len(self.placed) + len(self.not_free), self.not_free)


def draft(
    visit: PlannedVisit, zone: str, build: Callable[[Mapping[str, Any]], Appointment], *, outside_schedule: bool
) -> Draft:
    """A visit at a local time. If clocks skip it, the appointment is after the gap, near which free times are looked
    for."""
    start = instant_of(visit.local_time, zone, visit.occurrence or Occurrence.EARLIER)
    when = {
        "scheduled_at": start,
        "local_time": local_of(start, zone),
        "occurrence": occurrence_of(start, zone),
        "time_zone": zone,
        "series_date": visit.date,
    }
    return Draft(visit, build(when), zone, outside_schedule)


def place_all(work: UnitOfWork, days: BookedDays, drafts: Sequence[Draft]) -> Placing:
    """Hold the time of every visit that is free; nothing is written before `BookedDays.write`."""
    appointments = [one.appointment for one in drafts]
    work.prefetch(*(DoctorSchedule.ref(id) for id in sorted({one.doctor_id for one in appointments if one.doctor_id})))
    days.read_around(appointments)
    found, refused = Placing(), []
    for each in drafts:
        refusal = _refusal(work, days, each)
        if refusal is None:
            days.hold(each.appointment, rule_for(_schedule(work, each.appointment), each.appointment.type))
            found.placed.append(each.appointment)
        else:
            refused.append((each, refusal))
    found.not_free = _explained(work, days, refused, {one.id for one in appointments})
    return found


def require_room(days: BookedDays, written: int) -> None:
    """Raises Conflict if a change of so many appointments does not fit into one commit."""
    writes = days.changed + written
    if writes > MOST_WRITES:
        text = f"{writes} documents would change at once, at most {MOST_WRITES} can: take fewer dates"
        raise Conflict(ConflictCode.SERIES_TOO_LARGE, text)


_Refusal = tuple[NotFreeReason, str, dict[Party, Booking]]
"""Why a date is not free, for programs and for people, and what takes the time of each party."""


def _refusal(work: UnitOfWork, days: BookedDays, each: Draft) -> _Refusal | None:
    visit, zone = each.visit, each.zone
    for error in errors_of(visit.local_time, zone, visit.occurrence, ""):
        twice = instants_of(visit.local_time, zone)
        return NotFreeReason.HAPPENS_TWICE if twice else NotFreeReason.DOES_NOT_EXIST, error.detail, {}
    schedule = _schedule(work, each.appointment)
    in_the_way = days.in_the_way(each.appointment, rule_for(schedule, each.appointment.type))
    if in_the_way:
        whose = " and ".join(f"the {party}" for party in in_the_way)
        first = {party: bookings[0] for party, bookings in in_the_way.items()}
        return NotFreeReason.TAKEN, f"{whose} has another appointment at this time", first
    working = WorkingTime(schedule, work.settings())
    outside = None if each.outside_schedule else working.refusal(each.appointment.visit)
    return (NotFreeReason.OUTSIDE_SCHEDULE, outside, {}) if outside else None


def _schedule(work: UnitOfWork, appointment: Appointment) -> DoctorSchedule | None:
    return work.get_or_none(DoctorSchedule.ref(appointment.doctor_id)) if appointment.doctor_id else None


def _explained(
    work: UnitOfWork, days: BookedDays, refused: Sequence[tuple[Draft, _Refusal]], own: set[str]
) -> list[NotFree]:
    """The refusals with what is in the way, and free times close by."""
    blocking = {booking.appointment_id for _, (_, _, taken) in refused for booking in taken.values()} - own
    work.prefetch(*map(Appointment.ref, sorted(blocking)))
    shown = {id: shown_id(work, id) for id in blocking}
    near = [each.appointment for each, _ in refused[:MOST_WITH_FREE_TIMES]]
    days.read_around(near, offers.DAYS_BEFORE + 1, offers.DAYS_AFTER + 1)
    return [
        NotFree(
            date=each.visit.date,
            local_time=each.visit.local_time,
            reason=reason,
            detail=detail,
            taken_by=[
                TakenTime(
                    of=party,
                    scheduled_at=booking.starts_at,
                    ends_at=booking.ends_at,
                    appointment_id=shown.get(booking.appointment_id),
                )
                for party, booking in taken.items()
            ],
            free_slots=_free_times(work, days, each.appointment) if number < MOST_WITH_FREE_TIMES else [],
        )
        for number, (each, (reason, detail, taken)) in enumerate(refused)
    ]


def _free_times(work: UnitOfWork, days: BookedDays, appointment: Appointment) -> list[OfferedTime]:
    schedule = _schedule(work, appointment)
    working, rule = WorkingTime(schedule, work.settings()), rule_for(schedule, appointment.type)
    return [
        OfferedTime(scheduled_at=one.starts_at, local_time=one.local_time)
        for one in offers.near(work, days, appointment, working, rule)
    ]
