"""The days of an appointment's parties in one change: read together, changed in memory, and written once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, timedelta

from shared.records.conflict_codes import ConflictCode
from shared.records.problems import Conflict
from shared.records.record import Ref
from shared.records.scheduling.appointment import Appointment
from shared.records.scheduling.booked_day import BookedDay, Booking, Party, day_id, excluded_by
from shared.records.scheduling.schedule import LONGEST_BUFFER, VisitRule
from shared.store.unit_of_work import UnitOfWork


def parties_of(appointment: Appointment) -> dict[Party, str]:
    """Whose time an appointment takes."""
    named = {
        Party.DOCTOR: appointment.doctor_id,
        Party.PATIENT: appointment.patient_id,
        Party.ROOM: appointment.room_id,
    }
    return {party: id for party, id in named.items() if id is not None}


def refs(parties: Mapping[Party, str], days: Collection[date]) -> list[Ref[BookedDay]]:
    """The days of some parties."""
    return [BookedDay.ref(day_id(party, id, day)) for party, id in parties.items() for day in days]


def around(appointment: Appointment) -> Iterator[date]:
    """The days on which bookings can be in the way of an appointment."""
    return appointment.visit.widened(LONGEST_BUFFER, LONGEST_BUFFER).days


def bookings_of(appointment: Appointment, rule: VisitRule) -> dict[Party, Booking]:
    """The bookings of an appointment; only the doctor's has buffers."""
    visit = {"appointment_id": appointment.id, "starts_at": appointment.scheduled_at, "ends_at": appointment.ends_at}
    buffers = {"buffer_before": rule.buffer_before_minutes, "buffer_after": rule.buffer_after_minutes}
    return {party: Booking(**visit, **(buffers if party == Party.DOCTOR else {})) for party in parties_of(appointment)}


def distinct(days: Iterable[BookedDay], besides: str) -> list[Booking]:
    """Each booking once, without those of an appointment: one over midnight is in two days, and one of doctor and
    patient in the days of both."""
    found = {(one.appointment_id, one.held): one for day in days for one in day.bookings}
    return [one for one in found.values() if one.appointment_id != besides]


class BookedDays:
    """The days that one change reads and writes."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work
        self._days: dict[str, BookedDay] = {}
        self._changed: set[str] = set()

    def release(self, appointment: Appointment) -> None:
        """Free the time of an appointment."""
        for day in self._read(refs(parties_of(appointment), [*appointment.visit.days])):
            if day.has(appointment.id):
                self._put(day.without_booking(appointment.id, self._work.stamp))

    def in_the_way(self, appointment: Appointment, rule: VisitRule) -> dict[Party, list[Booking]]:
        """The bookings of other appointments that this one cannot stand beside, by party."""
        parties, found = parties_of(appointment), {}
        for party, booking in bookings_of(appointment, rule).items():
            days = self._refs({party: parties[party]}, [*around(appointment)])
            if bookings := excluded_by(self._read(days), booking):
                found[party] = bookings
        return found

    def read_around(self, appointments: Iterable[Appointment], days_before: int = 0, days_after: int = 0) -> None:
        """Read in one call what placing appointments needs, and so many further days around each."""
        wanted: dict[Ref[BookedDay], None] = {}
        for one in appointments:
            near = list(around(one))
            further = [near[0] + timedelta(days=number) for number in range(-days_before, len(near) + days_after)]
            wanted |= dict.fromkeys(self._refs(parties_of(one), further))
        self._read(list(wanted))

    def bookings(self, parties: Mapping[Party, str], days: Collection[date], besides: str) -> list[Booking]:
        """The bookings of some days in UTC, each once, without those of an appointment."""
        return distinct(self._read(self._refs(parties, days)), besides)

    @property
    def changed(self) -> int:
        """Days that `write` will add to the commit."""
        return len(self._changed)

    def hold(self, appointment: Appointment, rule: VisitRule) -> None:
        """Take the time of an appointment, whatever is in the way. Raises Conflict for a day with too many bookings."""
        for party, booking in bookings_of(appointment, rule).items():
            for day in self._read(refs({party: parties_of(appointment)[party]}, [*booking.visit.days])):
                if day.is_full:
                    raise Conflict(ConflictCode.DAY_FULL, f"the {party} has as many appointments a day as possible")
                self._put(day.with_booking(booking, self._work.stamp))

    def write(self) -> None:
        """Add the changed days to the commit; each must be unchanged since it was read."""
        for id in sorted(self._changed):
            self._work.upsert(self._days[id])
        self._changed.clear()

    def _refs(self, parties: Mapping[Party, str], days: Collection[date]) -> list[Ref[BookedDay]]:
        """The days of some parties; of a patient those of all records of the person, if some are merged."""
        ids = {party: self._work.person_ids(id) if party == Party.PATIENT else (id,) for party, id in parties.items()}
        return [ref for party, found in ids.items() for id in found for ref in refs({party: id}, days)]

    def _read(self, wanted: Iterable[Ref[BookedDay]]) -> list[BookedDay]:
        missing = [ref for ref in wanted if ref.id not in self._days]
        self._work.prefetch(*missing)
        for ref in missing:
            found = self._work.get_or_none(ref)
            self._days[ref.id] = found or BookedDay.new(ref.id, self._work.stamp)
        return [self._days[ref.id] for ref in wanted]

    def _put(self, day: BookedDay) -> None:
        self._days[day.id] = day
        self._changed.add(day.id)
