"""Long audio in parts: planned with overlaps, joined without a lost or doubled word."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.visits.audio_parts import MARGIN_MS, OVERLAP_MS, AudioPart, plan
from shared.records.visits.joining import joined
from shared.records.visits.segments import Utterance, Word
from shared.records.visits.speech import Speaker

LONGEST = 20 * 60_000
VOCABULARY = ["no", "no.", "yes", "I", "sleep", "badly", "since", "May", "tablets", "two", "अच्छा", "and"]


def part(start_ms: int, end_ms: int) -> AudioPart:
    return AudioPart(start_ms=start_ms, end_ms=end_ms)


@given(
    st.integers(0, 9 * 3_600_000),
    st.lists(st.tuples(st.integers(0, 9 * 3_600_000), st.integers(200, 5_000)), max_size=40),
    st.sampled_from([300_000, LONGEST, 8 * 3_600_000]),
)
def test_parts_cover_the_recording_overlap_and_fit_the_model(
    duration: int, silences: list[tuple[int, int]], longest: int
) -> None:
    parts = plan(duration, lambda *_: [(start, start + length) for start, length in silences], longest)

    assert (parts[0].start_ms, parts[-1].end_ms) == (0, duration)
    assert all(0 <= part.end_ms - part.start_ms <= longest for part in parts)
    assert all(one.end_ms - following.start_ms == OVERLAP_MS for one, following in pairwise(parts))
    assert len(parts) <= 1 + duration // (longest - MARGIN_MS - 120_000 - OVERLAP_MS)


def test_a_part_ends_in_the_last_silence_before_its_longest_end() -> None:
    latest = LONGEST - MARGIN_MS
    silences = [(latest - 90_000, latest - 88_000), (latest - 31_000, latest - 29_000), (latest + 1, latest + 4_000)]

    first, second = plan(30 * 60_000, lambda *_: silences, LONGEST)

    assert first.end_ms == latest - 30_000
    assert second == part(latest - 30_000 - OVERLAP_MS, 30 * 60_000)


def test_a_model_for_minutes_is_refused() -> None:
    with pytest.raises(ValueError, match="no part"):
        plan(3_600_000, lambda *_: [], 60_000)


@dataclass(frozen=True)
class Visit:
    """What was really said: the words, with the voice of each."""

    words: list[Word]
    voices: list[int]
    duration: int

    def texts(self) -> list[str]:
        return [word.text for word in self.words]


def visit_of(seed: int, voices: int = 2) -> Visit:
    """A random visit of some minutes, in turns of 3 to 8 words, a word every 400 ms."""
    random = Random(seed)
    words: list[Word] = []
    said: list[int] = []
    for turn in range(random.randint(40, 160)):
        for _ in range(random.randint(3, 8)):
            at = 400 * len(words)
            words.append(Word(random.choice(VOCABULARY), at, at + 300, 0.9))
            said.append(turn % voices)
    return Visit(words, said, 400 * len(words))


def recognised(visit: Visit, part: AudioPart, labels: list[str], jitter: int, *, cut: bool) -> list[Utterance]:
    """The utterances of a part, in its own time; a word that the part cuts is heard wrongly."""
    utterances: list[tuple[str, list[Word]]] = []
    for number, (word, voice) in enumerate(zip(visit.words, visit.voices, strict=True)):
        if word.end_ms <= part.start_ms or word.start_ms >= part.end_ms:
            continue
        torn = cut and (word.start_ms < part.start_ms or word.end_ms > part.end_ms)
        shift = jitter * (-1, 0, 1)[number % 3] - part.start_ms
        heard = Word("uh" if torn else word.text, max(0, word.start_ms + shift), max(0, word.end_ms + shift), 0.9)
        if not utterances or utterances[-1][0] != labels[voice]:
            utterances.append((labels[voice], []))
        utterances[-1][1].append(heard)
    return [Utterance(Speaker.UNKNOWN, tuple(words), label) for label, words in utterances]


def cut_every(duration: int, length: int = 60_000) -> list[AudioPart]:
    starts = range(0, max(1, duration - OVERLAP_MS), length - OVERLAP_MS)
    return [part(start, min(duration, start + length)) for start in starts]


@given(st.integers(0, 10**6).map(visit_of), st.integers(0, 150), st.booleans())
def test_no_word_is_lost_or_doubled_and_voices_agree_although_each_part_permutes_them(
    visit: Visit, jitter: int, cut: bool
) -> None:
    parts = []
    for number, part in enumerate(cut_every(visit.duration)):
        labels = ["1", "2"] if number % 2 else ["2", "1"]
        parts.append((part, recognised(visit, part, labels, jitter, cut=cut)))

    whole = joined(parts)

    spoken = [(word, utterance.voice) for utterance in whole for word in utterance.words]
    assert [word.text.strip(".") for word, _ in spoken] == [text.strip(".") for text in visit.texts()]
    assert len({(voice, said) for (_, voice), said in zip(spoken, visit.voices, strict=True)}) == 2
    assert all(one.start_ms <= following.start_ms for (one, _), (following, _) in pairwise(spoken))
    assert all(word.start_ms <= word.end_ms for word, _ in spoken)


def test_channels_are_joined_each_for_itself() -> None:
    visit = visit_of(7, voices=1)
    parts = []
    for part in cut_every(visit.duration):
        (asked,) = recognised(visit, part, ["1"], 0, cut=False)
        doctor = Utterance(Speaker.PRACTITIONER, asked.words, channel=1)
        patient = Utterance(Speaker.PATIENT, asked.words, channel=2)
        parts.append((part, [doctor, patient]))

    whole = joined(parts)

    for speaker in (Speaker.PRACTITIONER, Speaker.PATIENT):
        assert [word.text for one in whole if one.speaker == speaker for word in one.words] == visit.texts()


def test_a_seam_within_a_turn_does_not_split_it() -> None:
    words = tuple(Word(f"w{at}", at * 500, at * 500 + 400, 0.9) for at in range(200))
    visit = Visit(list(words), [0] * len(words), 100_000)
    parts = [(part, recognised(visit, part, ["1"], 0, cut=False)) for part in cut_every(100_000)]

    (whole,) = joined(parts)

    assert whole.words == words


def test_parts_without_a_common_word_are_joined_in_the_middle_of_their_overlap() -> None:
    before = [Utterance(Speaker.UNKNOWN, tuple(Word(f"a{at}", at * 1000, at * 1000 + 900, None) for at in range(60)))]
    after = [Utterance(Speaker.UNKNOWN, tuple(Word(f"b{at}", at * 1000, at * 1000 + 900, None) for at in range(60)))]

    whole = joined([(part(0, 60_000), before), (part(40_000, 100_000), after)])

    texts = [word.text for one in whole for word in one.words]
    assert texts == [f"a{at}" for at in range(50)] + [f"b{at}" for at in range(10, 60)]


def test_a_part_in_which_nobody_speaks_loses_nothing() -> None:
    before = [Utterance(Speaker.UNKNOWN, (Word("Hello.", 1000, 2000, None),))]
    after = [Utterance(Speaker.UNKNOWN, (Word("Bye.", 50_000, 51_000, None),))]
    parts = [(part(0, 60_000), before), (part(40_000, 100_000), []), (part(80_000, 140_000), after)]

    whole = joined(parts)

    assert [(word.text, word.start_ms) for one in whole for word in one.words] == [("Hello.", 1000), ("Bye.", 130_000)]


def turn(label: str, text: str, start_ms: int) -> Utterance:
    """One turn of a voice, a word every 400 ms."""
    words = [Word(word, start_ms + 400 * at, start_ms + 400 * at + 300, None) for at, word in enumerate(text.split())]
    return Utterance(Speaker.UNKNOWN, tuple(words), label)


def test_a_third_voice_that_comes_later_is_another() -> None:
    first = [turn("1", "how are you", 1000), turn("2", "bad since May first", 45_000), turn("1", "do go on", 50_000)]
    second = [turn("2", "bad since May first", 5_000), turn("3", "do go on", 10_000), turn("1", "his wife", 40_000)]

    whole = joined([(part(0, 60_000), first), (part(40_000, 100_000), second)])

    assert [one.voice for one in whole] == ["0/1", "0/2", "0/1", "1/1"]


def test_nothing_and_one_part_stay_as_they_are() -> None:
    one = Utterance(Speaker.PATIENT, (Word("Hello.", 0, 900, 0.5),), channel=2)

    assert joined([]) == []
    assert joined([(part(0, 1000), [one])]) == [one]
