"""A transcription's lifecycle: attempts, results, failures and retries."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.problems import Conflict
from shared.records.record import Stamp
from shared.records.visits.audio_parts import AudioPart
from shared.records.visits.segment import Segment
from shared.records.visits.segments import Utterance, Word, segments_of
from shared.records.visits.speech import Speaker, TranscriptionSettings
from shared.records.visits.transcript_part import BYTES_A_PART, SEGMENTS_A_PART, TranscriptPart, part_id, parts_of
from shared.records.visits.transcription import Transcription, TranscriptionStatus
from tests.support.factories import after, segment, transcription

Status = TranscriptionStatus
LATER = after(minutes=2)
MOVES: dict[str, Callable[[Transcription], Transcription]] = {
    "begin": lambda one: one.begun(Stamp("system", LATER), ["operations/1"]),
    "attempt again": lambda one: one.attempted_again(Stamp("system", LATER)),
    "hear": lambda one: one.heard([segment()], Stamp("system", LATER), audio_seconds=3.0),
    "hear nothing": lambda one: one.heard([], Stamp("system", LATER), audio_seconds=3.0),
    "fail": lambda one: one.failed("speech_quota", Stamp("system", LATER)),
    "retry": lambda one: one.retried(Stamp("doctor-1", LATER)),
}
WAITING = {
    "begin": Status.PROCESSING,
    "attempt again": Status.PENDING,
    "hear": Status.COMPLETED,
    "hear nothing": Status.NO_SPEECH,
    "fail": Status.FAILED,
}
LEGAL = {
    Status.PENDING: WAITING,
    Status.PROCESSING: WAITING,
    Status.COMPLETED: {},
    Status.NO_SPEECH: {"retry": Status.PENDING},
    Status.FAILED: {"retry": Status.PENDING},
}


def _heard(*segments: Segment) -> Transcription:
    return transcription().heard(list(segments), Stamp("system", LATER), audio_seconds=3.0)


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("status", Status)
def test_only_legal_moves_are_made_and_others_conflict(status: Status, move: str) -> None:
    one = transcription(status=status)

    if move in LEGAL[status]:
        assert MOVES[move](one).status == LEGAL[status][move]
    else:
        with pytest.raises(Conflict):
            MOVES[move](one)


@given(st.lists(st.sampled_from(sorted(MOVES)), max_size=15))
def test_no_attempt_number_is_ever_used_twice(course: list[str]) -> None:
    one = transcription()
    calls = [one.attempt]

    for move in course:
        if move not in LEGAL[one.status]:
            continue
        one = MOVES[move](one)
        if move in ("attempt again", "retry"):
            calls.append(one.attempt)

    assert len(set(calls)) == len(calls)


@given(st.lists(st.sampled_from(sorted(MOVES)), max_size=15))
def test_a_completed_transcription_stays_as_it_is(course: list[str]) -> None:
    done = MOVES["hear"](transcription())

    for move in course:
        with pytest.raises(Conflict):
            MOVES[move](done)

    assert not done.waiting


def test_a_new_attempt_forgets_the_operation_of_the_one_before() -> None:
    begun = MOVES["begin"](transcription())

    again = MOVES["attempt again"](begun)

    assert (begun.operation_name, again.operation_name) == ("operations/1", None)
    assert (again.attempt, again.retry_count) == (2, 0)


def test_a_retry_counts_and_clears_what_failed() -> None:
    failed = MOVES["fail"](MOVES["begin"](transcription()))

    retried = MOVES["retry"](failed)

    assert failed.error_code == "speech_quota"
    assert (retried.error_code, retried.operation_name) == (None, None)
    assert (retried.attempt, retried.retry_count, retried.requested_at) == (2, 1, LATER)


def test_a_result_is_measured_by_its_words() -> None:
    segments = [segment(1, "five words in this one", confidence=0.9), segment(2, "one", confidence=0.3)]
    begun = transcription().begun(Stamp("system", after(seconds=10)), ["operations/1"])

    heard = begun.heard(segments, Stamp("system", after(seconds=40)), audio_seconds=12.5)

    assert (heard.word_count, heard.character_count) == (6, 25)
    assert heard.confidence_score == pytest.approx((5 * 0.9 + 1 * 0.3) / 6, abs=1e-4)
    assert (heard.processing_duration_seconds, heard.audio_duration_seconds) == (30, 12.5)


def test_an_unknown_confidence_is_left_out_of_the_measures() -> None:
    known, unknown = segment(1, "five words in this one", confidence=0.9), segment(2, "one", confidence=None)

    assert _heard(known, unknown).confidence_score == 0.9
    assert _heard(unknown).confidence_score is None


def test_long_segments_are_spread_over_more_documents() -> None:
    segments = [segment(number, "\u0915" * 9_000) for number in range(1, 101)]

    parts = parts_of(segments)

    assert [one for part in parts for one in part] == segments
    assert max(sum(len(one.text.encode()) for one in part) for part in parts) <= BYTES_A_PART


def test_a_recording_without_speech_has_no_measures_and_no_parts() -> None:
    silent = MOVES["hear nothing"](transcription())

    assert (silent.word_count, silent.confidence_score, silent.part_ids()) == (None, None, [])


@pytest.mark.parametrize("count", [0, 1, SEGMENTS_A_PART, SEGMENTS_A_PART + 1, 2 * SEGMENTS_A_PART])
def test_segments_are_spread_over_documents_without_loss(count: int) -> None:
    segments = [segment(number) for number in range(1, count + 1)]

    parts = parts_of(segments)

    assert [one for part in parts for one in part] == segments
    assert all(0 < len(part) <= SEGMENTS_A_PART for part in parts)
    assert len(transcription(parts=len(parts)).part_ids()) == len(parts)


def test_parts_lie_below_their_transcription() -> None:
    one = transcription()

    assert TranscriptPart.path_of(part_id(one.id, 12)) == f"transcriptions/{one.id}/bodies/12"


@pytest.mark.parametrize(
    "word", ["sleeping", "\u0938\u094b\u0928\u093e", "\u7720\u308c\u307e\u305b\u3093", "\U0001d49c" * 6]
)
def test_three_hours_of_speech_in_any_script_are_a_few_documents(word: str) -> None:
    words = tuple(Word(f"{word}." if at % 10 == 9 else word, at * 400, at * 400 + 300, 0.87) for at in range(27_000))

    parts = parts_of(segments_of([Utterance(Speaker.UNKNOWN, words, "1")]))

    assert len(parts) <= 3
    assert all(sum(len(one.model_dump_json().encode()) + 1 for one in part) <= BYTES_A_PART for part in parts)


# Parts


def test_a_long_or_undecoded_recording_needs_parts_until_they_are_stored() -> None:
    short, stamp = transcription(audio_duration_seconds=1_200.0), Stamp("system", LATER)
    long = transcription(audio_duration_seconds=1_200.1)
    parts = [AudioPart(start_ms=0, end_ms=700_000), AudioPart(start_ms=680_000, end_ms=1_200_150)]

    planned = long.cut_into(parts, stamp)
    stored = planned.attempted_again(stamp, parts_stored=True)

    assert [one.needs_parts(1_200_000) for one in (short, long, planned, stored)] == [False, True, True, False]
    assert stored.needs_parts(600_000), "a model that takes less needs other parts"
    assert transcription(needs_conversion=True).needs_parts(1_200_000)
    assert not transcription(audio_duration_seconds=None).needs_parts(1_200_000)


def test_a_new_run_makes_its_parts_again() -> None:
    stamp = Stamp("system", LATER)
    parts = [AudioPart(start_ms=0, end_ms=700_000)]
    cut = transcription(needs_conversion=True).cut_into(parts, stamp).attempted_again(stamp, parts_stored=True)
    failed = cut.failed("speech_error", stamp)

    again, other = failed.retried(stamp), failed.made_again("s1-t1v2", stamp, TranscriptionSettings())

    assert [(one.audio_parts, one.parts_stored, one.needs_conversion) for one in (again, other)] == [
        ([], False, True),
        ([], False, True),
    ]


def test_operations_are_those_that_were_begun() -> None:
    stamp = Stamp("system", LATER)
    begun = transcription().begun(stamp, ["operations/1", "operations/2"])

    assert (transcription().operations, begun.operations) == ([], ["operations/1", "operations/2"])
    assert begun.attempted_again(stamp).operations == []
