"""Two people at two desks at once: one wins, and the other is refused with free times."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from itertools import count

import pytest

from tests.api.scheduling.helpers import WEEK, a_time, act, book, book_series, minutes
from tests.support.client import Reply
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once, statuses
from tests.support.thorough import THOROUGH

RACES = 200 if THOROUGH else 3
Racer = Callable[[], Reply]


@pytest.fixture(scope="module")
def patients(clinic: TestClinic) -> tuple[str, str]:
    """Two patients of the doctor; the first is shared with the other doctor."""
    first, second = clinic.silent_patient(), clinic.silent_patient()
    path = f"/patients/{first.body['id']}/doctors/{clinic.other_doctor.user_id}"
    clinic.doctor.put(path, None, etag=first.etag).ok()
    return first.body["id"], second.body["id"]


@pytest.fixture(scope="module")
def times() -> Iterator[datetime]:
    """Times two hours apart."""
    first = a_time()
    return (first + minutes(120 * number) for number in count())


def raced(*racers: Racer) -> list[Reply]:
    return at_once(len(racers), lambda number: racers[number]())


def one_wins(*racers: Racer) -> None:
    replies = raced(*racers)
    assert statuses(replies) == {201: 1, 409: len(racers) - 1}
    for reply in replies:
        if reply.status == 409:
            assert len(reply.refused(409, "slot-taken").body["free_slots"]) == 3


def test_one_doctor(clinic: TestClinic, patients: tuple[str, str], times: Iterator[datetime]) -> None:
    for _ in range(RACES):
        at = next(times)
        one_wins(*(partial(book, clinic, patients[n % 2], at + minutes(10 * n)) for n in range(3)))


def test_one_patient_with_two_doctors(clinic: TestClinic, patients: tuple[str, str], times: Iterator[datetime]) -> None:
    doctors = (clinic.doctor.user_id, clinic.other_doctor.user_id)
    for _ in range(RACES):
        at = next(times)
        one_wins(*(partial(book, clinic, patients[0], at, doctor_id=id) for id in doctors))


def test_booking_and_moving(clinic: TestClinic, patients: tuple[str, str], times: Iterator[datetime]) -> None:
    for _ in range(RACES):
        moving, at = book(clinic, patients[0], next(times)).ok(201), next(times)
        move = {"scheduled_at": at.isoformat(), "outside_schedule": True}
        one_wins(
            partial(act, clinic.receptionist, moving, "reschedule", move),
            partial(book, clinic, patients[1], at + minutes(15)),
        )
        seen = clinic.receptionist.get(f"/appointments/{moving.body['id']}").ok().body
        assert (seen["status"] == "rescheduled") == (seen["rescheduled_to"] is not None)


def test_confirming_and_cancelling(clinic: TestClinic, patients: tuple[str, str], times: Iterator[datetime]) -> None:
    desk = clinic.receptionist
    for _ in range(RACES):
        at = next(times)
        booked = book(clinic, patients[0], at).ok(201)
        confirmed, cancelled = raced(
            partial(act, desk, booked, "confirm"),
            partial(act, clinic.admin, booked, "cancel"),
        )

        assert sorted((confirmed.status, cancelled.status)) == [200, 412]
        seen = desk.get(f"/appointments/{booked.body['id']}").ok().body
        assert seen["status"] == ("confirmed" if confirmed.status == 200 else "cancelled")
        # The time is free exactly if it was cancelled.
        assert book(clinic, patients[1], at).status == (201 if cancelled.status == 200 else 409)


def test_a_series_and_a_single_visit(own_clinic: TestClinic) -> None:
    """The single visit meets the second one of the series: either the whole series is booked, or nothing of it."""
    first, second = own_clinic.silent_patient().body["id"], own_clinic.silent_patient().body["id"]
    begin = a_time()
    for number in range(RACES):
        block, hour = divmod(number, 40)
        at = begin + 2 * block * WEEK + minutes(60 * hour)
        series, single = raced(
            partial(book_series, own_clinic, first, at, rule="FREQ=WEEKLY;COUNT=2"),
            partial(book, own_clinic, second, at + WEEK + minutes(15)),
        )

        assert sorted((series.status, single.status)) == [201, 409]
        day = f"/appointments?patient_id={first}&day={at.date()}&days=14&page_size=100"  # up to 80 visits of 40 series
        held = [one["scheduled_at"] for one in own_clinic.receptionist.get(day).ok().body["items"]]
        wanted = {datetime.fromisoformat(one) for one in held} & {at, at + WEEK}
        assert len(wanted) == (2 if series.status == 201 else 0)
