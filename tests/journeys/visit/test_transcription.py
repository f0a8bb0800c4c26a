"""The transcription of the recording."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from local.demo.wer import word_error_rate
from local.samples import load
from tests.support.journey import Journey


def test_transcription_has_the_spoken_text(journey: Journey) -> None:
    sample, transcription = load("follow_up_visit"), journey.body("read transcription")

    assert transcription["status"] == "completed"
    assert word_error_rate(sample.reference_text, transcription["transcript_text"]) < 0.15
    assert transcription["audio_duration_seconds"] == pytest.approx(sample.turns[-1].end, abs=2)
    assert transcription["word_count"] == len(transcription["transcript_text"].split())
    assert 0.5 < transcription["confidence_score"] <= 1


def test_transcript_of_the_visit_is_that_of_its_only_recording(journey: Journey) -> None:
    transcription, visit = journey.body("read transcription"), journey.body("read transcription of session")

    [source] = visit["sources"]
    assert (source["transcription_id"], source["segments"]) == (transcription["id"], len(transcription["segments"]))
    assert transcription["transcript_text"] == visit["transcript_text"]
    assert transcription["languages_heard"] == [transcription["language"]]
    spelled = {"language": transcription["language"]}
    assert all(
        own | spelled == {name: of_visit[name] for name in own} for own, of_visit in _pairs(transcription, visit)
    )
    assert {segment["recording_id"] for segment in visit["segments"]} == {transcription["recording_id"]}


def test_segments_are_in_spoken_order_with_their_confidence(journey: Journey) -> None:
    segments = journey.body("read transcription")["segments"]

    starts = [segment["start_ms"] for segment in segments]
    assert [segment["number"] for segment in segments] == list(range(1, len(segments) + 1))
    assert starts == sorted(starts)
    assert all(segment["start_ms"] < segment["end_ms"] and 0 < segment["confidence"] <= 1 for segment in segments)


def _pairs(transcription: Any, visit: Any) -> Iterator[tuple[Any, Any]]:
    """Each segment of the transcription with that of the visit."""
    return zip(transcription["segments"], visit["segments"], strict=True)


@pytest.mark.parametrize(("speaker", "label"), [("doctor", "practitioner"), ("patient", "patient")])
def test_each_speaker_is_transcribed_from_their_own_channel(journey: Journey, speaker: str, label: str) -> None:
    spoken = " ".join(turn.text for turn in load("follow_up_visit").turns if turn.speaker == speaker)

    transcribed = " ".join(s["text"] for s in journey.body("read transcription")["segments"] if s["speaker"] == label)

    assert word_error_rate(spoken, transcribed) < 0.2
