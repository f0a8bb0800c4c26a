"""Live recordings: pieces with receipts, recorders that take over, gaps, and what the state refuses."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from local.demo.pieces import digest_of
from local.stack.environment import PIECES_BUCKET
from shared.records.visits.live.piece import LARGEST_PIECE
from shared.workflows.visits.object_names import piece_name
from tests.support import crashes as support
from tests.support.audio_files import encoded, tone, wav
from tests.support.call_counts import CountedCall, calls_during, commit, reads
from tests.support.client import Reply
from tests.support.clinics import TestClinic, consent_to
from tests.support.concurrency import at_once, statuses
from tests.support.crashes import bucket_of
from tests.support.database import alter
from tests.support.live import opened, piece_of, send_piece, stored_pieces
from tests.support.visits import set_clinic

STORE: CountedCall = ("storage", "objects.insert", 0)
HEAR: CountedCall = ("speech", "Recognize", 0)


@pytest.fixture
def session(clinic: TestClinic) -> str:
    return str(clinic.session().body["id"])


@pytest.fixture
def recording(clinic: TestClinic, session: str) -> str:
    """An open live recording."""
    return str(opened(clinic.doctor, session).ok(201).body["id"])


def audio(clinic: TestClinic, session: str) -> list[dict[str, object]]:
    found = clinic.doctor.get(f"/sessions/{session}/audio").ok().body["recordings"]
    assert isinstance(found, list)
    return found


def code(reply: Reply) -> object:
    return reply.refused(409, "conflict").body["code"]


def test_a_piece_is_stored_before_its_receipt(clinic: TestClinic, session: str, recording: str) -> None:
    body = wav(tone(2.5))

    receipt = send_piece(clinic.doctor, recording, 1, body).ok(201).body

    assert stored_pieces(clinic, recording) == {1: tone(2.5)}, "the samples alone, so that Storage can compose them"
    assert (receipt["number"], receipt["size_bytes"], receipt["duration_ms"]) == (1, len(body), 2_500)
    assert receipt["sha256"] == sha256(body).hexdigest()
    stored = bucket_of(clinic.stack, PIECES_BUCKET).get_blob(piece_name(clinic.id, session, recording, 1))
    assert receipt["generation"] == stored.generation
    assert receipt["text_status"] in ("recognised", "no_speech")
    (shown,) = audio(clinic, session)
    assert (shown["state"], shown["received"], shown["seconds"]) == ("open", [{"first": 1, "last": 1}], 2.5)


def test_the_same_piece_again_is_a_success_and_another_one_is_not(clinic: TestClinic, recording: str) -> None:
    first = send_piece(clinic.doctor, recording, 1).ok(201)

    again = send_piece(clinic.doctor, recording, 1).ok(200)

    assert again.body == first.body
    assert code(send_piece(clinic.doctor, recording, 1, piece_of(2))) == "piece_differs"
    assert len(stored_pieces(clinic, recording)) == 1


def test_any_order_with_repetitions_gives_the_same_accounting(clinic: TestClinic, session: str, recording: str) -> None:
    numbers = [*range(1, 7), *range(2, 5)]
    random.Random(19).shuffle(numbers)

    for number in numbers:
        assert send_piece(clinic.doctor, recording, number, ends="recording" if number == 6 else "").status in (
            200,
            201,
        )

    (shown,) = audio(clinic, session)
    assert (shown["received"], shown["missing"], shown["last_piece"]) == ([{"first": 1, "last": 6}], [], 6)
    assert (shown["seconds"], shown["state"]) == (12, "ended")
    listed = clinic.doctor.get(f"/sessions/{session}/audio/pieces?recording_id={recording}&page_size=4").ok().body
    assert [one["number"] for one in listed["items"]] == [1, 2, 3, 4]
    path = f"/sessions/{session}/audio/pieces?recording_id={recording}&page_size=4"
    more = clinic.doctor.get(f"{path}&page_token={listed['next_page_token']}").ok().body
    assert ([one["number"] for one in more["items"]], more["next_page_token"]) == ([5, 6], None)


def test_eight_pieces_at_once_all_succeed(clinic: TestClinic, session: str, recording: str) -> None:
    replies = at_once(8, lambda at: send_piece(clinic.doctor, recording, at + 1))

    assert statuses(replies) == {201: 8}
    assert audio(clinic, session)[0]["received"] == [{"first": 1, "last": 8}]


def test_the_same_piece_twice_at_once_is_one_piece(clinic: TestClinic, session: str, recording: str) -> None:
    replies = at_once(4, lambda _: send_piece(clinic.doctor, recording, 1))

    assert statuses(replies) == {201: 1, 200: 3}
    assert len({reply.content for reply in replies}) == 1
    assert audio(clinic, session)[0]["seconds"] == 2


def test_of_different_pieces_of_one_number_at_once_one_wins(clinic: TestClinic, recording: str) -> None:
    replies = at_once(4, lambda at: send_piece(clinic.doctor, recording, 1, piece_of(at)))

    assert statuses(replies) == {201: 1, 409: 3}
    (winner,) = [reply.body["sha256"] for reply in replies if reply.status == 201]
    assert {code(reply) for reply in replies if reply.status == 409} == {"piece_differs"}
    assert winner in [sha256(piece_of(at)).hexdigest() for at in range(4)]


def test_an_object_that_a_crash_left_is_gone_on_with(clinic: TestClinic, session: str, recording: str) -> None:
    body = piece_of(1)
    blob = bucket_of(clinic.stack, PIECES_BUCKET).blob(piece_name(clinic.id, session, recording, 1))
    blob.metadata = {"sha256": sha256(body[44:]).hexdigest()}
    blob.upload_from_string(body[44:], "application/octet-stream")

    assert code(send_piece(clinic.doctor, recording, 1, piece_of(9))) == "piece_differs"
    assert send_piece(clinic.doctor, recording, 1, body).ok(201).body["generation"] == blob.generation


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (wav(tone(1.9)), "at least 2 seconds"),
        (wav(tone(55.1)), "at most 55 seconds"),
        (wav(tone(3))[:-500], "cut off"),
        (encoded(4, "OGG", "OPUS")[:-900], "cut off"),
        (b"RIFF and no more", "audio_not_readable"),
        (wav(tone(3), bits=8), "audio_unsupported"),
        (encoded(3, "MP3", "MPEG_LAYER_III"), "audio_unsupported"),
    ],
    ids=["short", "long", "cut WAV", "cut Ogg", "no audio", "8 bits", "MP3"],
)
def test_what_is_no_piece_is_refused_and_not_stored(
    clinic: TestClinic, recording: str, body: bytes, detail: str
) -> None:
    refused = send_piece(clinic.doctor, recording, 1, body).refused(422, "invalid")

    assert detail in refused.body["errors"][0]["detail"]
    assert stored_pieces(clinic, recording) == {}


@pytest.mark.parametrize("kind", ["FLAC", "OGG"])
def test_other_formats_are_stored_as_they_are(clinic: TestClinic, recording: str, kind: str) -> None:
    body = encoded(2.5, kind, "OPUS" if kind == "OGG" else "PCM_16")

    receipt = send_piece(clinic.doctor, recording, 1, body, media_type=f"audio/{kind.lower()}").ok(201).body

    assert receipt["duration_ms"] == 2_500
    assert stored_pieces(clinic, recording) == {1: body}


def test_a_piece_that_ends_something_may_be_short(clinic: TestClinic, recording: str) -> None:
    send_piece(clinic.doctor, recording, 1, wav(tone(0.2)), ends="pause").ok(201)
    send_piece(clinic.doctor, recording, 2, wav(tone(0.1)), ends="recording").ok(201)

    assert code(send_piece(clinic.doctor, recording, 3)) == "recording_ended"


def test_a_recorder_may_say_later_which_piece_was_its_last(clinic: TestClinic, session: str, recording: str) -> None:
    send_piece(clinic.doctor, recording, 1).ok(201)

    said = send_piece(clinic.doctor, recording, 1, ends="recording").ok(200)

    assert said.body["ends"] == "recording"
    assert audio(clinic, session)[0]["last_piece"] == 1


@pytest.mark.parametrize("digest", [digest_of(b"other"), "sha-256=:x:", "md5=:x:"])
def test_a_body_that_differs_from_its_digest_is_refused(clinic: TestClinic, recording: str, digest: str) -> None:
    refused = send_piece(clinic.doctor, recording, 1, digest=digest).refused(400, "bad-request")

    assert [error["pointer"] for error in refused.body["errors"]] == ["Content-Digest"]
    assert stored_pieces(clinic, recording) == {}


def test_bounds_of_a_request(clinic: TestClinic, recording: str) -> None:
    send_piece(clinic.doctor, recording, 1, bytes(LARGEST_PIECE + 1)).refused(413, "too-large")
    send_piece(clinic.doctor, recording, 1, media_type="audio/mpeg").refused(415, "unsupported-media-type")
    for number in (0, 14_401):
        send_piece(clinic.doctor, recording, number, piece_of(1), start_ms=0).refused(422, "invalid")
    send_piece(clinic.doctor, recording, 1, seconds_ago=90_000).refused(422, "invalid")
    send_piece(clinic.doctor, recording, 1, start_ms=-1).refused(422, "invalid")


def test_a_recording_of_another_session_is_refused(clinic: TestClinic, session: str, recording: str) -> None:
    other = str(clinic.session().body["id"])

    refused = send_piece(clinic.doctor, recording, 1, session_id=other).refused(422, "invalid")

    assert [error["pointer"] for error in refused.body["errors"]] == ["recording_id"]
    send_piece(clinic.doctor, f"{session}-a7", 1).refused(422, "invalid")
    send_piece(clinic.other_doctor, recording, 1).refused(404, "not-found")
    send_piece(clinic.receptionist, recording, 1).refused(403, "forbidden")


def test_a_recorder_goes_on_after_a_reload(clinic: TestClinic, session: str, recording: str) -> None:
    assert opened(clinic.doctor, session).ok(200).body["id"] == recording
    assert opened(clinic.doctor, session, content_type="text/plain").refused(422, "invalid")


def test_a_second_recorder_is_refused_or_takes_over(clinic: TestClinic, session: str, recording: str) -> None:
    send_piece(clinic.doctor, recording, 1, seconds_ago=60).ok(201)

    refused = opened(clinic.doctor, session, "recorder-2").refused(409, "another-recorder").body
    assert (refused["code"], refused["recorder"]["recording_id"]) == ("another_recorder", recording)
    second = str(opened(clinic.doctor, session, "recorder-2", take_over=True).ok(201).body["id"])

    send_piece(clinic.doctor, second, 1).ok(201)
    send_piece(clinic.doctor, recording, 2, seconds_ago=30).ok(201)
    assert code(send_piece(clinic.doctor, recording, 3)) == "taken_over"
    assert [one["state"] for one in audio(clinic, session)] == ["taken_over", "open"]
    opened(clinic.doctor, session).refused(409, "another-recorder")


def test_two_recorders_at_once_never_share_a_recording(clinic: TestClinic, session: str) -> None:
    replies = at_once(4, lambda at: opened(clinic.doctor, session, f"recorder-{at}"))

    assert statuses(replies) == {201: 1, 409: 3}


def test_pieces_of_a_pause_are_refused_unless_the_clinic_wants_them(own_clinic: TestClinic) -> None:
    session = own_clinic.session()
    recording = str(opened(own_clinic.doctor, session.body["id"]).ok(201).body["id"])
    path = f"/sessions/{session.body['id']}"
    own_clinic.doctor.send("PATCH", path, {"status": "paused"}, etag=own_clinic.doctor.get(path).etag).ok()

    assert code(send_piece(own_clinic.doctor, recording, 1)) == "session_paused"
    send_piece(own_clinic.doctor, recording, 1, seconds_ago=30).ok(201)
    set_clinic(own_clinic, pieces_in_pauses="accept")
    send_piece(own_clinic.doctor, recording, 2).ok(201)


def test_a_cancelled_session_takes_no_piece(clinic: TestClinic, session: str, recording: str) -> None:
    path = f"/sessions/{session}"
    clinic.doctor.delete(path, etag=clinic.doctor.get(path).etag).ok()

    assert code(send_piece(clinic.doctor, recording, 1)) == "session_cancelled"
    assert code(opened(clinic.doctor, session)) == "session_cancelled"


@pytest.mark.parametrize(
    ("status", "expected"),
    [("received", "recording_joined"), ("deleted", "recording_deleted"), ("expired", "recording_closed")],
)
def test_a_recording_that_is_over_takes_no_new_piece(
    clinic: TestClinic, session: str, recording: str, status: str, expected: str
) -> None:
    first = send_piece(clinic.doctor, recording, 1).ok(201)
    alter(clinic, f"sessions/{session}/recordings/{recording}", {"status": status})

    assert code(send_piece(clinic.doctor, recording, 2)) == expected
    assert send_piece(clinic.doctor, recording, 1).ok(200).body == first.body, "a receipt is never taken back"


def test_without_consent_nothing_is_recorded(clinic: TestClinic) -> None:
    patient = clinic.silent_patient().body["id"]
    session = clinic.start({"patient_id": patient, "type": "followup"}).ok(201).body["id"]
    opened(clinic.doctor, session).refused(403, "consent-missing")
    consent = consent_to(clinic.doctor, patient).body["consents"][0]["id"]
    recording = str(opened(clinic.doctor, session).ok(201).body["id"])
    send_piece(clinic.doctor, recording, 1).ok(201)

    withdrawal = {"requested_by": "patient"}
    clinic.doctor.post(f"/patients/{patient}/consents/{consent}/withdraw", withdrawal).ok()
    mark = clinic.stack.recorder.mark()
    refused = send_piece(clinic.doctor, recording, 2)

    assert refused.status in (403, 409)
    assert not [call for call in clinic.stack.recorder.calls(mark) if call.service in ("speech", "storage")]
    assert list(stored_pieces(clinic, recording)) == [1]


def test_completing_waits_for_every_piece(clinic: TestClinic, session: str, recording: str) -> None:
    path = f"/sessions/{session}"
    send_piece(clinic.doctor, recording, 1).ok(201)
    send_piece(clinic.doctor, recording, 4).ok(201)

    def complete() -> Reply:
        return clinic.doctor.post(f"{path}/complete", {}, key="", etag=clinic.doctor.get(path).etag)

    refused = complete().refused(409, "audio-missing").body
    assert refused["missing_audio"] == [
        {"recording_id": recording, "numbers": [{"first": 2, "last": 3}], "end_unknown": True}
    ]
    lost = {"recording_id": recording, "numbers": [2], "end_after": 4, "reason": "the battery was empty"}
    clinic.doctor.post(f"{path}/audio/lost", lost).ok()
    assert complete().refused(409, "audio-missing").body["missing_audio"][0]["numbers"] == [{"first": 3, "last": 3}]
    send_piece(clinic.doctor, recording, 3).ok(201)

    with support.paused(clinic.stack, "transcriptions"):  # the join follows the completion at once
        complete().ok()

        (shown,) = audio(clinic, session)
        assert (shown["lost"], shown["losses"][0]["reason"]) == ([{"first": 2, "last": 2}], "the battery was empty")  # type: ignore[index]
        send_piece(clinic.doctor, recording, 2, seconds_ago=5).ok(201)
        assert audio(clinic, session)[0]["lost"] == []
    assert code(opened(clinic.doctor, session, "recorder-2", take_over=True)) == "session_state"


def test_an_empty_live_recording_lets_the_session_end(clinic: TestClinic, session: str, recording: str) -> None:
    path = f"/sessions/{session}"

    clinic.doctor.post(f"{path}/complete", {}, key="", etag=clinic.doctor.get(path).etag).ok()

    assert audio(clinic, session)[0]["recording_id"] == recording


def test_only_the_doctor_of_the_visit_declares_audio_lost(clinic: TestClinic, session: str, recording: str) -> None:
    send_piece(clinic.doctor, recording, 2).ok(201)
    lost = {"recording_id": recording, "numbers": [1], "reason": "dropped"}

    clinic.admin.post(f"/sessions/{session}/audio/lost", lost).refused(403, "forbidden")
    clinic.doctor.post(f"/sessions/{session}/audio/lost", {**lost, "numbers": [2]}).refused(422, "invalid")
    clinic.doctor.post(f"/sessions/{session}/audio/lost", {**lost, "recording_id": f"{session}-a9"}).refused(
        404, "not-found"
    )


def test_a_session_without_live_audio_has_none(clinic: TestClinic, session: str) -> None:
    assert audio(clinic, session) == []
    clinic.doctor.get(f"/sessions/{session}/audio/pieces").refused(404, "none-yet")


def test_the_log_says_why_a_request_of_a_recorder_was_refused(clinic: TestClinic, session: str, recording: str) -> None:
    def reasons(send: Callable[[], Reply]) -> list[str | None]:
        log = clinic.stack.logs / "live_audio.log"
        before = len(log.read_text().splitlines())
        send()
        lines = map(json.loads, log.read_text().splitlines()[before:])
        return [line.get("reason") for line in lines if line["message"] == "request"]

    assert reasons(lambda: send_piece(clinic.doctor, recording, 1)) == [None]
    assert reasons(lambda: send_piece(clinic.doctor, recording, 1, piece_of(2))) == ["piece_differs"]
    assert reasons(lambda: send_piece(clinic.doctor, recording, 2, wav(tone(1)))) == ["invalid"]
    assert reasons(lambda: send_piece(clinic.receptionist, recording, 2)) == ["forbidden"]
    assert reasons(lambda: opened(clinic.doctor, session, "recorder-2")) == ["another_recorder"]


def test_call_counts_of_a_piece(clinic: TestClinic, recording: str) -> None:
    send_piece(clinic.doctor, recording, 1).ok(201)

    new = calls_during(clinic, "live_audio", lambda: send_piece(clinic.doctor, recording, 2).ok(201))
    again = calls_during(clinic, "live_audio", lambda: send_piece(clinic.doctor, recording, 2).ok(200))

    # Three more of the commit are conditions: consents, session and recording are unchanged.
    assert new == [reads(10), STORE, HEAR, commit(3 + 3)]
    assert again == [reads(10), commit(1)]


def test_times_of_captured_pieces_are_kept(clinic: TestClinic, recording: str) -> None:
    receipt = send_piece(clinic.doctor, recording, 1, seconds_ago=3_600).ok(201).body

    captured = datetime.fromisoformat(receipt["captured_at"])
    assert timedelta(seconds=3_590) < datetime.now(UTC) - captured < timedelta(seconds=3_700)
