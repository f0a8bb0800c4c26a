"""A number costs the same reads whether a stranger has it or nobody, and names the same request as the id."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.call_counts import calls_during, commit, reads
from tests.support.client import ApiClient, Reply
from tests.support.clinics import NAMESAKE, TestClinic
from tests.support.problems import without_trace

AUDIO = {"content_type": "audio/flac", "size_bytes": 9}
KEY = "one-key-for-both-paths"

GET_PATIENT, GET_SESSION, OPEN_UPLOAD = "patients", "sessions", "recordings"
SEND: dict[str, Callable[[ApiClient, str], Reply]] = {
    GET_PATIENT: lambda user, number: user.get(f"/patients/{number}"),
    GET_SESSION: lambda user, number: user.get(f"/sessions/{number}"),
    OPEN_UPLOAD: lambda user, number: user.post(f"/sessions/{number}/recordings", AUDIO),
}


@pytest.mark.parametrize(
    ("name", "function", "expected"),
    [
        (GET_PATIENT, "patients", [reads(3), reads(1), commit(1)]),
        (GET_SESSION, "sessions", [reads(2), reads(2), commit(1)]),
        # The stored response is named by the id, so it is read once the number is resolved.
        (OPEN_UPLOAD, "sessions", [reads(2), reads(1), reads(2), commit(1)]),
    ],
)
def test_number_of_a_stranger_costs_the_same_calls_as_a_missing_one(
    clinic: TestClinic, name: str, function: str, expected: list[object]
) -> None:
    session = clinic.session().body
    patient = clinic.doctor.get(f"/patients/{session['patient_id']}").ok().body
    real = patient["number"] if function == "patients" else session["number"]
    missing = real[:-4] + "9999"
    other = clinic.other_doctor
    SEND[name](other, missing)

    replies: list[Reply] = []
    of_stranger = calls_during(clinic, function, lambda: replies.append(SEND[name](other, real)))
    of_nobody = calls_during(clinic, function, lambda: replies.append(SEND[name](other, missing)))

    assert of_stranger == of_nobody == expected
    stranger, nobody = (reply.refused(404, "not-found") for reply in replies)
    assert without_trace(stranger) == without_trace(nobody)


def test_trailing_slash_is_the_same_request(own_clinic: TestClinic) -> None:
    first = own_clinic.doctor.post("/patients", NAMESAKE, key=KEY).ok(201)
    again = own_clinic.doctor.post("/patients/", NAMESAKE, key=KEY).ok(201)

    assert again.body == first.body
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(own_clinic.doctor.get("/patients").ok().body["items"]) == 1


@pytest.mark.parametrize("order", [("id", "number"), ("number", "id"), ("number", "number")])
def test_id_and_number_are_the_same_request(clinic: TestClinic, order: tuple[str, str]) -> None:
    session = clinic.session().body

    first, again = (
        clinic.doctor.post(f"/sessions/{session[name]}/recordings", AUDIO, key=KEY).ok(201) for name in order
    )

    assert again.body == first.body
    assert again.headers["Idempotent-Replayed"] == "true"
    assert clinic.doctor.get(f"/sessions/{session['id']}").ok().body["recordings"] == [f"{session['id']}-a1"]


def test_same_key_on_another_target_or_route_is_another_request(own_clinic: TestClinic) -> None:
    one, other = own_clinic.session().body, own_clinic.session().body

    first = own_clinic.doctor.post(f"/sessions/{one['id']}/recordings", AUDIO, key=KEY).ok(201)
    second = own_clinic.doctor.post(f"/sessions/{other['number']}/recordings", AUDIO, key=KEY).ok(201)
    registered = own_clinic.doctor.post("/patients", NAMESAKE, key=KEY).ok(201)

    assert first.body["id"] != second.body["id"]
    assert "Idempotent-Replayed" not in registered.headers


def test_key_by_number_is_not_replayed_to_a_stranger(clinic: TestClinic) -> None:
    session = clinic.session().body
    path = f"/sessions/{session['number']}/recordings"
    clinic.doctor.post(path, AUDIO, key=KEY).ok(201)

    clinic.other_doctor.post(path, AUDIO, key=KEY).refused(404, "not-found")
