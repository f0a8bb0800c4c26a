"""Several recordings are one transcript."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.problems import Conflict
from shared.records.record import session_of
from shared.records.visits.ids import recording_of_transcription, take_number, take_of
from shared.records.visits.speech import TranscriptionSettings
from shared.records.visits.transcription import TranscriptionStatus
from shared.records.visits.visit_transcript import (
    Heard,
    audio_of,
    completed,
    joined,
    measures_of,
    newest_takes,
    sources_of,
)
from tests.support.factories import BY_DOCTOR, segment, transcription

TEXTS = st.lists(st.lists(st.text("abc", min_size=1, max_size=5), max_size=5), max_size=5)


def heard(texts: list[list[str]]) -> list[Heard]:
    """One transcription a recording, with a segment a text."""
    return [
        Heard(
            transcription(count=count),
            [segment(number, text) for number, text in enumerate(said, start=1)],
        )
        for count, said in enumerate(texts, start=1)
    ]


@given(TEXTS)
def test_every_segment_has_one_number_in_the_visit_and_its_place_in_its_recording(texts: list[list[str]]) -> None:
    visit = joined(heard(texts))
    sources = sources_of(heard(texts))

    assert [one.text for one in visit] == [text for said in texts for text in said]
    assert [one.number for one in visit] == list(range(1, len(visit) + 1))
    for source, said in zip(sources, texts, strict=True):
        own = visit[source.first_segment - 1 :][: source.segments]
        assert [one.text for one in own] == said
        assert {one.recording_id for one in own} <= {source.recording_id}
        assert [one.start_ms for one in own] == [segment(n).start_ms for n in range(1, len(said) + 1)]


def test_one_recording_is_numbered_as_its_transcription() -> None:
    one = heard([["Good morning.", "I sleep badly."]])

    assert [part.number for part in joined(one)] == [part.number for part in one[0].segments]


def test_only_completed_transcriptions_are_heard() -> None:
    states = [transcription(status=status) for status in TranscriptionStatus]

    assert [one.status for one in completed(states)] == [TranscriptionStatus.COMPLETED]


def test_durations_add_up_and_a_silent_recording_does_not_lower_the_quality() -> None:
    spoken = transcription(audio_duration_seconds=12.0, confidence_score=0.95, word_count=20)
    silent = transcription(audio_duration_seconds=3.0, status="no_speech")

    assert audio_of([spoken, silent]) == {"audio_duration_seconds": 15.0, "audio_quality_score": 0.95}


def test_quality_is_weighted_by_words_and_unknown_without_confidences() -> None:
    long = transcription(confidence_score=0.9, word_count=30)
    short = transcription(confidence_score=0.5, word_count=10)
    unknown = transcription(word_count=100)

    assert audio_of([long, short, unknown]) == {"audio_duration_seconds": None, "audio_quality_score": 0.8}
    assert audio_of([unknown])["audio_quality_score"] is None
    assert measures_of([long, short, unknown])["word_count"] == 140


def test_newest_take_with_speech_counts_for_its_recording() -> None:
    first, second = (transcription(count=count, status="completed") for count in (1, 2))
    silent = first.model_copy(update={"id": take_of(first.id, 2), "status": "no_speech"})
    better = first.model_copy(update={"id": take_of(first.id, 3)})

    assert newest_takes([first, second, silent]) == [first, second]
    assert newest_takes([first, second, silent, better]) == [better, second]
    assert newest_takes([silent, first]) == [first]


def test_ids_of_takes_name_their_recording() -> None:
    takes = [take_of("patient-visit-t12", 2), take_of("patient-visit-t12v2", 3)]

    assert takes == ["patient-visit-t12v2", "patient-visit-t12v3"]
    assert {recording_of_transcription(one) for one in takes} == {"patient-visit-a12"}
    assert [take_number(one) for one in ["patient-visit-t12", *takes]] == [1, 2, 3]
    assert all(session_of(one) == "patient-visit" for one in takes)


def test_transcription_is_made_again_with_other_settings_from_the_same_recording() -> None:
    before = transcription(status="completed", text_version=3, word_count=7, attempt=2)

    made = before.made_again(take_of(before.id, 2), BY_DOCTOR, TranscriptionSettings(language="hi-IN"))

    assert (made.status, made.language, made.recording_id) == ("pending", "hi-IN", before.recording_id)
    assert (made.text_version, made.word_count, made.attempt, made.channels) == (1, None, 1, [])


@pytest.mark.parametrize("state", [{"status": "processing"}, {"status": "failed", "error_code": "session_cancelled"}])
def test_transcription_that_runs_or_ended_for_good_is_not_made_again(state: dict[str, str]) -> None:
    with pytest.raises(Conflict):
        transcription(**state).made_again("patient-visit-t1v2", BY_DOCTOR, TranscriptionSettings())
