"""Notes, times, type, template and billing code stay open after the visit, until signature and bill."""

from __future__ import annotations

import base64
import json

import pytest

from shared.records.types import new_id
from tests.support.call_counts import calls_during, commit, reads
from tests.support.client import Reply
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once, statuses
from tests.support.database import plant_report
from tests.support.problems import pointers, without_trace
from tests.support.visits import LONG, SHORT, ago, bill_of, change, complete, later, new_session, read


def signed(clinic: TestClinic, session_id: str) -> Reply:
    report = plant_report(clinic, session_id)
    return clinic.doctor.post(f"/reports/{report}/sign", {}, etag='"1"').ok()


def test_notes_are_written_after_the_patient_has_left_and_close_with_the_signature(clinic: TestClinic) -> None:
    session_id = new_session(clinic)
    complete(clinic, session_id).ok()
    bill_of(clinic, session_id)

    late = change(clinic, session_id, session_notes="Husband waits outside.", referred_by="Dr Rao").ok()
    signed(clinic, session_id)
    change(clinic, session_id, session_notes="?").refused(409, "conflict")

    assert late.body["referred_by"] == "Dr Rao"
    assert (late.body["session_notes"], late.body["status"]) == ("Husband waits outside.", "completed")
    assert read(clinic, session_id).body["session_notes"] == "Husband waits outside."


def test_forgotten_completion_is_corrected_and_its_draft_is_priced_again(drafting: TestClinic) -> None:
    session_id = new_session(drafting, started_at=ago(hours=5))
    complete(drafting, session_id).ok()
    wrong = bill_of(drafting, session_id)

    before = read(drafting, session_id).body
    ended_at = later(before["started_at"], minutes=20)
    right = change(drafting, session_id, ended_at=ended_at, billing_code="90837").ok().body
    bill = drafting.receptionist.get(f"/bills/{session_id}-bill").ok()

    assert (wrong.body["status"], wrong.body["total_amount"], wrong.body["number"]) == ("draft", LONG, None)
    assert (bill.body["status"], bill.body["total_amount"]) == ("draft", SHORT)
    assert bill.body["procedure_codes"] == ["90837"]
    assert (right["total_duration_minutes"], right["billing_amount"]) == (20, SHORT)
    (kept,) = right["corrections"]
    assert (kept["fields"], kept["author_id"]) == (["billing_code", "ended_at"], drafting.doctor.user_id)
    assert kept["before"]["ended_at"] == before["ended_at"]


def test_issued_bill_closes_what_it_is_priced_by_and_nothing_else(own_clinic: TestClinic) -> None:
    session_id = new_session(own_clinic)
    complete(own_clinic, session_id).ok()
    issued = bill_of(own_clinic, session_id)

    for fields in ({"type": "consultation"}, {"started_at": ago(hours=1)}, {"billing_code": "90837"}):
        change(own_clinic, session_id, **fields).refused(409, "conflict")
    change(own_clinic, session_id, template_id="shipped-consultation", session_notes="Calm.").ok()

    assert issued.body["number"].startswith("BOS-")
    assert own_clinic.receptionist.get(f"/bills/{session_id}-bill").ok().body == issued.body
    assert read(own_clinic, session_id).body["corrections"] == []


def test_signature_closes_all_corrections_also_beside_a_draft(drafting: TestClinic) -> None:
    session_id = new_session(drafting, started_at=ago(hours=1))
    complete(drafting, session_id).ok()
    draft = bill_of(drafting, session_id)
    signed(drafting, session_id)

    change(drafting, session_id, ended_at=ago(minutes=40)).refused(409, "conflict")

    assert drafting.receptionist.get(f"/bills/{session_id}-bill").ok().body == draft.body


def test_report_follows_the_type_of_its_session(drafting: TestClinic) -> None:
    session_id = new_session(drafting, type="consultation")
    report = plant_report(drafting, session_id)

    change(drafting, session_id, type="followup").ok()
    followed = drafting.doctor.get(f"/reports/{report}").ok()
    change(drafting, session_id, billing_code="90837").ok()

    assert (followed.body["report_type"], followed.etag) == ("followup", '"2"')
    assert drafting.doctor.get(f"/reports/{report}").ok().etag == '"2"'


def test_visit_without_a_connection_is_registered_with_its_times(drafting: TestClinic) -> None:
    began = ago(hours=3)
    visit = drafting.session(started_at=began, ended_at=later(began, minutes=20))
    session_id = str(visit.body["id"])
    upload = {"content_type": "audio/flac", "size_bytes": 1_000}

    drafting.doctor.post(f"/sessions/{session_id}/recordings", upload).ok(201)
    bill = bill_of(drafting, session_id)

    assert (visit.body["status"], visit.body["total_duration_minutes"], visit.etag) == ("completed", 20, '"1"')
    assert (bill.body["status"], bill.body["total_amount"]) == ("draft", SHORT)


