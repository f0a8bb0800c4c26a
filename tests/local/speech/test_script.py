"""What real engines give and the local one never would, read by the product's parser."""

from __future__ import annotations

from typing import Any

import pytest
from google.cloud.speech_v2.types import cloud_speech

from local.services.speech import results
from local.services.speech.script import Change, Script
from local.services.speech.transcript import Transcript, Word
from shared.gateways.speech_result import Heard, parse
from shared.records.visits.roles import with_roles
from shared.records.visits.segment import Segment
from shared.records.visits.segments import segments_of
from shared.records.visits.speech import Speaker
from tests.local.speech.requests import recognition_config

BOTH = [Speaker.PRACTITIONER, Speaker.PATIENT]
ASKED = "How are you sleeping? Do you wake up at night?"
TOLD = "I have slept badly since May, and my head hurts."


def spoken(text: str, start: float) -> tuple[Word, ...]:
    return tuple(Word(word, start + at / 2, start + at / 2 + 0.4, 0.9) for at, word in enumerate(text.split()))


VISIT = Transcript((spoken(ASKED, 0), spoken(TOLD, 10)), 20.0)


def written(change: Change) -> bytes:
    batch = results.batch_results(VISIT, recognition_config())
    batch.results = change.apply(list(batch.results))
    return results.as_json(batch)


def read(change: Change, channels: list[Speaker] | None = None) -> Heard:
    return parse(written(change), channels or BOTH)


def segments(change: Change) -> list[Segment]:
    return segments_of(read(change).utterances)


@pytest.mark.parametrize(
    "change",
    [
        Change(),
        Change(words=False),
        Change(confidences=False),
        Change(word_times=False),
        Change(result_times=False),
        Change(reversed=True),
        Change(words=False, confidences=False, reversed=True),
    ],
    ids=str,
)
def test_whatever_a_result_lacks_every_word_is_kept_with_its_speaker_and_order(change: Change) -> None:
    found = segments(change)

    said = [" ".join(one.text for one in found if one.speaker == speaker) for speaker in BOTH]
    assert said == [ASKED, TOLD]
    assert found[0].speaker == Speaker.PRACTITIONER


def test_without_words_the_ends_of_results_are_the_times() -> None:
    found = segments(Change(words=False))

    assert (found[0].start_ms, found[-1].end_ms) == (0, 14_900)


def test_without_confidences_nothing_is_uncertain() -> None:
    assert {(one.confidence, tuple(one.uncertain_words)) for one in segments(Change(confidences=False))} == {(None, ())}


def test_an_empty_result_is_silence() -> None:
    assert read(Change(empty=True)) == Heard([], audio_seconds=20.0)


@pytest.mark.parametrize("labels", [("1", "2"), ("2", "1"), ("speaker_b", "speaker_a")])
def test_voices_of_one_channel_have_their_roles_whatever_their_labels(labels: tuple[str, str]) -> None:
    heard = read(Change(labels=labels), [Speaker.UNKNOWN])

    named, confidence = with_roles(segments_of(heard.utterances), "en-IN")

    assert [one.speaker for one in named] == [Speaker.PRACTITIONER, Speaker.PRACTITIONER, Speaker.PATIENT]
    assert confidence is not None


def test_changes_are_used_in_order_and_once() -> None:
    script = Script()
    script.plant(Change(empty=True), Change(error_code=8))

    assert [script.next() for _ in range(3)] == [Change(empty=True), Change(error_code=8), Change()]


def test_a_change_of_nothing_leaves_the_message_as_it_is() -> None:
    def message(change: Change) -> Any:
        return cloud_speech.BatchRecognizeResults.from_json(written(change))

    assert message(Change()) == results.batch_results(VISIT, recognition_config())


def test_planted_languages_are_those_of_the_results() -> None:
    content = written(Change(languages=("hi-in", "en-in")))

    found = segments_of(parse(content, BOTH, languages=["en-IN", "hi-IN"]).utterances, "en-IN")

    assert [one.language for one in found] == ["hi-IN", "hi-IN", None]
