"""Voices and channels of a recognition result."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.gateways.speech_result import Heard, parse
from shared.records.visits.segments import segments_of
from shared.records.visits.speech import Speaker

BOTH = [Speaker.PRACTITIONER, Speaker.PATIENT]
ALONE = [Speaker.UNKNOWN]


def result(*spoken: tuple[str, str | None], start: int = 0, **more: Any) -> dict[str, Any]:
    """A result with one word a second, each with a label."""
    words = [
        {
            "word": word,
            "startOffset": f"{start + at}s",
            "endOffset": f"{start + at}.5s",
            **({"speakerLabel": label} if label else {}),
        }
        for at, (word, label) in enumerate(spoken)
    ]
    end = f"{start + len(spoken)}s"
    return {"alternatives": [{"words": words}], "resultEndOffset": end, **more}


def heard(*results: dict[str, Any], billed: int | None = None, channels: list[Speaker], **known: Any) -> Heard:
    metadata = {} if billed is None else {"metadata": {"totalBilledDuration": f"{billed}s"}}
    return parse(json.dumps({"results": results, **metadata}).encode(), channels, **known)


def turns(found: Heard) -> list[tuple[str | None, str]]:
    return [(one.voice, " ".join(word.text for word in one.words)) for one in found.utterances]


def said(text: str, label: str | None = None) -> list[tuple[str, str | None]]:
    return [(word, label) for word in text.split()]


def test_a_result_is_split_into_the_turns_of_its_voices() -> None:
    found = heard(result(*said("How are you?", "2"), *said("Bad.", "1"), *said("Since when?", "2")), channels=ALONE)

    assert turns(found) == [("2", "How are you?"), ("1", "Bad."), ("2", "Since when?")]
    assert [(one.voice, one.speaker) for one in segments_of(found.utterances)] == [
        (1, Speaker.UNKNOWN),
        (2, Speaker.UNKNOWN),
        (1, Speaker.UNKNOWN),
    ]


def test_a_last_result_that_repeats_all_words_with_labels_counts_alone() -> None:
    first, second = result(*said("How are you?")), result(*said("Bad."), start=3)
    labelled = result(*said("How are you?", "1"), *said("Bad.", "2"))

    assert turns(heard(first, second, labelled, channels=ALONE)) == [("1", "How are you?"), ("2", "Bad.")]
    other = result(*said("Well,", "1"), start=4)
    assert [text for _, text in turns(heard(first, second, other, channels=ALONE))] == ["How are you?", "Bad.", "Well,"]


@pytest.mark.parametrize("label", [None, "", 7, ["1"], True])
def test_a_label_that_is_no_text_is_no_voice(label: Any) -> None:
    spoken = result(("Hello.", None))
    spoken["alternatives"][0]["words"][0]["speakerLabel"] = label

    assert turns(heard(spoken, channels=ALONE)) == [(None, "Hello.")]


def test_text_that_only_the_transcript_has_is_said_by_the_voice_before() -> None:
    spoken = result(*said("take", "1"), *said("tablets.", "2"))
    spoken["alternatives"][0]["transcript"] = "Take two tablets. Daily."

    assert turns(heard(spoken, channels=ALONE)) == [("1", "take two"), ("2", "tablets. Daily.")]


def test_a_stereo_file_of_a_session_without_channels_has_a_voice_a_channel_and_loses_nobody() -> None:
    asked, told = result(*said("How are you?"), channelTag=1), result(*said("Bad."), channelTag=2, start=4)

    found = heard(asked, told, billed=10, channels=ALONE)

    assert [(one.voice, one.text) for one in segments_of(found.utterances)] == [(1, "How are you?"), (2, "Bad.")]
    assert found.audio_seconds == 5


def test_a_mono_file_of_a_session_with_two_channels_is_one_channel_of_unknown_speakers() -> None:
    spoken = result(*said("What brings you here? My head hurts. Since when?"), channelTag=1)

    found = heard(spoken, billed=9, channels=BOTH)

    assert [(one.speaker, one.voice) for one in found.utterances] == [(Speaker.UNKNOWN, None)]
    assert found.audio_seconds == 9


def test_a_silent_second_channel_is_no_mono_file() -> None:
    found = heard(result(*said("Well, then."), channelTag=1), billed=8, channels=BOTH)

    assert [one.speaker for one in found.utterances] == [Speaker.PRACTITIONER]
    assert found.audio_seconds == 4


@pytest.mark.parametrize(
    ("file_channels", "speaker", "seconds"), [(1, Speaker.UNKNOWN, 8), (2, Speaker.PRACTITIONER, 4)]
)
def test_the_channels_of_the_file_decide_where_they_are_known(
    file_channels: int, speaker: Speaker, seconds: int
) -> None:
    spoken = result(*said("Well, then."), channelTag=1)

    found = heard(spoken, billed=8, channels=BOTH, file_channels=file_channels)

    assert ([one.speaker for one in found.utterances], found.audio_seconds) == ([speaker], seconds)


@pytest.mark.parametrize("channels", [ALONE, BOTH])
def test_a_stereo_file_of_one_microphone_is_heard_once(channels: list[Speaker]) -> None:
    text = " ".join(f"word{at}" for at in range(60))
    left, right = result(*said(text), channelTag=1), result(*said(text.replace("word7 ", "")), channelTag=2)

    found = heard(left, right, billed=120, channels=channels)

    assert [(one.speaker, one.voice) for one in found.utterances] == [(Speaker.UNKNOWN, None)]
    assert " ".join(word.text for word in found.utterances[0].words) == text
    assert found.audio_seconds == 60


def test_a_voice_in_the_background_of_the_other_channel_makes_no_copy() -> None:
    asked = " ".join(f"word{at}" for at in range(60))
    told = " ".join(f"answer{at}" for at in range(12))
    left, right = result(*said(asked), channelTag=1), result(*said(f"{asked} {told}"), channelTag=2)

    found = heard(left, right, billed=144, channels=BOTH)

    assert [one.speaker for one in found.utterances] == BOTH


def test_values_of_a_model_that_are_no_confidences_are_unknown() -> None:
    spoken = result(("Hello.", None))
    spoken["alternatives"][0]["confidence"] = 0.2

    (segment,) = segments_of(heard(spoken, channels=ALONE, confidences=False).utterances)

    assert (segment.confidence, segment.uncertain_words, segment.word_confidences) == (None, [], [])
