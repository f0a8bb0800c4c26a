"""The day of the developer of an app: what it learns, how it repeats, waits and explains, and what it may rely on."""

from __future__ import annotations

from typing import Any

from local.demo.people import PROFILE
from tests.journeys.day.helpers import PLAN, answered, by_hand, refused
from tests.support.client import Reply, upload
from tests.support.clinics import NAMESAKE, PATIENT, TestClinic
from tests.support.event_streams import opened
from tests.support.problems import pointers
from tests.support.visits import complete
from tools.openapi.document import document

AUDIO = b"not audio"
UPLOAD = {"content_type": "audio/flac", "size_bytes": len(AUDIO)}
LINKS = ("recordings", "transcription_id", "report_id", "bill_id")
CODES = document()["components"]["schemas"]["ConflictProblem"]["allOf"][1]["properties"]["code"]["enum"]
"""The causes of a conflict that the OpenAPI document lists."""


def test_the_app_learns_who_signed_in_before_there_is_a_profile(own_clinic: TestClinic) -> None:
    colleague = own_clinic.other_doctor

    first = answered(colleague.get("/me"), id=colleague.user_id, roles=["doctor"], profile=None)
    refused(colleague.get("/profile"), 404, "not-found")
    written = colleague.put("/profile", PROFILE).ok()
    profile = colleague.get("/me").ok().body["profile"]

    assert first.body["clinic"]["undo_minutes"] == 15
    assert {**profile, **PROFILE} == profile
    assert f'"{profile["revision"]}"' == written.etag


def test_a_lost_answer_is_asked_for_again(clinic: TestClinic) -> None:
    doctor, key = clinic.doctor, "one-tap-of-a-user"

    first = doctor.post("/patients", NAMESAKE, key=key).ok(201)
    again = doctor.post("/patients", NAMESAKE, key=key).ok(201)
    other = refused(doctor.post("/patients", {**NAMESAKE, "occupation": "Baker"}, key=key), 422, "invalid")

    assert (again.content, again.headers["Idempotent-Replayed"]) == (first.content, "true")
    assert "Idempotent-Replayed" not in first.headers
    assert pointers(other) == {"Idempotency-Key"}


def test_everything_wrong_is_named_at_once_in_words_for_people(clinic: TestClinic) -> None:
    wrong = {**PATIENT, "first_name": "?", "primary_phone": "98450", "email": "asha", "favourite_colour": "blue"}

    reply = refused(clinic.doctor.post("/patients", wrong), 422, "invalid")
    without_key = clinic.doctor.post("/patients", wrong, key="")

    texts = {error["pointer"]: error["detail"] for error in reply.body["errors"]}
    assert texts.keys() == {"/first_name", "/primary_phone", "/email", "/favourite_colour"}
    assert all(example in texts["/primary_phone"] for example in ("country code", "+91"))
    assert "name@example.com" in texts["/email"]
    assert pointers(without_key) == {*texts, "Idempotency-Key"}


def test_each_precondition_says_how_it_is_met(clinic: TestClinic) -> None:
    doctor, patient = clinic.doctor, clinic.patient()
    path, change = f"/patients/{patient.body['id']}", {"occupation": "Baker"}

    assert "the ETag that you read" in str(
        refused(doctor.send("PATCH", path, change), 428, "precondition-required").body
    )
    assert "in quotes" in str(refused(doctor.send("PATCH", path, change, etag="1"), 400, "bad-request").body)
    assert "is required" in str(refused(doctor.post("/patients", None), 400, "bad-request").body)
    changed = answered(doctor.send("PATCH", path, change, etag=patient.etag), occupation="Baker")
    refused(doctor.send("PATCH", path, change, etag=patient.etag), 412, "stale")
    refused(
        doctor.send("PATCH", path, change, etag=changed.etag, **{"Content-Type": "text/plain"}),
        415,
        "unsupported-media-type",
    )
    refused(doctor.post(path, change), 405, "method-not-allowed")
    refused(doctor.get(path, Authorization=""), 401, "unauthenticated")


def test_none_yet_is_not_no_such_session(clinic: TestClinic) -> None:
    doctor, session = clinic.doctor, clinic.session()
    path = f"/sessions/{session.body['number']}"

    for part in ("transcription", "report", "bill"):
        refused(doctor.get(f"{path}/{part}"), 404, "none-yet")
        refused(doctor.get(f"/sessions/nobody-nowhere/{part}"), 404, "not-found")
    answered(doctor.get(path), **dict(zip(LINKS, ([], None, None, None), strict=True)))
    report = by_hand(clinic, session, PLAN).ok(201)
    answered(doctor.get(path), report_id=report.body["id"])
    assert doctor.get(f"{path}/report").ok().body == doctor.get(f"/reports/{report.body['report_number']}").ok().body


