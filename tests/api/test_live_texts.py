"""The live text of a session: as a stream and in pages, who may read it, and what it costs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.records.visits.live.accounts import LiveAudio, live_audio_ref
from shared.records.visits.live.piece import LivePiece, TextStatus, piece_id
from shared.store.clinic import system_clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.visits.live.texts import MOST_TEXTS
from tests.support.call_counts import calls_during, commit, query, reads
from tests.support.client import ApiClient
from tests.support.clinics import TestClinic
from tests.support.event_streams import opened
from tests.support.visits import complete, new_session

AT = datetime(2026, 11, 29, 9, tzinfo=UTC)
DIGEST = 64 * "0"


def hear(clinic: TestClinic, session_id: str, *texts: str | None, first: int = 1) -> None:
    """Store pieces with these texts as the function that receives pieces does; None: nothing was recognised."""

    def transaction(work: UnitOfWork) -> None:
        ref = live_audio_ref(session_id)
        audio = work.get_or_none(ref)
        events = audio.events if audio else 0
        for place, text in enumerate(texts):
            work.create(_piece(work, session_id, first + place, events + place + 1, text))
        if audio is None:
            work.create(LiveAudio.empty(session_id, work.stamp).amended(events=len(texts)))
        else:
            work.save(audio.amended(events=events + len(texts)))

    system_clinic(clinic.id, "planted").perform("pieces.plant", transaction)


def _piece(work: UnitOfWork, session_id: str, number: int, event: int, text: str | None) -> LivePiece:
    recording_id = f"{session_id}-a1"
    return LivePiece.new(
        piece_id(recording_id, number),
        work.stamp,
        recording_id=recording_id,
        number=number,
        start_ms=10_000 * (number - 1),
        duration_ms=10_000,
        captured_at=AT,
        received_at=AT,
        content_type="audio/wav",
        sample_rate_hertz=16_000,
        channels=1,
        frames=160_000,
        bare=True,
        data_bytes=320_000,
        data_sha256=DIGEST,
        size_bytes=320_044,
        sha256=DIGEST,
        generation=1,
        event=event,
        text_status=TextStatus.FAILED if text is None else TextStatus.RECOGNISED,
        text=text or "",
    )


def path_of(session_id: str) -> str:
    return f"/sessions/{session_id}/transcript/live"


def heard(events: list[Any]) -> list[tuple[int, str | None]]:
    return [(event["number"], event["text"]) for event in events]


def cancel(clinic: TestClinic, session_id: str) -> None:
    current = clinic.doctor.get(f"/sessions/{session_id}").ok()
    clinic.doctor.delete(f"/sessions/{session_id}", etag=current.etag).ok()


def test_each_text_is_an_event_and_the_stream_ends_with_the_session(clinic: TestClinic) -> None:
    session_id = new_session(clinic)
    hear(clinic, session_id, "Good morning.")

    with opened(clinic.doctor, path_of(session_id)) as stream:
        first = stream.next()
        hear(clinic, session_id, "I slept badly.", None, first=2)
        more = [stream.next(), stream.next()]
        complete(clinic, session_id).ok()
        rest = stream.rest()

    assert (stream.status, stream.headers["Content-Type"]) == (200, "text/event-stream")
    assert first == {
        "event": 1,
        "recording_id": f"{session_id}-a1",
        "number": 1,
        "start_ms": 0,
        "end_ms": 10_000,
        "captured_at": "2026-11-29T09:00:00Z",
        "text": "Good morning.",
        "text_status": "recognised",
    }
    assert heard(more) == [(2, "I slept badly."), (3, None)]
    assert (more[1]["text_status"], stream.last_id, rest) == ("failed", "3", [])


def test_texts_come_in_the_order_in_which_they_became_known(clinic: TestClinic) -> None:
    session_id = new_session(clinic)
    hear(clinic, session_id, "third", first=3)
    hear(clinic, session_id, "first", "second", first=1)
    cancel(clinic, session_id)

    with opened(clinic.doctor, path_of(session_id)) as stream:
        assert heard(stream.rest()) == [(3, "third"), (1, "first"), (2, "second")]


@pytest.mark.parametrize(("last_id", "missed"), [("", 3), ("1", 2), ("4", 3), ("x", 3), ("²", 3), ("9" * 5000, 3)])
def test_a_client_that_resumes_gets_what_it_missed(clinic: TestClinic, last_id: str, missed: int) -> None:
    session_id = new_session(clinic)
    hear(clinic, session_id, "one", "two", "three")
    cancel(clinic, session_id)

    with opened(clinic.doctor, path_of(session_id), last_id.encode().decode("latin-1")) as stream:
        assert [event["text"] for event in stream.rest()] == ["one", "two", "three"][3 - missed :]


def test_the_end_that_the_client_has_is_204(clinic: TestClinic) -> None:
    session_id, silent = new_session(clinic), new_session(clinic)
    hear(clinic, session_id, "one")
    cancel(clinic, session_id)
    cancel(clinic, silent)

    clinic.doctor.get(path_of(session_id), **{"Last-Event-ID": "1"}).ok(204)
    clinic.doctor.get(path_of(silent)).ok(204)


def test_more_texts_than_one_poll_takes_all_come(clinic: TestClinic) -> None:
    session_id = new_session(clinic)
    texts = [f"text {number}" for number in range(MOST_TEXTS + 5)]
    hear(clinic, session_id, *texts)
    cancel(clinic, session_id)

    with opened(clinic.doctor, path_of(session_id)) as stream:
        assert [event["text"] for event in stream.rest()] == texts
    first = clinic.doctor.get(f"{path_of(session_id)}/texts").ok().body
    second = clinic.doctor.get(f"{path_of(session_id)}/texts?after={first['last_event']}").ok().body

    assert [one["text"] for one in first["items"] + second["items"]] == texts
    assert (first["final"], second["final"]) == (False, True)


def test_who_polls_gets_each_text_once_and_learns_of_the_end(clinic: TestClinic) -> None:
    session_id = new_session(clinic)
    path = f"{path_of(session_id)}/texts"

    none = clinic.doctor.get(path).ok().body
    hear(clinic, session_id, "one", "two")
    two = clinic.doctor.get(f"{path}?after={none['last_event']}").ok().body
    again = clinic.doctor.get(f"{path}?after={two['last_event']}").ok().body
    cancel(clinic, session_id)
    over = clinic.doctor.get(f"{path}?after={again['last_event']}").ok().body

    assert none == {"items": [], "last_event": 0, "final": False}
    assert (heard(two["items"]), two["last_event"], two["final"]) == ([(1, "one"), (2, "two")], 2, False)
    assert again == {"items": [], "last_event": 2, "final": False}
    assert over == {"items": [], "last_event": 2, "final": True}
    clinic.doctor.get(f"{path}?after=-1").refused(422, "invalid")


def test_an_admin_and_the_number_of_the_session_lead_there_too(clinic: TestClinic) -> None:
    session = clinic.session().body
    hear(clinic, session["id"], "one")

    reply = clinic.admin.get(f"{path_of(session['number'])}/texts").ok()

    assert heard(reply.body["items"]) == [(1, "one")]


@pytest.mark.parametrize("page", ["", "/texts"])
@pytest.mark.parametrize(
    ("caller", "status", "name"),
    [
        (lambda own, foreign: own.receptionist, 403, "forbidden"),
        (lambda own, foreign: own.other_doctor, 404, "not-found"),
        (lambda own, foreign: foreign.doctor, 404, "not-found"),
        (lambda own, foreign: foreign.admin, 404, "not-found"),
    ],
)
def test_callers_who_may_not_read_the_transcript_may_not_read_live_text(
    clinic: TestClinic,
    other_clinic: TestClinic,
    caller: Callable[[TestClinic, TestClinic], ApiClient],
    status: int,
    name: str,
    page: str,
) -> None:
    session_id = new_session(clinic)
    hear(clinic, session_id, "one")

    caller(clinic, other_clinic).get(path_of(session_id) + page).refused(status, name)


# Costs


def test_a_poll_of_a_stream_reads_two_documents_and_asks_for_texts_only_if_there_are_new_ones(
    clinic: TestClinic,
) -> None:
    session_id = new_session(clinic)
    clinic.doctor.get(f"{path_of(session_id)}/texts").ok()  # opens the keys

    def follow() -> None:
        with opened(clinic.doctor, path_of(session_id)) as stream:
            hear(clinic, session_id, "one")
            stream.next()
            cancel(clinic, session_id)
            stream.rest()

    calls = calls_during(clinic, "live_audio", follow)

    assert calls[:3] == [reads(5), commit(2), reads(2)]
    assert calls.count(query(1)) == 1
    assert {str(call) for call in calls[3:]} <= {str(reads(2)), str(query(1))}


def test_a_page_costs_one_query(clinic: TestClinic) -> None:
    session_id = new_session(clinic)
    hear(clinic, session_id, "one", "two")
    clinic.doctor.get(f"{path_of(session_id)}/texts").ok()

    calls = calls_during(clinic, "live_audio", lambda: clinic.doctor.get(f"{path_of(session_id)}/texts").ok())

    assert calls == [reads(5), query(2), commit(2)]
