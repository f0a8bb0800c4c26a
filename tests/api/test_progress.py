"""The stream of a session's progress: its events, its end, and who may open it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from infra.catalogue import load
from shared.store.clinic import system_clinic
from shared.store.unit_of_work import UnitOfWork
from shared.web.event_stream import POLL_SECONDS
from tests.api.billing.helpers import pay
from tests.support.audit import audit_of, new_trace
from tests.support.call_counts import calls_during, commit, reads
from tests.support.client import ApiClient
from tests.support.clinics import TestClinic
from tests.support.event_streams import Stream, opened
from tests.support.visits import bill_of, complete, new_session
from tools import google_firestore


def path_of(clinic: TestClinic) -> str:
    """The stream of a new session."""
    return f"/sessions/{clinic.session().body['id']}/progress"


def publish(clinic: TestClinic, path: str, **states: str) -> None:
    """Publish states of the session, as background work does."""

    def transaction(work: UnitOfWork) -> None:
        work.keyring()
        work.progress(path.split("/")[2], **states)

    system_clinic(clinic.id, "planted").perform("progress.plant", transaction)


def finish(clinic: TestClinic, path: str) -> None:
    made = {"transcription": "completed", "report": "completed", "bill": "pending"}
    publish(clinic, path, session="completed", recording="received", **made)


@contextmanager
def following(client: ApiClient, clinic: TestClinic, path: str, last_id: str = "") -> Iterator[Stream]:
    """An open stream. It is finished at the end, because it would keep its place until the function notices."""
    with opened(client, path, last_id) as stream:
        yield stream
        finish(clinic, path)
        stream.rest()


def states(event: dict[str, str | None]) -> dict[str, str]:
    """The states of an event that are there."""
    return {name: state for name, state in event.items() if state and name != "at"}


def test_a_stream_begins_with_the_current_state_and_follows_each_change_to_the_final_one(clinic: TestClinic) -> None:
    session = clinic.session()
    path = f"/sessions/{session.body['id']}"

    with opened(clinic.doctor, f"{path}/progress") as stream:
        begun = stream.next()
        clinic.doctor.put(path, {"status": "paused"}, etag=session.etag).ok()
        paused = stream.next()
        finish(clinic, f"{path}/progress")
        final = stream.next()
        rest = stream.rest()

    assert (stream.status, stream.headers["Content-Type"], stream.retry) == (200, "text/event-stream", 1000)
    assert stream.headers["Cache-Control"] == "no-store"
    assert states(begun) == {"session": "in_progress"}
    assert begun == {**dict.fromkeys(["recording", "transcription", "report", "bill"]), **begun}
    assert states(paused) == {"session": "paused"}
    assert begun["at"] < paused["at"] < final["at"]
    assert states(final) == {
        "session": "completed",
        "recording": "received",
        "transcription": "completed",
        "report": "completed",
        "bill": "pending",
    }
    assert rest == []


def test_a_session_is_followed_by_its_number_and_by_an_admin(clinic: TestClinic) -> None:
    session = clinic.session().body
    clinic.doctor.delete(f"/sessions/{session['id']}", etag='"1"').ok()

    with opened(clinic.admin, f"/sessions/{session['number']}/progress") as stream:
        assert [states(event) for event in stream.rest()] == [{"session": "cancelled"}]


def test_a_resumed_stream_repeats_nothing_and_loses_nothing(clinic: TestClinic) -> None:
    path = path_of(clinic)

    with following(clinic.doctor, clinic, path) as first:
        first.next()
        seen = first.last_id
        with following(clinic.doctor, clinic, path, seen) as second:
            publish(clinic, path, recording="awaited")
            assert states(second.next()) == {"session": "in_progress", "recording": "awaited"}
            assert second.last_id != seen
    with opened(clinic.doctor, path, seen) as third:
        events = third.rest()

    assert [event["report"] for event in events] == ["completed"]
    assert third.last_id not in (seen, second.last_id)


@pytest.mark.parametrize("last_id", ["0", "2026-01-01T00:00:00+00:00", "a b,c", "9" * 500])
def test_an_id_that_is_no_version_is_ignored(clinic: TestClinic, last_id: str) -> None:
    path = path_of(clinic)
    finish(clinic, path)

    reply = clinic.doctor.get(path, **{"Last-Event-ID": last_id}).ok()

    assert reply.content.count(b"data: ") == 1


def test_a_final_state_is_sent_once_and_then_answered_204_until_it_changes(clinic: TestClinic) -> None:
    path = path_of(clinic)
    finish(clinic, path)
    with opened(clinic.doctor, path) as stream:
        assert len(stream.rest()) == 1

    again = clinic.doctor.get(path, **{"Last-Event-ID": stream.last_id}).ok(204)
    publish(clinic, path, report="signed")
    changed = clinic.doctor.get(path, **{"Last-Event-ID": stream.last_id}).ok()

    assert again.content == b""
    assert b'"report": "signed"' in changed.content


def test_an_upload_is_awaited_and_a_cancelled_session_is_final(clinic: TestClinic) -> None:
    session = clinic.session().body["id"]
    upload = {"content_type": "audio/flac", "size_bytes": 9}
    clinic.doctor.post(f"/sessions/{session}/recordings", upload).ok(201)
    with opened(clinic.doctor, f"/sessions/{session}/progress") as stream:
        awaited = stream.next()
        current = clinic.doctor.get(f"/sessions/{session}").ok()
        clinic.doctor.delete(f"/sessions/{session}", etag=current.etag).ok()
        rest = stream.rest()

    assert states(awaited) == {"session": "in_progress", "recording": "awaited"}
    assert [states(event) for event in rest] == [{"session": "cancelled", "recording": "awaited"}]


# Refusals


@pytest.mark.parametrize(
    ("caller", "status", "name"),
    [
        (lambda own, foreign: own.receptionist, 403, "forbidden"),
        (lambda own, foreign: own.other_doctor, 404, "not-found"),
        (lambda own, foreign: foreign.doctor, 404, "not-found"),
        (lambda own, foreign: foreign.admin, 404, "not-found"),
    ],
)
def test_callers_who_may_not_read_the_session_may_not_follow_it(
    clinic: TestClinic,
    other_clinic: TestClinic,
    caller: Callable[[TestClinic, TestClinic], ApiClient],
    status: int,
    name: str,
) -> None:
    path = path_of(clinic)

    for last_id in ("", "any"):
        caller(clinic, other_clinic).get(path, **{"Last-Event-ID": last_id}).refused(status, name)


def test_a_stream_needs_a_token_and_a_session_and_knows_no_parameters(clinic: TestClinic) -> None:
    clinic.doctor.get(path_of(clinic), Authorization="").refused(401, "unauthenticated")
    clinic.doctor.get("/sessions/none/progress").refused(404, "not-found")
    clinic.doctor.get(f"{path_of(clinic)}?since=1").refused(422, "invalid")
    clinic.doctor.send("POST", path_of(clinic)).refused(405, "method-not-allowed")


def test_the_head_of_a_stream_is_answered_at_once(clinic: TestClinic) -> None:
    head = clinic.doctor.send("HEAD", path_of(clinic)).ok()

    assert (head.headers["Content-Type"], head.content) == ("text/event-stream", b"")


def test_access_that_is_withdrawn_is_refused_when_the_client_reconnects(own_clinic: TestClinic) -> None:
    path = path_of(own_clinic)

    with following(own_clinic.doctor, own_clinic, path) as stream:
        stream.next()
        user = own_clinic.admin.get(f"/users/{own_clinic.doctor.user_id}").ok()
        own_clinic.admin.post(f"/users/{own_clinic.doctor.user_id}/disable", etag=user.etag).ok()
        publish(own_clinic, path, recording="awaited")
        assert stream.next()["recording"] == "awaited", "an open stream goes on, until it closes by itself"

    own_clinic.doctor.get(path, **{"Last-Event-ID": stream.last_id}).refused(401, "unauthenticated")


def test_each_opened_stream_is_audited_like_a_read(clinic: TestClinic) -> None:
    path = path_of(clinic)
    finish(clinic, path)
    trace, headers = new_trace()

    clinic.doctor.get(path, **headers).ok()

    (entry,) = audit_of(clinic, trace)
    session = path.split("/")[2]
    assert (entry["action"], entry["outcome"]) == ("session.follow", "done")
    assert entry["documents"] == [f"sessions/{session}"]
    assert entry["patient_ids"] == [session.partition("-")[0]]


# Costs, and how many at once


def test_opening_a_stream_reads_the_session_once_and_each_poll_one_document(clinic: TestClinic) -> None:
    path = path_of(clinic)
    clinic.doctor.get(path.removesuffix("/progress")).ok()  # opens the keys

    def follow() -> None:
        with opened(clinic.doctor, path) as stream:
            stream.next()
            finish(clinic, path)
            stream.rest()

    polls = calls_during(clinic, "sessions", follow)

    assert polls[:3] == [reads(3), commit(2), reads(1)]
    assert set(polls[3:]) == {reads(1)}
    assert 1 <= len(polls[3:]) <= 2


def test_a_client_that_resumes_after_the_end_costs_one_read_of_the_progress(clinic: TestClinic) -> None:
    path = path_of(clinic)
    finish(clinic, path)
    with opened(clinic.doctor, path) as stream:
        stream.rest()

    again = calls_during(
        clinic, "sessions", lambda: clinic.doctor.get(path, **{"Last-Event-ID": stream.last_id}).ok(204)
    )

    assert again == [reads(3), commit(2), reads(1)]


def test_a_refused_stream_does_not_read_the_progress(clinic: TestClinic) -> None:
    path = path_of(clinic)

    refused = calls_during(clinic, "sessions", lambda: clinic.other_doctor.get(path).refused(404, "not-found"))

    assert refused[-2:] == [reads(3), commit(1)]


def test_streams_beyond_the_bound_get_the_current_state_and_other_requests_are_served(clinic: TestClinic) -> None:
    path, most = path_of(clinic), load().functions["sessions"].concurrency // 2

    with ExitStack() as streams:
        found = [streams.enter_context(following(clinic.doctor, clinic, path)) for _ in range(most)]
        assert [stream.next() and stream.retry for stream in found] == [1000] * most
        with opened(clinic.doctor, path) as above:
            events = above.rest()
        clinic.doctor.get(path.removesuffix("/progress")).ok()

    assert (above.status, above.retry) == (200, 5000)
    assert [states(event) for event in events] == [{"session": "in_progress"}]


def test_polls_end_when_the_client_is_gone(clinic: TestClinic) -> None:
    recorder, path = clinic.stack.recorder, path_of(clinic)
    with opened(clinic.doctor, path) as stream:
        stream.next()
    deadline = time.monotonic() + 20

    mark, since = recorder.mark(), time.monotonic()
    while time.monotonic() - since < 1.5 * POLL_SECONDS:
        assert time.monotonic() < deadline, "the stream still polls"
        time.sleep(0.02)
        if any(path.split("/")[2] in call.resource for call in recorder.calls(mark)):
            mark, since = recorder.mark(), time.monotonic()


def test_payments_do_not_change_the_state_of_the_bill(clinic: TestClinic) -> None:
    session_id = new_session(clinic)
    progress = google_firestore.client().document(f"clinics/{clinic.id}/progress/{session_id}")
    complete(clinic, session_id).ok()
    bill = bill_of(clinic, session_id)
    before = progress.get().to_dict()

    paid = pay(clinic, bill, 1_000).ok(201)

    assert paid.body["status"] == "partially_paid"
    assert before is not None
    assert (before["bill"], progress.get().to_dict()) == ("pending", before)
