"""Merges, undone merges, new sessions and searches at the same time end consistent; a killed function loses nothing."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from local.stack.stack import Stack
from tests.api.patients.merging.helpers import NAME, found, merge, twin, unmerge
from tests.journeys.crashes.helpers import COMMIT, plant
from tests.support import crashes
from tests.support.client import Reply
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once, statuses
from tests.support.patients import path_of, registered_for
from tests.support.proofs import raw
from tests.support.thorough import THOROUGH

RACES = 50 if THOROUGH else 15


def stored(clinic: TestClinic, id: str) -> dict[str, Any]:
    """The document of a patient."""
    return raw(clinic, f"patients/{id}")


def consistent(clinic: TestClinic, first: str, second: str) -> bool:
    """Whether the second record is merged into the first one. Raises AssertionError if they do not agree."""
    survivor, other = stored(clinic, first), stored(clinic, second)
    together = second in survivor["merged_patient_ids"]
    merge = other.get("merge")
    assert (merge["into"] if merge else None) == (first if together else None)
    assert survivor.get("merge") is None and other["merged_patient_ids"] == []
    assert bool(other["tokens"]) is not together, "a merged record is found by itself"
    doctors = [(one["owner_id"], one["shared_with"], one["writers"], one["live"]) for one in (survivor, other)]
    mine, theirs = clinic.doctor.user_id, clinic.other_doctor.user_id
    both = (mine, [theirs], [theirs], True)
    assert doctors == ([both, both] if together else [(mine, [], [], True), (theirs, [], [], True)])
    for client, own in ((clinic.doctor, first), (clinic.other_doctor, second)):
        shown = first if together else own
        assert client.get(f"/patients/{own}").ok().body["id"] == shown
        assert found(client, stored(clinic, own)["number"]) == [shown]
    return together


@pytest.fixture
def pair(own_clinic: TestClinic) -> tuple[TestClinic, Reply, Reply]:
    clinic = own_clinic
    unlike = {**NAME, "date_of_birth": "1950-01-02", "primary_phone": "+919845022222", "allow_duplicate": True}
    return clinic, registered_for(clinic.doctor, by=clinic.admin, **unlike), twin(clinic, clinic.other_doctor)


def test_races_end_consistent(pair: tuple[TestClinic, Reply, Reply]) -> None:
    clinic, first, second = pair
    ids, numbers = (first.body["id"], second.body["id"]), (first.body["number"], second.body["number"])
    sessions: dict[str, str] = {}
    rng = random.Random(20)

    def read(number: int) -> Reply:
        return clinic.admin.get(f"/patients/{ids[number]}").ok()

    def try_merge() -> Reply:
        return merge(clinic.admin, read(0), clinic.admin.get(f"/patients/{ids[1]}"))

    def try_unmerge() -> Reply:
        return unmerge(clinic.admin, read(0), ids[1])

    def start() -> Reply:
        started = clinic.start({"patient_id": ids[1], "type": "followup"}, clinic.other_doctor)
        if started.status == 201:
            sessions[started.body["id"]] = started.body["patient_id"]
            clinic.other_doctor.post(f"/sessions/{started.body['id']}/complete", etag=started.etag)
        return started

    def search() -> Reply:
        reply = clinic.admin.post("/patients/search", {"text": NAME["last_name"]}).ok()
        shown = {one["id"]: [record["id"] for record in one["merged_records"]] for one in reply.body["items"]}
        assert [*shown.values()] in ([[], []], [[ids[1]]]), "each record is shown once"
        return reply

    def look() -> Reply:
        return clinic.admin.get(f"/patients/{rng.choice(ids + numbers)}").ok()

    expected = {try_merge: {200, 409, 412, 422}, try_unmerge: {200, 409, 412}, start: {201, 409}}
    made = {200: 0, 409: 0, 412: 0}
    for race in range(RACES):
        calls: list[Callable[[], Reply]] = [try_merge, try_unmerge, start, search, look]
        rng.shuffle(calls)
        replies = at_once(len(calls), lambda number, calls=calls: calls[number]())  # type: ignore[misc]
        for call, reply in zip(calls, replies, strict=True):
            assert reply.status in expected.get(call, {200}), (race, call, reply.content[:300])
        made = {status: count + statuses(replies).get(status, 0) for status, count in made.items()}
        clinic.forget_running()
        consistent(clinic, *ids)
    assert made[200] > 2 * RACES

    apart = consistent(clinic, *ids) and unmerge(clinic.admin, read(0), ids[1]).ok()
    assert apart is not None
    assert not consistent(clinic, *ids)
    for id, doctor in zip(ids, (clinic.doctor, clinic.other_doctor), strict=True):
        rows = pages(doctor, f"/patients/{id}/sessions")
        assert {row for row in rows if row in sessions} == {key for key, patient in sessions.items() if patient == id}


def pages(client: Any, path: str) -> Iterator[str]:
    """The ids of all rows of a list."""
    token = ""
    while True:
        body = client.get(f"{path}?page_size=50{token}").ok().body
        yield from (row["id"] for row in body["items"])
        if not body["next_page_token"]:
            return
        token = f"&page_token={body['next_page_token']}"


@pytest.mark.parametrize("outcome", ["kill", "cut"])
def test_a_killed_function_loses_nothing_of_either_record(
    pair: tuple[TestClinic, Reply, Reply], stack: Stack, outcome: str
) -> None:
    clinic, first, second = pair
    ids = (first.body["id"], second.body["id"])
    own = [stored(clinic, id)["sealed"].keys() for id in ids]

    def request(*, wanted: bool) -> Callable[[], Reply]:
        """The request that merges, or undoes it, as both records are now."""
        one, other = clinic.admin.get(path_of(first)).ok(), clinic.admin.get(path_of(second)).ok()
        return lambda: merge(clinic.admin, one, other) if wanted else unmerge(clinic.admin, one, ids[1])

    def calls_of(send: Callable[[], Reply]) -> list[str]:
        mark = stack.recorder.mark()
        send().ok()
        return crashes.calls_of(stack, "patients", mark)

    with crashes.quiet(stack):
        calls = {wanted: calls_of(request(wanted=wanted)) for wanted in (True, False)}
        assert all(made.count(COMMIT) == 1 for made in calls.values())
        for step in range(max(map(len, calls.values()))):
            for wanted, made in calls.items():
                send, call = request(wanted=wanted), made[min(step, len(made) - 1)]
                fault = plant(stack, "patients", call, outcome, skip=made[: made.index(call) + 1].count(call) - 1)
                for _ in range(3):  # a request may meet the process that the last fault has killed
                    send()
                    if fault.fired.is_set():
                        break
                assert fault.fired.is_set(), call
                # As an app: what has no answer is looked at, and sent again if it was not done.
                if consistent(clinic, *ids) is not wanted:
                    request(wanted=wanted)().ok()
                assert consistent(clinic, *ids) is wanted
    assert [stored(clinic, id)["sealed"].keys() for id in ids] == own
