"""The JSON that Speech-to-Text v2 writes, in valid and invalid forms."""

from __future__ import annotations

import json
from typing import Any

import pytest
from google.cloud.speech_v2.types import cloud_speech
from hypothesis import given
from hypothesis import strategies as st

from shared.gateways.speech_result import Heard, UnreadableResult, parse
from shared.records.visits.segments import Utterance, Word
from shared.records.visits.speech import Speaker

BOTH = [Speaker.PRACTITIONER, Speaker.PATIENT]
AS_WRITTEN: dict[str, Any] = {
    "results": [
        {
            "alternatives": [
                {
                    "transcript": "Good morning.",
                    "confidence": 0.93,
                    "words": [
                        {"word": "Good", "endOffset": "0.400s", "confidence": 0.97},
                        {"word": "morning.", "startOffset": "0.400s", "endOffset": "1s", "confidence": 0.89},
                    ],
                },
                {"transcript": "Good mourning.", "words": [{"word": "Good"}, {"word": "mourning."}]},
            ],
            "channelTag": 1,
            "resultEndOffset": "1.200s",
            "languageCode": "en-in",
        },
        {
            "alternatives": [
                {"confidence": 0.5, "words": [{"word": "Hello.", "startOffset": "1.300s", "endOffset": "61.050s"}]}
            ],
            "channelTag": 2,
            "resultEndOffset": "61.100s",
        },
    ],
    "metadata": {"totalBilledDuration": "124s"},
}


def read(message: object, channels: list[Speaker] | None = None) -> Heard:
    return parse(json.dumps(message).encode(), channels or BOTH)


def one_result(**result: Any) -> dict[str, Any]:
    spoken = {"alternatives": [{"words": [{"word": "Hello."}]}]}
    return {"results": [{**spoken, **result}]}


def test_a_result_is_read_word_by_word_with_its_speakers() -> None:
    heard = read(AS_WRITTEN)

    assert heard.utterances == [
        Utterance(
            Speaker.PRACTITIONER,
            (Word("Good", 0, 400, 0.97), Word("morning.", 400, 1000, 0.89)),
            channel=1,
            language="en-in",
        ),
        Utterance(Speaker.PATIENT, (Word("Hello.", 1300, 61_050, 0.5),), channel=2),
    ]


def test_the_clients_own_rendering_of_a_message_is_read() -> None:
    alternative = {"confidence": 0.75, "words": [{"word": "Hello.", "end_offset": "1.5s", "confidence": 0.5}]}
    result = {"alternatives": [alternative], "channel_tag": 2, "result_end_offset": "2s"}
    message = cloud_speech.BatchRecognizeResults(results=[result], metadata={"total_billed_duration": "4s"})

    heard = parse(cloud_speech.BatchRecognizeResults.to_json(message).encode(), BOTH)

    hello = Utterance(Speaker.PATIENT, (Word("Hello.", 0, 1500, 0.5),), channel=2)
    assert heard == Heard([hello], audio_seconds=2.0)


def test_offsets_that_are_zero_are_left_out_and_still_zero() -> None:
    (utterance,) = read(one_result()).utterances

    assert (utterance.words[0].start_ms, utterance.words[0].end_ms) == (0, 0)


def test_a_word_without_a_confidence_of_its_own_has_that_of_its_result() -> None:
    alternative = {"confidence": 0.7, "words": [{"word": "a"}, {"word": "b", "confidence": 0.2}]}

    (utterance,) = read({"results": [{"alternatives": [alternative]}]}).utterances

    assert [word.confidence for word in utterance.words] == [0.7, 0.2]


@pytest.mark.parametrize(
    ("channels", "tag", "speaker"),
    [
        (BOTH, 1, Speaker.PRACTITIONER),
        (BOTH, 2, Speaker.PATIENT),
        (BOTH, 0, Speaker.UNKNOWN),
        (BOTH, 3, Speaker.UNKNOWN),
        (BOTH, -1, Speaker.UNKNOWN),
        (BOTH, None, Speaker.UNKNOWN),
        (BOTH, "left", Speaker.UNKNOWN),
        (BOTH, 1e300, Speaker.UNKNOWN),
        (BOTH, True, Speaker.UNKNOWN),
        ([Speaker.PATIENT], 1, Speaker.UNKNOWN),
    ],
)
def test_a_channel_tag_names_the_speaker_where_there_are_several(
    channels: list[Speaker], tag: object, speaker: Speaker
) -> None:
    tagged = {} if tag is None else {"channelTag": tag}

    assert read(one_result(**tagged), channels).utterances[0].speaker == speaker


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"results": []},
        {"results": [{}]},
        {"results": [{"alternatives": []}]},
        {"results": [{"alternatives": [{}]}]},
    ],
)
def test_nothing_heard_is_no_error(message: dict[str, Any]) -> None:
    assert read(message).utterances == []


@pytest.mark.parametrize(
    ("message", "channels", "seconds"),
    [
        ({"metadata": {"totalBilledDuration": "124s"}}, BOTH, 62.0),
        ({"metadata": {"totalBilledDuration": "62s"}}, [Speaker.UNKNOWN], 62.0),
        (one_result(resultEndOffset="3.250s"), BOTH, 3.25),
        ({}, BOTH, None),
        (one_result(resultEndOffset="3.250s") | {"metadata": []}, BOTH, 3.25),
        ({"metadata": {"totalBilledDuration": "long"}}, BOTH, None),
    ],
)
def test_the_length_is_what_was_billed_for_each_channel_else_the_last_result(
    message: dict[str, Any], channels: list[Speaker], seconds: float | None
) -> None:
    assert read(message, channels).audio_seconds == seconds


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not json",
        b"\xff\xfe",
        b"null",
        b"[]",
        b'"text"',
        b'{"results": null}',
        b'{"results": 7}',
        b'{"results": ["text"]}',
        b'{"results": [{"alternatives": [{"transcript": 7}]}]}',
        b'{"results": [{"alternatives": [{"words": [{"word": 7}]}]}]}',
        b'{"results": [{"alternatives": [{"words": [{}]}]}]}',
        rb'{"results": [{"alternatives": [{"words": [{"word": "\ud800"}]}]}]}',
    ],
)
def test_what_is_no_result_is_unreadable(content: bytes) -> None:
    with pytest.raises(UnreadableResult):
        parse(content, BOTH)


def test_an_unreadable_result_does_not_tell_what_was_said() -> None:
    with pytest.raises(UnreadableResult) as error:
        read(one_result(alternatives="she hears voices"))

    assert "voices" not in str(error.value)


NAMES = ["results", "alternatives", "words", "word", "confidence", "channelTag", "startOffset", "metadata"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("1.5s"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=15,
)


@given(st.dictionaries(st.sampled_from(NAMES), JSON, max_size=3) | JSON)
def test_any_json_is_read_or_unreadable_and_never_another_error(message: object) -> None:
    try:
        heard = read(message)
    except UnreadableResult:
        return

    assert all(one.words for one in heard.utterances)


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("en-in", "en-IN"),
        ("iw-il", "he-IL"),
        ("hi-IN", "hi-IN"),
        ("ta-in", "ta-in"),
        ("", None),
        (7, None),
        ("?", None),
    ],
)
def test_a_result_has_the_expected_spelling_of_its_language(code: object, language: str | None) -> None:
    content = json.dumps({"results": [{"alternatives": [{"transcript": "a b"}], "languageCode": code}]}).encode()

    [utterance] = parse(content, BOTH, languages=["en-IN", "he-IL"]).utterances

    assert utterance.language == language
