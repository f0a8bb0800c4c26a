"""Any sequence of bookings, moves, cancellations and overrides leaves no two appointments of a party at one time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from shared.records.record import Stamp
from shared.records.scheduling.booked_day import BookedDay, Booking, Party, day_id, excluded_by
from shared.records.scheduling.interval import Interval
from tests.support.thorough import examples

STAMP = Stamp("desk", datetime(2027, 3, 1, tzinfo=UTC))
MIDNIGHT = datetime(2027, 3, 14, tzinfo=UTC)  # clocks go forward in New York on this day
DOCTORS, PATIENTS = st.sampled_from(["d1", "d2"]), st.sampled_from(["p1", "p2", "p3"])
STARTS = st.integers(0, 3 * 288).map(lambda number: MIDNIGHT + timedelta(minutes=5 * number))
MINUTES = st.sampled_from([5, 30, 50, 480])


class Bookings(RuleBasedStateMachine):
    """The days of doctors and patients, as booking changes them."""

    def __init__(self) -> None:
        super().__init__()
        self.days: dict[str, BookedDay] = {}
        self.live: dict[str, tuple[dict[Party, str], Interval]] = {}
        self.count = 0

    appointments: Bundle[str] = Bundle("appointments")

    def day(self, party: Party, id: str, day: date) -> BookedDay:
        key = day_id(party, id, day)
        return self.days.get(key) or BookedDay.new(key, STAMP)

    def hold(self, id: str, parties: dict[Party, str], visit: Interval) -> bool:
        """Book unless something is in the way, as the workflow does."""
        booking = Booking(appointment_id=id, starts_at=visit.starts_at, ends_at=visit.ends_at)
        wanted = [(party, other, day) for party, other in parties.items() for day in visit.days]
        if any(excluded_by([self.day(*one)], booking) for one in wanted):
            return False
        self.release(id)
        for one in wanted:
            changed = self.day(*one).with_booking(booking, STAMP)
            self.days[changed.id] = changed
        self.live[id] = parties, visit
        return True

    def release(self, id: str) -> None:
        if id in self.live:
            parties, visit = self.live.pop(id)
            for party, other in parties.items():
                for day in visit.days:
                    freed = self.day(party, other, day).without_booking(id, STAMP)
                    self.days[freed.id] = freed

    @rule(target=appointments, doctor=DOCTORS, patient=PATIENTS, start=STARTS, minutes=MINUTES)
    def book(self, doctor: str, patient: str, start: datetime, minutes: int) -> str:
        self.count += 1
        name = f"a{self.count}"
        self.hold(name, {Party.DOCTOR: doctor, Party.PATIENT: patient}, Interval.lasting(start, minutes))
        return name

    @rule(name=appointments, start=STARTS, minutes=MINUTES)
    def move(self, name: str, start: datetime, minutes: int) -> None:
        if name in self.live:
            parties, before = self.live[name]
            moved = self.hold(name, parties, Interval.lasting(start, minutes))
            assert moved or self.live[name] == (parties, before)

    @rule(name=consumes(appointments))
    def cancel(self, name: str) -> None:
        self.release(name)

    @invariant()
    def no_two_appointments_of_a_party_overlap(self) -> None:
        for party in (Party.DOCTOR, Party.PATIENT):
            by_party: dict[str, list[Interval]] = {}
            for parties, visit in self.live.values():
                by_party.setdefault(parties[party], []).append(visit)
            for visits in by_party.values():
                for number, one in enumerate(visits):
                    assert not any(one.overlaps(other) for other in visits[number + 1 :])

    @invariant()
    def days_list_the_live_appointments_and_no_others(self) -> None:
        listed = {(day.id, one.appointment_id) for day in self.days.values() for one in day.bookings}
        expected = {
            (day_id(party, id, day), name)
            for name, (parties, visit) in self.live.items()
            for party, id in parties.items()
            for day in visit.days
        }
        assert listed == expected


TestBookings = Bookings.TestCase
TestBookings.settings = settings(max_examples=examples(40), stateful_step_count=30, deadline=None)
