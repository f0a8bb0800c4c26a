"""Live words beside the final text: a doctor sees where a risky segment was heard in two ways."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.visits.heard_live import compared
from shared.records.visits.segment import Segment
from shared.records.visits.segments import Utterance, Word, segments_of
from shared.records.visits.speech import Speaker

WORD_MS = 400


def spoken(text: str, at_ms: int = 0) -> list[Word]:
    """The words of a text, one after the other."""
    return [
        Word(word, at_ms + WORD_MS * count, at_ms + WORD_MS * (count + 1), 0.9)
        for count, word in enumerate(text.split())
    ]


def final(*turns: tuple[int, str]) -> list[Segment]:
    """The segments of turns (time, text), surely heard."""
    utterances = [Utterance(Speaker.UNKNOWN, tuple(spoken(text, at))) for at, text in turns]
    return segments_of(utterances)


def heard(segments: list[Segment], live: list[Word]) -> list[str | None]:
    return [segment.heard_live for segment in compared(segments, live)]


@pytest.mark.parametrize(
    ("text", "live", "kept"),
    [
        ("take fifteen milligrams", "take fifty milligrams", True),
        ("we start metoprolol", "we start my troll", True),
        ("we start my troll", "we start metoprolol", True),
        ("I do have chest pain", "I do not have chest pain", True),
        ("take fifty milligrams", "Take fifty milligrams.", False),
        ("the weather is nice", "the leather is nice", False),
    ],
)
def test_a_segment_keeps_what_was_heard_live_if_risky_words_may_differ(text: str, live: str, kept: bool) -> None:
    assert heard(final((0, text)), spoken(live)) == [live if kept else None]


def test_each_live_word_is_of_one_segment_by_its_time_and_its_likeness() -> None:
    segments = final((0, "take two tablets."), (1_400, "not three tablets."), (60_000, "no pain"))
    live = [*spoken("take ten tablets", 300), *spoken("not three tablets", 1_700), *spoken("some pain", 60_100)]

    assert heard(segments, live) == ["take ten tablets", None, "some pain"]


def test_nothing_is_said_where_no_live_word_is_known() -> None:
    segments = final((0, "take two tablets."), (20_000, "no pain"))

    assert heard(segments, []) == [None, None]
    assert heard(segments, spoken("take two tablets somewhere else", 40_000)) == [None, None]


def test_a_segment_without_times_of_its_words_is_compared_by_its_own() -> None:
    [timed] = final((5_000, "take fifty milligrams of it"))
    untimed = timed.model_copy(update={"word_starts_ms": [], "word_ends_ms": []})

    assert heard([untimed], spoken("take fifteen milligrams of it", 5_000)) == ["take fifteen milligrams of it"]


def test_a_person_who_corrects_a_segment_has_compared_it() -> None:
    [segment] = compared(final((0, "take fifty milligrams")), spoken("take fifteen milligrams"))

    assert segment.heard_live is not None
    assert segment.with_text("take fifteen milligrams").heard_live is None


@given(st.integers(0, 2**32), st.integers(0, WORD_MS // 2 - 1))
def test_the_same_words_a_little_earlier_or_later_are_no_difference(seed: int, apart: int) -> None:
    random, at, turns = Random(seed), 0, list[tuple[int, str]]()
    for _ in range(random.randint(1, 20)):
        text = " ".join(random.sample(["two", "ten", "milligrams", "no", "pain", "metoprolol", "and", "then"], 4))
        turns.append((at, text))
        at += 4 * WORD_MS + random.choice([0, 400, 1_500])
    jittered = [
        Word(word.text, word.start_ms + (shift := random.randint(-apart, apart)), word.end_ms + shift, 0.9)
        for start, text in turns
        for word in spoken(text, start)
    ]
    in_order = all(one.start_ms <= following.start_ms for one, following in pairwise(jittered))

    found = compared(final(*turns), jittered)

    assert not in_order or [segment.heard_live for segment in found if segment.heard_live] == []
