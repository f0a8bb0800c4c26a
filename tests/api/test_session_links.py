"""What came of a session: its links, its recordings, and "none yet" beside "not found"."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from google.cloud import firestore

from tests.support.audit import audit_of, new_trace
from tests.support.call_counts import calls_when_repeated, commit, reads
from tests.support.charts import Chart, plant
from tests.support.client import Reply, upload
from tests.support.clinics import TestClinic
from tests.support.database import alter
from tests.support.visits import bill_of, complete
from tools.openapi.operation_cases.case import State

pytestmark = pytest.mark.long

AUDIO = b"not audio"
PARTS = ("transcription", "report", "bill")
NO_LINKS: dict[str, object] = {"recordings": [], "transcription_id": None, "report_id": None, "bill_id": None}


def links(session: Reply) -> dict[str, object]:
    return {name: session.body[name] for name in NO_LINKS}


def open_upload(clinic: TestClinic, session_id: str, size: int = len(AUDIO)) -> Reply:
    body = {"content_type": "audio/flac", "size_bytes": size}
    return clinic.doctor.post(f"/sessions/{session_id}/recordings", body).ok(201)


def recordings(clinic: TestClinic, session_id: str, query: str = "") -> Reply:
    return clinic.doctor.get(f"/sessions/{session_id}/recordings{query}").ok()


@pytest.fixture(scope="module")
def chart(clinic: TestClinic) -> Chart:
    """A patient with a session that has a recording, a transcription, a signed report and a bill."""
    return plant(clinic.id, clinic.doctor.user_id, [], State.REPORT_SIGNED)


@pytest.fixture(scope="module")
def session_id(chart: Chart) -> str:
    return next(record.id for record in chart.records if type(record).kind == "Session")


def test_a_session_names_its_recordings_transcription_report_and_bill(
    clinic: TestClinic, chart: Chart, session_id: str
) -> None:
    expected = {
        "recordings": [f"{session_id}-a1"],
        "transcription_id": f"{session_id}-t1",
        "report_id": f"{session_id}-r1",
        "bill_id": f"{session_id}-bill",
    }
    patient = chart.records[0].id

    one = clinic.doctor.get(f"/sessions/{session_id}").ok()
    (listed,) = clinic.doctor.get(f"/patients/{patient}/sessions").ok().body["items"]

    assert links(one) == expected
    assert listed == {**one.body, "recording_allowed": None, "missing_consents": []}, "a list says nothing of consents"


def test_the_report_and_the_bill_of_a_session_are_those_of_their_own_paths(clinic: TestClinic, session_id: str) -> None:
    doctor, desk = clinic.doctor, clinic.receptionist

    assert doctor.get(f"/sessions/{session_id}/report").ok().body == doctor.get(f"/reports/{session_id}-r1").ok().body
    assert desk.get(f"/sessions/{session_id}/bill").ok().body == desk.get(f"/bills/{session_id}-bill").ok().body
    assert desk.get(f"/sessions/{session_id}/bill").etag == desk.get(f"/bills/{session_id}-bill").etag
    desk.get(f"/sessions/{session_id}/report").refused(403, "forbidden")


@pytest.mark.parametrize("part", PARTS)
def test_none_yet_is_not_the_answer_about_a_session_that_is_not_there(clinic: TestClinic, part: str) -> None:
    started = clinic.session()
    path = f"/sessions/{started.body['id']}"

    clinic.doctor.get(f"{path}/{part}").refused(404, "none-yet")
    clinic.doctor.get(f"/sessions/{started.body['number']}/{part}").refused(404, "none-yet")
    clinic.other_doctor.get(f"{path}/{part}").refused(404, "not-found")
    clinic.doctor.get(f"/sessions/nobody-nowhere/{part}").refused(404, "not-found")
    assert links(started) == links(clinic.doctor.get(path)) == NO_LINKS
    assert recordings(clinic, started.body["id"]).body["items"] == []


def test_a_second_device_goes_on_with_an_open_upload(clinic: TestClinic) -> None:
    session = str(clinic.session().body["id"])
    opened = open_upload(clinic, session)

    (listed,) = recordings(clinic, session).body["items"]

    assert listed == opened.body
    clinic.receptionist.get(f"/sessions/{session}/recordings").refused(403, "forbidden")
    clinic.other_doctor.get(f"/sessions/{session}/recordings").refused(404, "not-found")


def test_a_refused_recording_says_why(clinic: TestClinic) -> None:
    session = str(clinic.session().body["id"])
    first, second = open_upload(clinic, session, 99), open_upload(clinic, session)
    clinic.doctor.delete(f"/sessions/{session}", etag='"1"').ok()

    assert upload(second.body["upload_url"], AUDIO, "audio/flac") == 200
    clinic.stack.wait_idle(60)

    refused, awaited = recordings(clinic, session).body["items"]
    assert (refused["id"], refused["status"], refused["refusal"]) == (
        second.body["id"],
        "refused",
        "session_cancelled",
    )
    assert (awaited["id"], awaited["status"], awaited["refusal"]) == (first.body["id"], "awaited", None)
    assert refused["upload_url"] is awaited["upload_url"] is None


@pytest.mark.parametrize(
    "change",
    [{"status": "expired"}, {"status": "received"}, {"created_at": datetime.now(UTC) - timedelta(days=7)}],
    ids=["expired", "received", "a week old"],
)
def test_an_upload_that_is_over_has_no_address(clinic: TestClinic, change: dict[str, object]) -> None:
    session = str(clinic.session().body["id"])
    recording = open_upload(clinic, session).body["id"]

    alter(clinic, f"sessions/{session}/recordings/{recording}", change)

    (listed,) = recordings(clinic, session).body["items"]
    assert listed["upload_url"] is None
    assert listed["status"] == change.get("status", "awaited")


def test_recordings_are_paginated_newest_first(clinic: TestClinic) -> None:
    session = str(clinic.session().body["id"])
    opened = [open_upload(clinic, session).body["id"] for _ in range(3)]

    def pages() -> Iterator[list[str]]:
        token: str | None = ""
        while token is not None:
            page = recordings(clinic, session, f"?page_size=2{f'&page_token={token}' if token else ''}").body
            yield [item["id"] for item in page["items"]]
            token = page["next_page_token"]

    assert [*pages()] == [[opened[2], opened[1]], [opened[0]]]
    token = recordings(clinic, session, "?page_size=2").body["next_page_token"]
    other = clinic.session().body["id"]
    clinic.doctor.get(f"/sessions/{other}/recordings?page_token={token}").refused(422, "invalid")


def test_a_session_says_itself_whether_it_has_a_bill(clinic: TestClinic) -> None:
    session_id = str(clinic.session().body["id"])
    path = f"/sessions/{session_id}"

    def reads_of_it() -> object:
        return calls_when_repeated(clinic, "sessions", lambda: clinic.doctor.get(path).ok())

    running = clinic.doctor.get(path).ok()
    assert (running.body["bill_id"], reads_of_it()) == (None, [reads(7), commit(2)])
    complete(clinic, session_id).ok()
    bill_of(clinic, session_id)
    assert (clinic.doctor.get(path).body["bill_id"], reads_of_it()) == (f"{session_id}-bill", [reads(7), commit(2)])

    alter(clinic, path[1:], {"has_bill": firestore.DELETE_FIELD})  # of a session from before
    assert clinic.doctor.get(path).body["bill_id"] == f"{session_id}-bill"
    assert reads_of_it() == [reads(7), reads(1), commit(2)]


def test_a_session_from_before_that_is_completed_gets_one_bill(clinic: TestClinic) -> None:
    session_id = str(clinic.session().body["id"])
    alter(clinic, f"sessions/{session_id}", {"has_bill": firestore.DELETE_FIELD})

    assert complete(clinic, session_id).ok().body["bill_id"] is None
    bill_of(clinic, session_id)

    assert clinic.doctor.get(f"/sessions/{session_id}").ok().body["bill_id"] == f"{session_id}-bill"


def test_call_counts(clinic: TestClinic, chart: Chart, session_id: str) -> None:
    doctor, path, patient = clinic.doctor, f"/sessions/{session_id}", chart.records[0].id

    def calls(path: str, function: str = "sessions") -> object:
        return calls_when_repeated(clinic, function, lambda: doctor.get(path).ok())

    assert calls(f"{path}/recordings") == [reads(4), commit(2)]
    assert calls(f"{path}/report") == [reads(6), reads(1), commit(2)]  # the report has an addendum
    assert calls(f"{path}/bill") == [reads(4), commit(2)]
    query = ("firestore", "RunQuery", 1)
    assert calls(f"/patients/{patient}/sessions", "patients") == [reads(2), query, reads(3), commit(2)]


def test_recordings_are_listed_by_number_of_the_session(clinic: TestClinic) -> None:
    session = clinic.session().body
    upload = {"content_type": "audio/flac", "size_bytes": 1_000}

    opened = clinic.doctor.post(f"/sessions/{session['number']}/recordings", upload).ok(201).body
    (listed,) = clinic.doctor.get(f"/sessions/{session['number']}/recordings").ok().body["items"]

    assert listed["id"] == opened["id"] == f"{session['id']}-a1"


@pytest.mark.parametrize("part", ["", "/recordings", "/transcription", "/report", "/bill"])
def test_the_audit_names_the_patient_alone_when_a_session_is_named_by_its_number(clinic: TestClinic, part: str) -> None:
    """No id is made of the number: there is no patient `SESS`."""
    session = clinic.session().body
    trace, header = new_trace()

    clinic.doctor.get(f"/sessions/{session['number']}{part}", **header)

    assert {tuple(entry["patient_ids"]) for entry in audit_of(clinic, trace)} == {(session["patient_id"],)}