def test_a_second_device_continues_an_upload_and_learns_why_one_was_refused(clinic: TestClinic) -> None:
    doctor, session = clinic.doctor, clinic.session()
    path = f"/sessions/{session.body['id']}"

    opened_here = doctor.post(f"{path}/recordings", UPLOAD).ok(201).body
    assert doctor.get(f"{path}/recordings").ok().body["items"] == [opened_here]
    doctor.delete(path, etag=session.etag).ok()
    assert upload(opened_here["upload_url"], AUDIO, "audio/flac") == 200
    listed = clinic.until(
        lambda: doctor.get(f"{path}/recordings"), lambda reply: reply.body["items"][0]["status"] != "awaited"
    )

    [recording] = listed.body["items"]
    assert (recording["status"], recording["refusal"]) == ("refused", "session_cancelled")
    refused(doctor.post(f"{path}/recordings", UPLOAD), 409, "conflict")


def test_progress_is_followed_to_its_end(clinic: TestClinic) -> None:
    session = clinic.session()
    path = f"/sessions/{session.body['id']}"

    with opened(clinic.doctor, f"{path}/progress") as stream:
        begun = stream.next()
        complete(clinic, session.body["id"]).ok()
        final = stream.rest()[-1]
    ended = clinic.doctor.get(f"{path}/progress", **{"Last-Event-ID": stream.last_id})

    assert (begun["session"], final["session"], final["bill"]) == ("in_progress", "completed", "pending")
    assert ended.status == 204


def test_lists_are_paged_and_sorted_by_name(own_clinic: TestClinic) -> None:
    doctor = own_clinic.doctor
    for name in ("Zara", "asha", "Élodie"):
        doctor.post("/patients", {**NAMESAKE, "first_name": name}).ok(201)

    first = doctor.get("/patients?page_size=2").ok().body
    last = doctor.get(f"/patients?page_size=2&page_token={first['next_page_token']}").ok().body
    by_name = doctor.get("/patients?sort=name").ok().body["items"]

    assert [one["first_name"] for one in first["items"] + last["items"]] == ["Élodie", "asha", "Zara"]
    assert last["next_page_token"] is None
    assert [one["first_name"] for one in by_name] == ["asha", "Élodie", "Zara"]
    refused(doctor.get("/patients?page_size=0"), 422, "invalid")
    refused(doctor.get("/patients?colour=blue"), 422, "invalid")
    refused(doctor.get("/invoices"), 404, "not-found")


def test_every_cause_of_a_conflict_that_the_app_meets_is_published(clinic: TestClinic) -> None:
    doctor, session = clinic.doctor, clinic.session()
    path = f"/sessions/{session.body['id']}"
    report = by_hand(clinic, session, PLAN).ok(201)

    met: dict[str, Reply] = {
        "report_exists": by_hand(clinic, session, PLAN),
        "notes_missing": doctor.post(f"{path}/report", {"source": "notes", "replace": True}),
        "transcription_missing": doctor.post(f"{path}/report", {"source": "recording", "replace": True}),
        "session_not_completed": doctor.post(f"/reports/{report.body['id']}/sign", {}, key="", etag=report.etag),
        "session_state": doctor.post(f"{path}/reopen", etag=session.etag),
        "report_not_signed": doctor.get(f"/reports/{report.body['id']}/signed"),
        "last_admin": disabled(clinic, clinic.admin.user_id),
        "open_work": disabled(clinic, doctor.user_id),
    }

    assert {code: refused(reply, 409, "conflict").body["code"] for code, reply in met.items()} == {c: c for c in met}
    assert met.keys() <= set(CODES)


def disabled(clinic: TestClinic, user_id: str) -> Reply:
    path = f"/users/{user_id}"
    return clinic.admin.post(f"{path}/disable", key="", etag=clinic.admin.get(path).etag)


def test_a_phone_is_registered_and_removed(clinic: TestClinic) -> None:
    doctor = clinic.doctor
    device: dict[str, Any] = doctor.post("/profile/devices", {"token": "a" * 40, "platform": "ios"}).ok(201).body

    assert doctor.get("/profile/devices").ok().body["items"] == [device]
    assert "token" not in device
    doctor.delete(f"/profile/devices/{device['id']}").ok(204)
    assert doctor.get("/profile/devices").ok().body["items"] == []
