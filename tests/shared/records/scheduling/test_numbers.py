"""Numbers of appointments: what adds up, and what is unknown."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.records.parties import DoctorName
from shared.records.record import Stamp
from shared.records.scheduling.interval import Interval
from shared.records.scheduling.numbers import Counted, Counting, NumbersBy
from shared.records.scheduling.schedule import DoctorSchedule, WorkingTime
from shared.records.scheduling.types import HOLDING, AppointmentStatus
from tests.support.factories import settings

ZONE, FIRST = "America/New_York", date(2027, 3, 13)  # clocks go forward on the second day
NAMES = {id: DoctorName(id=id, name=None) for id in ("a", "b")}
HOURS = [{"day": day, "opens": "00:00", "closes": "24:00"} for day in ("saturday", "sunday", "monday")]
WORKING = WorkingTime(
    DoctorSchedule.new("a", Stamp("a", datetime(2027, 1, 1, tzinfo=UTC)), hours=HOURS), settings(time_zone=ZONE)
)
COUNTED = st.builds(
    lambda doctor, minute, status, flags: Counted(
        doctor, Interval.lasting(datetime(2027, 3, 13, 5, tzinfo=UTC) + timedelta(minutes=minute), 30), status, *flags
    ),
    st.sampled_from(["a", "b", None]),
    st.integers(0, 3 * 1_380),
    st.sampled_from(AppointmentStatus),
    st.tuples(st.booleans(), st.booleans(), st.booleans()),
)


@given(st.lists(COUNTED, max_size=20))
def test_days_and_doctors_add_up_to_the_total(appointments: list[Counted]) -> None:
    counting = Counting(FIRST, 3, ZONE, appointments, {"a": WORKING})
    days, doctors = (counting.numbers(by, NAMES) for by in NumbersBy)

    assert days.total == doctors.total
    for numbers in (days, doctors):
        for name in ("booked", "kept", "cancelled", "no_show", "expected", "reminded", "confirmed", "booked_minutes"):
            assert sum(getattr(row, name) or 0 for row in numbers.rows) == getattr(numbers.total, name)
    total = days.total
    assert total.booked == total.kept + total.cancelled + total.no_show + total.expected
    assert [row.offered_minutes for row in days.rows] == [1_440, 1_380, 1_440]
    taken = {
        one.visit.starts_at + timedelta(minutes=minute)
        for one in appointments
        if one.doctor_id == "a" and one.status in HOLDING
        for minute in range(30)
    }
    assert total.booked_minutes == len({moment for moment in taken if moment < datetime(2027, 3, 16, 4, tzinfo=UTC)})


def test_what_cannot_be_known_is_null() -> None:
    unknown = WorkingTime(None, settings(time_zone=ZONE, hours=[]))

    total = Counting(FIRST, 1, ZONE, [], {"a": unknown}).numbers(NumbersBy.DAY, NAMES).total

    assert (total.no_show_rate, total.offered_minutes, total.booked_minutes, total.utilisation) == (None,) * 4
    assert (total.booked, total.no_show) == (0, 0)
