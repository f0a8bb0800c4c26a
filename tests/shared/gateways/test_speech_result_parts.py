"""Results without words, times or confidence keep their text; what is missing is unknown."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.gateways.speech_result import UnreadableResult, parse
from shared.records.visits.segment import Segment
from shared.records.visits.segments import Word, segments_of
from shared.records.visits.speech import Speaker

BOTH = [Speaker.PRACTITIONER, Speaker.PATIENT]


def segments(*results: dict[str, Any], channels: list[Speaker] | None = None) -> list[Segment]:
    content = json.dumps({"results": results}).encode()
    return segments_of(parse(content, channels or [Speaker.UNKNOWN]).utterances)


def words(alternative: dict[str, Any], **result: Any) -> tuple[Word, ...]:
    content = json.dumps({"results": [{"alternatives": [alternative], **result}]}).encode()
    (utterance,) = parse(content, BOTH).utterances
    return utterance.words


def said(text: str, end: str | None = None, **more: Any) -> dict[str, Any]:
    """A result with a transcript and no words."""
    return {"alternatives": [{"transcript": text}], **({"resultEndOffset": end} if end else {}), **more}


def test_a_transcript_without_words_keeps_its_text_between_the_ends_of_its_result_and_the_one_before() -> None:
    first, second, third = segments(said("I sleep badly.", "4.200s"), said("Since May. Or June.", "9s"))

    assert (first.text, first.start_ms, first.end_ms) == ("I sleep badly.", 0, 4200)
    assert [one.text for one in (second, third)] == ["Since May.", "Or June."]
    assert {(one.start_ms, one.end_ms) for one in (second, third)} == {(4200, 9000)}
    assert all(one.confidence is None and one.uncertain_words == [] for one in (first, second, third))


def test_results_out_of_order_are_placed_by_their_times_on_their_channel() -> None:
    late, early = said("Better.", "9s", channelTag=2), said("Bad.", "3s", channelTag=2)
    asked = said("How are you?", "2s", channelTag=1)

    found = segments(late, early, asked, channels=BOTH)

    assert [(one.text, one.start_ms, one.end_ms) for one in found] == [
        ("How are you?", 0, 2000),
        ("Bad.", 0, 3000),
        ("Better.", 3000, 9000),
    ]


def test_a_result_without_any_time_follows_the_one_before() -> None:
    found = segments(said("One.", "2s"), said("Two."), said("Three.", "5s"))

    assert [(one.text, one.start_ms, one.end_ms) for one in found] == [
        ("One.", 0, 2000),
        ("Two.", 2000, 2000),
        ("Three.", 2000, 5000),
    ]


def test_text_that_the_words_do_not_have_is_kept_with_the_times_around_it() -> None:
    timed = [
        {"word": "take", "startOffset": "1s", "endOffset": "1.300s", "confidence": 0.9},
        {"word": "tablets.", "startOffset": "2s", "endOffset": "2.500s", "confidence": 0.8},
    ]

    found = words({"transcript": "Take two tablets. Daily.", "words": timed}, resultEndOffset="4s")

    assert found == (
        Word("take", 1000, 1300, 0.9),
        Word("two", 1300, 2000, None),
        Word("tablets.", 2000, 2500, 0.8),
        Word("Daily.", 2500, 4000, None),
    )


def test_a_word_without_text_is_taken_from_the_transcript() -> None:
    timed = [{"word": "Good"}, {"startOffset": "1s", "endOffset": "2s"}]

    assert [word.text for word in words({"transcript": "Good morning.", "words": timed})] == ["Good", "morning."]
    assert words({"words": timed, "confidence": 0.9})[1] == Word("\u2026", 1000, 2000, None)
    assert segments({"alternatives": [{"words": timed}]})[-1].uncertain_words == ["\u2026"]
    with pytest.raises(UnreadableResult):
        words({"words": timed[1:]})


def test_a_result_without_readable_text_does_not_hide_the_others() -> None:
    unreadable = {"alternatives": [{"words": [{"word": 7}]}], "resultEndOffset": "4s"}

    found = segments(said("I sleep badly.", "2s"), unreadable, said("Since May.", "6s"))

    assert [(one.text, one.end_ms) for one in found] == [
        ("I sleep badly.", 2000),
        ("\u2026", 4000),
        ("Since May.", 6000),
    ]


@pytest.mark.parametrize(
    ("transcript", "spoken", "kept"),
    [
        ("25 mg", ["twenty", "five", "mg"], "twenty five mg"),
        ("I take metformin daily", ["he", "takes"], "I take metformin daily"),
        ("Good morning.", ["good", "morning"], "good morning"),
        ("खाना खाया।", ["खाना", "खाया।"], "खाना खाया।"),
    ],
)
def test_where_transcript_and_words_differ_the_longer_text_is_kept(
    transcript: str, spoken: list[str], kept: str
) -> None:
    found = words({"transcript": transcript, "words": [{"word": word} for word in spoken]})

    assert " ".join(word.text for word in found) == kept


def test_the_first_alternative_with_text_counts_and_empty_ones_are_dropped() -> None:
    several = {"alternatives": [{"transcript": " \u200b"}, {"transcript": "Hello."}, {"transcript": "Hollow."}]}

    assert [one.text for one in segments(several, said(""), said("\n\ufeff"))] == ["Hello."]


@pytest.mark.parametrize("value", [None, 0, 0.0, -0.5, 1.5, True, "0.9", [0.9], math.nan, math.inf, -math.inf])
def test_a_confidence_that_is_not_set_is_unknown_and_marks_no_word(value: object) -> None:
    timed = {"word": "Hello.", "startOffset": "0s", "endOffset": "1s", "confidence": value}

    (found,) = segments({"alternatives": [{"words": [timed], "confidence": value}]})

    assert (found.confidence, found.uncertain_words) == (None, [])


def test_unknown_confidence_is_left_out_of_the_mean() -> None:
    (found,) = segments(
        {"alternatives": [{"words": [{"word": "I"}, {"word": "sleep", "confidence": 0.4}, {"word": "well"}]}]}
    )

    assert (found.confidence, found.uncertain_words) == (0.4, ["sleep"])


@pytest.mark.parametrize("time", ["soon", "-3s", "1e999s", "NaNs", "nan", 7, {"seconds": 3}, "99999999s", "٣s", ""])
def test_a_time_that_makes_no_sense_is_unknown_and_the_word_stays(time: object) -> None:
    timed = [{"word": "Hello", "startOffset": "1s", "endOffset": time}, {"word": "there.", "startOffset": time}]

    assert words({"words": timed}, resultEndOffset="3s") == (
        Word("Hello", 1000, 3000, None),
        Word("there.", 3000, 3000, None),
    )


def test_reversed_times_end_where_they_start() -> None:
    assert words({"words": [{"word": "Hello.", "startOffset": "3s", "endOffset": "1s"}]}) == (
        Word("Hello.", 3000, 3000, None),
    )


def test_text_is_in_normal_form_without_invisible_characters() -> None:
    (found,) = segments(said("cafe\u0301\u202e\u0007 now.", "1s"))

    assert found.text == "caf\u00e9 now."


def test_a_transcript_without_spaces_is_split_into_segments_of_a_storable_length() -> None:
    text = "睡眠不足です。" * 3 + "長" * 50_000

    found = segments(said(text, "60s"))

    assert [one.text for one in found[:3]] == ["睡眠不足です。"] * 3
    assert "".join("".join(one.text for one in found).split()) == text
    assert max(len(one.text) for one in found) < 10_000


TIMES = st.sampled_from(["0s", "1s", "2.5s", "-1s", "x", "1e9s", None, 3])
TEXTS = st.lists(st.sampled_from(["I", "sleep", "badly.", "हूँ।", "5.5"]), max_size=8)
RESULTS = st.lists(
    st.builds(
        lambda tokens, end, tag, times: {
            "alternatives": [
                {
                    "transcript": " ".join(tokens),
                    "words": [
                        {"word": token, "startOffset": start, "endOffset": stop}
                        for token, (start, stop) in zip(tokens, times, strict=False)
                    ],
                }
            ],
            "resultEndOffset": end,
            "channelTag": tag,
        },
        TEXTS,
        TIMES,
        st.sampled_from([0, 1, 2, 9, None, "x"]),
        st.lists(st.tuples(TIMES, TIMES), max_size=8),
    ),
    max_size=5,
)


@given(RESULTS)
def test_whichever_words_and_times_are_missing_no_text_is_lost(results: list[dict[str, Any]]) -> None:
    found = segments(*results, channels=BOTH)

    spoken = " ".join(result["alternatives"][0]["transcript"] for result in results).split()
    assert sorted(word for one in found for word in one.text.split()) == sorted(spoken)
    assert all(0 <= one.start_ms <= one.end_ms for one in found)
    assert [one.number for one in found] == list(range(1, len(found) + 1))
