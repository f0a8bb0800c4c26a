"""Segmentation: no word is lost, added or moved."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.visits.segments import LONGEST_WORDS, PAUSE_MS, UNCERTAIN, Utterance, Word, segments_of
from shared.records.visits.speech import Speaker

WORDS = st.sampled_from(["I", "sleep", "badly.", "Ms.", "Dr.", "Rao?", "now", "हूँ।", '"well."', "5.5", "no!"])

CONFIDENCES = st.none() | st.floats(0, 1, exclude_min=True)


@st.composite
def utterances(draw: st.DrawFn, longest: int = 70) -> list[Utterance]:
    """Possible engine results: sequences of words with gaps, on one or more channels."""
    made = []
    for speaker in draw(st.lists(st.sampled_from(Speaker), max_size=3)):
        steps = st.tuples(WORDS, st.integers(0, 2 * PAUSE_MS), st.integers(0, 900), CONFIDENCES)
        at, words = 0, []
        for text, gap, length, confidence in draw(st.lists(steps, max_size=longest)):
            words.append(Word(text, at + gap, at + gap + length, confidence))
            at += gap + length
        if words:
            made.append(Utterance(speaker, tuple(words)))
    return made


def spoken(text: str, speaker: Speaker = Speaker.PATIENT, start_ms: int = 0) -> Utterance:
    """Words of 300 ms each, without pauses."""
    times = range(start_ms, start_ms + 300 * len(text.split()), 300)
    return Utterance(speaker, tuple(Word(w, at, at + 300, 0.9) for w, at in zip(text.split(), times, strict=True)))


@given(utterances())
def test_no_word_is_lost_added_or_moved(utterances: list[Utterance]) -> None:
    segments = segments_of(utterances)

    for speaker in Speaker:
        written = [word for one in segments if one.speaker == speaker for word in one.text.split()]
        words = [word for one in utterances if one.speaker == speaker for word in one.words]
        assert sorted(written) == sorted(word.text for word in words)
        if sum(one.speaker == speaker for one in utterances) == 1:
            assert written == [word.text for word in words]


@given(utterances())
def test_segments_are_numbered_from_one_in_the_order_spoken(utterances: list[Utterance]) -> None:
    segments = segments_of(utterances)

    assert [one.number for one in segments] == list(range(1, len(segments) + 1))
    assert all(one.start_ms <= following.start_ms for one, following in pairwise(segments))
    assert all(one.start_ms <= one.end_ms for one in segments)


@given(utterances())
def test_no_segment_is_too_long_to_listen_to(utterances: list[Utterance]) -> None:
    assert all(1 <= len(one.text.split()) <= LONGEST_WORDS for one in segments_of(utterances))


@pytest.mark.parametrize(
    ("words", "lengths"),
    [(LONGEST_WORDS, [LONGEST_WORDS]), (LONGEST_WORDS + 1, [LONGEST_WORDS, 1]), (100, [45, 45, 10])],
)
def test_a_sentence_without_end_is_cut_where_it_gets_too_long(words: int, lengths: list[int]) -> None:
    segments = segments_of([spoken(" ".join(["and"] * words))])

    assert [len(one.text.split()) for one in segments] == lengths


@given(utterances(longest=20))
def test_confidence_is_a_mean_and_doubtful_words_are_named(utterances: list[Utterance]) -> None:
    segments = segments_of(utterances)

    doubtful = [word.text for one in utterances for word in one.words if (word.confidence or 1) < UNCERTAIN]
    assert sorted(word for one in segments for word in one.uncertain_words) == sorted(doubtful)
    assert all(one.confidence is None or 0 <= one.confidence <= 1 for one in segments)
    known = {word.text for one in utterances for word in one.words if word.confidence is not None}
    assert all(one.confidence is None for one in segments if known.isdisjoint(one.text.split()))


@pytest.mark.parametrize("title", ["Mr.", "Mrs.", "Ms.", "Dr.", "St.", "Prof.", "DR.", '"Ms.', "(Dr."])
def test_a_title_ends_no_sentence(title: str) -> None:
    segments = segments_of([spoken(f"Good morning {title} Rao. How are you?")])

    assert [one.text for one in segments] == [f"Good morning {title} Rao.", "How are you?"]


@pytest.mark.parametrize("end", ["badly.", "badly?", "badly!", 'badly."', "badly.)", "बुरा।"])
def test_the_end_of_a_sentence_ends_a_segment(end: str) -> None:
    assert [one.text for one in segments_of([spoken(f"I slept {end} Then I woke")])] == [
        f"I slept {end}",
        "Then I woke",
    ]


@pytest.mark.parametrize(("gap", "segments"), [(PAUSE_MS - 1, 1), (PAUSE_MS, 2)])
def test_a_pause_ends_a_segment(gap: int, segments: int) -> None:
    words = (Word("well", 0, 300, 0.9), Word("yes", 300 + gap, 600 + gap, 0.9))

    assert len(segments_of([Utterance(Speaker.PATIENT, words)])) == segments


def test_speakers_take_turns_as_they_spoke() -> None:
    asked = spoken("How are you? And your sleep?", Speaker.PRACTITIONER)
    answered = spoken("Better.", Speaker.PATIENT, start_ms=901)

    turns = [(one.speaker, one.text) for one in segments_of([answered, asked])]

    assert turns == [
        (Speaker.PRACTITIONER, "How are you?"),
        (Speaker.PRACTITIONER, "And your sleep?"),
        (Speaker.PATIENT, "Better."),
    ]


def test_silence_makes_no_segments() -> None:
    assert segments_of([]) == []
