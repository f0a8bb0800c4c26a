"""Free times on days that clocks change: hours are those on the wall, and each time that is offered is booked."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from shared.records.scheduling.requests import FreeSlotQuery, NewAppointment
from shared.records.types import Role, new_id
from shared.store.audit import Origin
from shared.store.clinic import Clinic
from shared.store.context import Caller, RequestContext, utc_now
from shared.workflows.scheduling import booking, offers
from tests.support.clinics import TestClinic


def sunday(month: int, number: int) -> date:
    """The n-th Sunday of a month of next year, or the last one."""
    year = utc_now().year + 1
    days = [date(year, month, 1) + timedelta(days=day) for day in range(31)]
    sundays = [day for day in days if day.weekday() == 6 and day.month == month]
    return sundays[number]


@pytest.mark.parametrize(
    ("zone", "day", "opens", "first", "count"),
    [
        ("America/New_York", sunday(3, 1), "09:00", "09:00", 8),
        ("America/New_York", sunday(11, 0), "09:00", "09:00", 8),
        ("Europe/Lisbon", sunday(3, -1), "00:00", "00:00", 16),  # an hour is missing
        ("Europe/Lisbon", sunday(10, -1), "00:00", "00:00", 18),  # one happens twice
        ("Australia/Lord_Howe", sunday(10, 0), "00:00", "00:00", 16),  # half an hour is missing
    ],
)
def test_each_time_that_is_offered_can_be_booked(
    own_clinic: TestClinic, zone: str, day: date, opens: str, first: str, count: int
) -> None:
    doctor = own_clinic.doctor.user_id
    hours = {"time_zone": zone, "hours": [{"day": "sunday", "opens": opens, "closes": "17:00"}], "slot_minutes": 60}
    own_clinic.doctor.put(f"/schedules/{doctor}", hours).ok()
    patient = own_clinic.silent_patient().body["id"]

    def clinic() -> Clinic:
        caller = Caller(own_clinic.receptionist.user_id, frozenset(Role), utc_now())
        return Clinic(RequestContext(own_clinic.id, caller, Origin(request_id=new_id())))

    query = FreeSlotQuery(doctor_ids=doctor, day=day, days=1, duration_minutes=60)
    [offered] = offers.of_doctors(clinic(), query).doctors

    assert (offered.free[0].local_time, len(offered.free)) == (f"{day}T{first}:00", count)
    for slot in offered.free:
        new = NewAppointment(patient_id=patient, doctor_id=doctor, scheduled_at=slot.scheduled_at, duration_minutes=60)
        assert booking.book(clinic(), new).record.scheduled_at == slot.scheduled_at
    [none] = offers.of_doctors(clinic(), query).doctors
    assert none.free == []
