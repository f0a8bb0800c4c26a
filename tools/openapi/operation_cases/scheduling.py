"""Operations on appointments."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from shared.records.parties import DoctorName, Named
from shared.records.record import Detailed, Stamp
from shared.records.scheduling.appointment import Appointment
from shared.records.scheduling.numbers import Figures, Numbers, NumbersBy, NumbersRow
from shared.records.scheduling.schedule import DoctorSchedule
from shared.records.scheduling.series_requests import SeriesVisits
from shared.records.scheduling.series_taken import SeriesCheck
from shared.records.scheduling.waiting import WaitingEntry, WaitingPatient
from shared.workflows.scheduling.offers import DoctorsFreeTimes, FreeTime, FreeTimes
from tools.openapi import factories, scheduling_factories
from tools.openapi.operation_cases.case import OperationCase, Placeholder, State, page
from tools.openapi.operation_cases.patients import OF_PATIENT, PARTIES, PATIENT
from tools.openapi.operation_cases.sample_clinic import BEGAN, DESK, DOCTOR

_BOOKING = {
    "patient_id": PATIENT.id,
    "doctor_id": DOCTOR,
    "scheduled_at": "2026-09-14T10:00:00+05:30",
    "duration_minutes": 30,
    "type": "followup",
    "reason_for_visit": "Trouble sleeping again",
    "preparation_instructions": "Please bring your sleep diary.",
    "location": "Room 2",
    "estimated_cost": 120_000,
}
APPOINTMENT = factories.appointment(
    PATIENT, Stamp(DESK, BEGAN - timedelta(days=5)), id=f"{PATIENT.id}-v6h3kp9x", **_BOOKING
)

_FREE = {"scheduled_at": Placeholder.FREE_TIME, "outside_schedule": True}
_NAMED = Detailed(APPOINTMENT, PARTIES)
_ITS_ID, _OF_DOCTOR = {"id": APPOINTMENT.id}, {"doctor_id": DOCTOR}
_DESK, _LATER = Stamp(DESK, BEGAN - timedelta(days=1)), Stamp(DESK, APPOINTMENT.ends_at)
_MOVED = factories.appointment(
    PATIENT,
    _DESK,
    id=f"{PATIENT.id}-b4n8qw2z",
    **{**_BOOKING, "scheduled_at": "2026-09-15T10:00:00+05:30"},
    rescheduled_from=APPOINTMENT.id,
)
_AGAIN = factories.appointment(
    PATIENT, _DESK, id=f"{PATIENT.id}-c5p9rx3a", **{**_BOOKING, "scheduled_at": "2026-09-21T10:00:00+05:30"}
)
_SCHEDULE = {
    "hours": [
        {"day": "monday", "opens": "09:00", "closes": "13:00"},
        {"day": "monday", "opens": "14:00", "closes": "18:00"},
    ],
    "blocked": [{"starts_at": "2026-10-02T00:00:00", "ends_at": "2026-10-03T00:00:00", "reason": "Public holiday"}],
    "visit_rules": [{"type": "followup", "duration_minutes": 30, "buffer_after_minutes": 10, "lead_minutes": 120}],
    "slot_minutes": 30,
}
SCHEDULE = DoctorSchedule.new(DOCTOR, Stamp(DOCTOR, BEGAN), **_SCHEDULE)
_CHANGED = SCHEDULE.edited(Stamp(DOCTOR, BEGAN), slot_minutes=20)
_SERIES = {
    "patient_id": PATIENT.id,
    "doctor_id": DOCTOR,
    "type": "followup",
    "duration_minutes": 30,
    "local_time": "2026-09-14T10:00:00",
    "time_zone": "Asia/Kolkata",
    "rule": "FREQ=WEEKLY;COUNT=3",
    "excluded_dates": ["2026-09-28"],
}
_FREE_SERIES = {
    **{name: value for name, value in _SERIES.items() if name != "excluded_dates"},
    "local_time": Placeholder.FREE_LOCAL_TIME,
    "time_zone": "UTC",
    "outside_schedule": True,
}
SERIES = scheduling_factories.series(
    PATIENT, Stamp(DESK, BEGAN), id=f"{PATIENT.id}-h2m7tw4c", scheduled_at=APPOINTMENT.scheduled_at.isoformat()
)
_ITS_SERIES = {"id": SERIES.id}
_OF_SERIES = [APPOINTMENT.amended(series_id=SERIES.id, series_date=SERIES.first_date)]
_VISITS = SeriesVisits.of(_OF_SERIES, SERIES)
_SERIES_CHECK = SeriesCheck(count=2, free=2, not_free=[])
_CUT = SERIES.cut(SERIES.first_date, _DESK)
_WAITING = {
    "patient_id": PATIENT.id,
    "doctor_ids": [DOCTOR],
    "type": "followup",
    "times": [{"weekdays": ["monday", "thursday"], "opens": "09:00", "closes": "12:00"}],
    "reason_for_visit": "Sleeps badly again",
}
_WAITS = {name: value for name, value in _WAITING.items() if name != "patient_id"}
WAITING = scheduling_factories.waiting(PATIENT, Stamp(DESK, BEGAN), id=f"{PATIENT.id}-w4n6zt3p", **_WAITS)
_ITS_ENTRY = {"id": WAITING.id}
_OFFERED = WAITING.offered(APPOINTMENT.id, BEGAN + timedelta(hours=2), Stamp(DESK, BEGAN))
_NINE, _HALF_PAST = datetime(2026, 9, 14, 3, 30, tzinfo=UTC), datetime(2026, 9, 14, 4, tzinfo=UTC)
_FREE_TIMES = FreeTimes(
    doctors=[
        DoctorsFreeTimes(
            doctor_id=DOCTOR,
            time_zone="Asia/Kolkata",
            duration_minutes=30,
            hours_known=True,
            free=[FreeTime(scheduled_at=_NINE, ends_at=_HALF_PAST, local_time="2026-09-14T09:00:00")],
            more=False,
        )
    ]
)


_COUNTED = {"day": "2026-09-14", "days": 7, "by": "doctor"}
_FIGURES = {"booked": 60, "kept": 48, "cancelled": 5, "no_show": 4, "expected": 3, "no_show_rate": 0.0769}
_FIGURES |= {"reminded": 55, "confirmed": 41, "offered_minutes": 2_250, "booked_minutes": 1_530, "utilisation": 0.68}
_NUMBERS = Numbers(
    first=date(2026, 9, 14),
    last=date(2026, 9, 20),
    time_zone="Asia/Kolkata",
    by=NumbersBy.DOCTOR,
    rows=[NumbersRow(day=None, doctor=DoctorName(id=DOCTOR, name="Meera Iyer"), **_FIGURES)],
    total=Figures(**_FIGURES),
)


def _after(appointment: Appointment) -> Detailed[Appointment, Named]:
    return Detailed(appointment, PARTIES)


def _waits(entry: WaitingEntry) -> Detailed[WaitingEntry, WaitingPatient]:
    return Detailed(entry, WaitingPatient(patient=PARTIES.patient))


CASES: Mapping[str, OperationCase] = {
    "appointments.book": OperationCase(
        body=_BOOKING,
        answer=_NAMED,
        test_body={**_BOOKING, **_FREE},
    ),
    "appointments.list_days": OperationCase(
        query={"day": "2026-09-14", "days": 7}, answer=page(_NAMED), state=State.CLINIC
    ),
    "appointments.free_slots": OperationCase(
        query={"doctor_ids": DOCTOR, "type": "followup", "day": "2026-09-14", "days": 2},
        answer=_FREE_TIMES,
        state=State.CLINIC,
    ),
    "appointments.book_series": OperationCase(body=_SERIES, answer=Detailed(SERIES, _VISITS), test_body=_FREE_SERIES),
    "appointments.check_series": OperationCase(body=_SERIES, answer=_SERIES_CHECK, test_body=_FREE_SERIES),
    "appointments.get_series": OperationCase(path=_ITS_SERIES, answer=Detailed(SERIES, _VISITS)),
    "appointments.change_series": OperationCase(
        path=_ITS_SERIES,
        body={"from_date": "2026-09-14", "duration_minutes": 45},
        answer=Detailed(SERIES.revised(_DESK, duration_minutes=45), _VISITS),
        test_body={"duration_minutes": 30, "outside_schedule": True},
    ),
    "appointments.cancel_series": OperationCase(
        path=_ITS_SERIES,
        body={"reason": "Has to travel"},
        answer=Detailed(_CUT, SeriesVisits.of([one.cancelled(None, _DESK) for one in _OF_SERIES], _CUT)),
    ),
    "appointments.numbers": OperationCase(query=_COUNTED, answer=_NUMBERS, state=State.CLINIC),
    "appointments.numbers_csv": OperationCase(query=_COUNTED, state=State.CLINIC),
    "appointments.add_waiting": OperationCase(body=_WAITING, answer=_waits(WAITING)),
    "appointments.list_waiting": OperationCase(
        query={"page_size": 20}, answer=page(_waits(WAITING)), state=State.CLINIC
    ),
    "appointments.list_candidates": OperationCase(path=_ITS_ID, answer=page(_waits(WAITING))),
    "appointments.get_waiting": OperationCase(path=_ITS_ENTRY, answer=_waits(WAITING)),
    "appointments.offer": OperationCase(
        path=_ITS_ENTRY,
        body={"doctor_id": DOCTOR, "scheduled_at": "2026-09-14T10:00:00+05:30"},
        answer=_waits(_OFFERED),
        test_body={"doctor_id": DOCTOR, **_FREE},
    ),
    "appointments.accept_offer": OperationCase(
        path=_ITS_ENTRY, answer=_waits(_OFFERED.accepted(Stamp(DESK, BEGAN))), state=State.TIME_OFFERED
    ),
    "appointments.decline_offer": OperationCase(
        path=_ITS_ENTRY,
        answer=_waits(_OFFERED.passed_over(APPOINTMENT.scheduled_at, Stamp(DESK, BEGAN))),
        state=State.TIME_OFFERED,
    ),
    "appointments.remove_waiting": OperationCase(path=_ITS_ENTRY, vanishes=True),
    "appointments.get": OperationCase(path=_ITS_ID, answer=_NAMED),
    "appointments.get_calendar_file": OperationCase(path=_ITS_ID),
    "appointments.change": OperationCase(path=_ITS_ID, body={"priority": "high", "location": "Room 3"}, answer=_NAMED),
    "appointments.confirm": OperationCase(path=_ITS_ID, answer=_after(APPOINTMENT.confirmed(_DESK))),
    "appointments.cancel": OperationCase(
        path=_ITS_ID,
        body={"reason": "Has to travel"},
        answer=_after(APPOINTMENT.cancelled("Has to travel", _DESK)),
    ),
    "appointments.reschedule": OperationCase(
        path=_ITS_ID,
        body={"scheduled_at": "2026-09-15T10:00:00+05:30", "reason": "Has to travel"},
        answer=_after(_MOVED),
        test_body={**_FREE, "reason": "Has to travel"},
    ),
    "appointments.book_again": OperationCase(
        path=_ITS_ID,
        body={"local_time": "2026-09-21T10:00:00", "time_zone": "Asia/Kolkata"},
        answer=_after(_AGAIN),
        test_body=_FREE,
    ),
    "appointments.check_in": OperationCase(path=_ITS_ID, answer=_after(APPOINTMENT.checked_in(_DESK))),
    "appointments.no_show": OperationCase(
        path=_ITS_ID, answer=_after(APPOINTMENT.missed(_LATER)), state=State.APPOINTMENT_BEGUN
    ),
    "appointments.complete": OperationCase(
        path=_ITS_ID, answer=_after(APPOINTMENT.completed(_LATER)), state=State.APPOINTMENT_BEGUN
    ),
    "schedules.get_schedule": OperationCase(path=_OF_DOCTOR, answer=SCHEDULE, state=State.OWN_SCHEDULE),
    "schedules.put_schedule": OperationCase(
        path=_OF_DOCTOR, body={**_SCHEDULE, "slot_minutes": 20}, answer=_CHANGED, state=State.OWN_SCHEDULE
    ),
    "patients.appointments": OperationCase(path=OF_PATIENT, query={"page_size": 20}, answer=page(_NAMED)),
}
