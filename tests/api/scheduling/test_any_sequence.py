"""Any sequence of bookings, moves, changes and cancellations, through the use cases and the local store, while working
hours and the clinic's time zone change: no two live appointments of a doctor or a patient overlap."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from shared.records.problems import Conflict
from shared.records.scheduling.interval import Interval
from shared.records.scheduling.requests import AppointmentChange, Cancellation, NewAppointment, Reschedule
from shared.records.scheduling.schedule import ScheduleChange
from shared.records.scheduling.slot_taken import OutsideSchedule, SlotTaken
from shared.records.scheduling.types import HOLDING
from shared.records.scheduling.wall_clock import local_of
from shared.records.types import Role, new_id
from shared.store.audit import Origin
from shared.store.clinic import Clinic
from shared.store.context import Caller, RequestContext, utc_now
from shared.workflows.scheduling import appointments, booking, schedules
from tests.support.clinics import TestClinic
from tests.support.thorough import THOROUGH
from tests.support.visits import set_sealed
from tools import google_firestore

EXAMPLES, STEPS = (40, 40) if THOROUGH else (4, 12)
SLOTS, MINUTES = st.integers(0, 40), st.sampled_from([5, 30, 50, 240])
_weeks = count()
_FIELDS = ("doctor_id", "patient_id", "scheduled_at", "duration_minutes", "local_time", "time_zone")


@dataclass
class Practice:
    """A clinic with two doctors and three patients, whom both may see."""

    clinic: TestClinic
    doctors: list[str]
    patients: list[str]

    def opened(self, revision: int | None = None) -> Clinic:
        """The clinic, opened for an admin."""
        caller = Caller(self.clinic.admin.user_id, frozenset(Role), utc_now())
        return Clinic(RequestContext(self.clinic.id, caller, Origin(request_id=new_id()), if_match=revision))


@pytest.fixture
def practice(own_clinic: TestClinic) -> Practice:
    doctors = [own_clinic.doctor.user_id, own_clinic.other_doctor.user_id]
    patients = [own_clinic.silent_patient() for _ in range(3)]
    for one in patients:
        own_clinic.doctor.put(f"/patients/{one.body['id']}/doctors/{doctors[1]}", None, etag=one.etag).ok()
    return Practice(own_clinic, doctors, [one.body["id"] for one in patients])


class Bookings(RuleBasedStateMachine):
    """What the desk does with the appointments of one week."""

    practice: Practice

    def __init__(self) -> None:
        super().__init__()
        midnight = utc_now().replace(hour=0, minute=0, second=0, microsecond=0)
        self.start = midnight + timedelta(days=30 + 8 * next(_weeks))
        self.ids: list[str] = []

    def at(self, slot: int) -> datetime:
        return self.start + timedelta(minutes=50 * slot)

    def stored(self) -> list[dict[str, Any]]:
        """The appointments of this week, as they are stored."""
        found = google_firestore.client().collection("clinics", self.practice.clinic.id, "appointments")
        paths = [found.document(id) for id in self.ids]
        return [snapshot.to_dict() or {} for snapshot in google_firestore.client().get_all(paths)]

    def chosen(self, number: int) -> tuple[str, int]:
        id = self.ids[number % len(self.ids)]
        path = f"clinics/{self.practice.clinic.id}/appointments/{id}"
        return id, google_firestore.client().document(path).get().get("revision")

    @rule(doctor=st.integers(0, 1), patient=st.integers(0, 2), slot=SLOTS, minutes=MINUTES, anyway=st.booleans())
    def book(self, doctor: int, patient: int, slot: int, minutes: int, anyway: bool) -> None:
        who = {"doctor_id": self.practice.doctors[doctor], "patient_id": self.practice.patients[patient]}
        new = NewAppointment(**who, scheduled_at=self.at(slot), duration_minutes=minutes, outside_schedule=anyway)
        try:
            self.ids.append(booking.book(self.practice.opened(), new).record.id)
        except (SlotTaken, OutsideSchedule) as refused:
            if refused.free:
                at = {"scheduled_at": refused.free[0].starts_at, "outside_schedule": False}
                again = new.model_copy(update=at)
                self.ids.append(booking.book(self.practice.opened(), again).record.id)

    @precondition(lambda self: self.ids)
    @rule(number=st.integers(0, 99), slot=SLOTS, minutes=MINUTES)
    def move(self, number: int, slot: int, minutes: int) -> None:
        id, revision = self.chosen(number)
        to = Reschedule(scheduled_at=self.at(slot), duration_minutes=minutes, outside_schedule=True)
        with suppress(SlotTaken, Conflict):
            self.ids.append(booking.reschedule(self.practice.opened(revision), id, to).record.id)

    @precondition(lambda self: self.ids)
    @rule(number=st.integers(0, 99), doctor=st.integers(0, 1), minutes=MINUTES)
    def change(self, number: int, doctor: int, minutes: int) -> None:
        id, revision = self.chosen(number)
        values = {"doctor_id": self.practice.doctors[doctor], "duration_minutes": minutes}
        with suppress(SlotTaken, Conflict):
            appointments.change(self.practice.opened(revision), id, AppointmentChange.model_validate(values))

    @precondition(lambda self: self.ids)
    @rule(number=st.integers(0, 99))
    def cancel(self, number: int) -> None:
        id, revision = self.chosen(number)
        with suppress(Conflict):
            appointments.cancel(self.practice.opened(revision), id, Cancellation())

    @rule(doctor=st.integers(0, 1), slot=SLOTS, buffer=st.sampled_from([0, 15]))
    def block(self, doctor: int, slot: int, buffer: int) -> None:
        id, zone = self.practice.doctors[doctor], "Asia/Kolkata"
        starts, ends = (local_of(self.at(number), zone) for number in (slot, slot + 3))
        rule_ = {"type": "consultation", "duration_minutes": 30, "buffer_after_minutes": buffer}
        blocked = {"time_zone": zone, "blocked": [{"starts_at": starts, "ends_at": ends}], "visit_rules": [rule_]}
        path = f"clinics/{self.practice.clinic.id}/schedules/{id}"
        known = google_firestore.client().document(path).get()
        revision = known.get("revision") if known.exists else None
        schedules.put(self.practice.opened(revision), id, ScheduleChange.model_validate(blocked))

    @rule(zone=st.sampled_from(["Asia/Kolkata", "America/New_York", "Pacific/Chatham"]))
    def move_the_clinic(self, zone: str) -> None:
        set_sealed(self.practice.clinic, time_zone=zone)

    @invariant()
    def nobody_has_two_at_one_time(self) -> None:
        live = [one for one in self.stored() if one["status"] in HOLDING]
        for party in ("doctor_id", "patient_id"):
            for number, one in enumerate(live):
                others = [other for other in live[number + 1 :] if other[party] == one[party]]
                assert not any(visit(one).overlaps(visit(other)) for other in others)

    @invariant()
    def clocks_show_what_was_agreed_on(self) -> None:
        for one in self.stored():
            assert local_of(one["scheduled_at"], one["time_zone"]) == one["local_time"]


def visit(appointment: dict[str, Any]) -> Interval:
    return Interval.lasting(appointment["scheduled_at"], appointment["duration_minutes"])


def test_any_sequence_leaves_no_two_at_one_time(practice: Practice) -> None:
    class OfPractice(Bookings):
        pass

    OfPractice.practice = practice

    run_state_machine_as_test(
        OfPractice, settings=settings(max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None)
    )