@pytest.mark.parametrize(
    ("hours_ago", "pointer"),
    [
        ({"started_at": 8 * 24}, "/started_at"),
        ({"started_at": -1}, "/started_at"),
        ({"started_at": 2, "ended_at": 3}, "/ended_at"),
        ({"started_at": 30, "ended_at": 5}, "/ended_at"),
        ({"started_at": 2, "ended_at": -1}, "/ended_at"),
        ({"ended_at": 1}, "/ended_at"),
    ],
)
def test_impossible_times_of_a_new_visit_are_named(
    clinic: TestClinic, hours_ago: dict[str, float], pointer: str
) -> None:
    patient = clinic.patient().body["id"]
    times = {name: ago(hours=hours) for name, hours in hours_ago.items()}

    refused = clinic.doctor.post("/sessions", {"patient_id": patient, **times}).refused(422, "invalid")

    assert pointers(refused) == {pointer}
    assert clinic.doctor.get(f"/patients/{patient}/sessions").ok().body["items"] == []


def test_completion_takes_the_time_of_the_end(drafting: TestClinic) -> None:
    began = ago(hours=5)
    session_id = new_session(drafting, started_at=began)

    complete(drafting, session_id, ended_at=ago(hours=6)).refused(422, "invalid")
    completed = complete(drafting, session_id, ended_at=later(began, minutes=20)).ok()

    assert completed.body["total_duration_minutes"] == 20
    assert bill_of(drafting, session_id).body["total_amount"] == SHORT


def test_all_errors_of_a_correction_are_named_and_nothing_is_changed(drafting: TestClinic) -> None:
    session_id = new_session(drafting)
    complete(drafting, session_id).ok()
    bill_of(drafting, session_id)
    before = read(drafting, session_id).body

    cleared = change(drafting, session_id, type=None, started_at=None).refused(422, "invalid")
    unknown = change(drafting, session_id, template_id="none", session_notes="?").refused(422, "invalid")

    assert pointers(cleared) == {"/type", "/started_at"}
    assert pointers(unknown) == {"/template_id"}
    assert read(drafting, session_id).body == before


def test_of_concurrent_correction_and_signature_the_signed_time_is_the_stored_one(drafting: TestClinic) -> None:
    session_id = new_session(drafting, started_at=ago(hours=2))
    complete(drafting, session_id).ok()
    bill_of(drafting, session_id)
    report = plant_report(drafting, session_id)
    etag, start = read(drafting, session_id).etag, ago(hours=3)
    path = f"/sessions/{session_id}"

    replies = at_once(
        2,
        lambda n: (
            drafting.doctor.put(path, {"started_at": start}, etag=etag)
            if n
            else drafting.doctor.post(f"/reports/{report}/sign", {}, etag='"1"')
        ),
    )

    assert 200 in statuses(replies)
    proof = drafting.doctor.get(f"/reports/{report}/signed")
    if proof.status == 200:
        payload = json.loads(base64.b64decode(proof.body["canonical"]))
        assert payload["report"]["visit_started"] == read(drafting, session_id).body["started_at"]


def test_strangers_change_nothing(clinic: TestClinic, other_clinic: TestClinic) -> None:
    session_id = new_session(clinic)
    fields = {"started_at": ago(hours=1)}

    clinic.receptionist.put(f"/sessions/{session_id}", fields, etag='"1"').refused(403, "forbidden")
    for stranger in (clinic.other_doctor, other_clinic.doctor):
        refused = stranger.put(f"/sessions/{session_id}", fields, etag='"1"').refused(404, "not-found")
        missing = stranger.put(f"/sessions/{new_id()}-{new_id(10)}", fields, etag='"1"')
        assert without_trace(refused) == without_trace(missing)
    clinic.doctor.put(f"/sessions/{session_id}", fields, etag='"7"').refused(412, "stale")
    clinic.doctor.put(f"/sessions/{session_id}", fields).refused(428, "precondition-required")

    assert read(clinic, session_id).body["corrections"] == []


def test_call_counts(drafting: TestClinic) -> None:
    session_id = new_session(drafting)
    complete(drafting, session_id).ok()
    bill_of(drafting, session_id)
    plant_report(drafting, session_id)
    drafting.stack.wait_idle(60)
    etag = read(drafting, session_id).etag
    path = f"/sessions/{session_id}"
    replies: list[Reply] = []

    noted = calls_during(
        drafting, "sessions", lambda: replies.append(drafting.doctor.put(path, {"session_notes": "Calm."}, etag=etag))
    )
    corrected = calls_during(
        drafting,
        "sessions",
        lambda: drafting.doctor.put(path, {"type": "consultation"}, etag=replies[0].etag).ok(),
    )

    # The proof, besides what a session links to; the report is guarded, so that it is not signed meanwhile.
    # The session leaves a version.
    assert noted == [reads(6), commit(4)]
    # The settings as well; session, its version, bill and report are written.
    assert corrected == [reads(8), commit(5)]


def test_overdue_visit_is_marked_in_responses_and_lists(clinic: TestClinic) -> None:
    forgotten = new_session(clinic, started_at=ago(hours=12, minutes=1))
    running = new_session(clinic)
    patient = forgotten.partition("-")[0]

    (listed,) = clinic.doctor.get(f"/patients/{patient}/sessions").ok().body["items"]
    assert (listed["overdue_running"], read(clinic, forgotten).body["overdue_running"]) == (True, True)
    assert read(clinic, running).body["overdue_running"] is False

    completed = complete(clinic, forgotten, ended_at=ago(hours=11)).ok()
    assert completed.body["overdue_running"] is False
