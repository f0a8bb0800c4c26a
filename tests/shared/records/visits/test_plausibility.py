"""What recognisers write for silence, noise and music is no speech; anything else is kept, with a mark."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.visits.marks import TranscriptionMark
from shared.records.visits.plausibility import plausibility_of
from tests.support.factories import segment

Mark = TranscriptionMark
REAL = ["How did you sleep?", "Badly, I woke at four and could not sleep again.", "Since when?", "Since my birthday."]


def judged(*texts: str, seconds: float | None = 60.0) -> tuple[bool, list[TranscriptionMark]]:
    found = plausibility_of([segment(number, text) for number, text in enumerate(texts, start=1)], seconds)
    return found.speech, found.marks


@pytest.mark.parametrize(
    ("texts", "marks"),
    [
        (["Thank you."] * 200, [Mark.REPETITION]),
        (["Thank you."], [Mark.STOCK_PHRASES]),
        (["you"], [Mark.STOCK_PHRASES]),
        (["Thanks for watching!"], [Mark.STOCK_PHRASES]),
        (["Thank you so much for watching.", "Bye."], [Mark.STOCK_PHRASES]),
        (["Subtitles by the Amara.org community"], [Mark.STOCK_PHRASES]),
        (["Please subscribe to my channel.", "See you in the next video."], [Mark.STOCK_PHRASES]),
        (["[Music]", "\u266a\u266a"], [Mark.STOCK_PHRASES]),
        (["धन्यवाद।"], [Mark.STOCK_PHRASES]),
        (["कृपया चैनल को सब्सक्राइब करें।"], [Mark.STOCK_PHRASES]),
        (["I don't know."] * 12, [Mark.REPETITION]),
        (["la la la la " * 11], [Mark.REPETITION]),
        (["I am going to the shop and " * 6, "to the shop and I am going " * 6], [Mark.REPETITION]),
        (["...", "\u266a"], []),
        ([], []),
    ],
)
def test_stock_phrases_and_loops_are_no_speech(texts: list[str], marks: list[TranscriptionMark]) -> None:
    assert judged(*texts) == (False, marks)


@pytest.mark.parametrize(
    ("texts", "marks"),
    [
        (REAL, []),
        (["Thank you."], []),
        (["Thank you."] * 5 + ["Okay."] * 5, []),
        (["Thank you."] * 200, [Mark.REPETITION]),
        (["Thanks for watching!"], [Mark.STOCK_PHRASES]),
        (["la la la la " * 11], [Mark.REPETITION]),
    ],
)
def test_a_single_spoken_sentence_is_kept_among_them(texts: list[str], marks: list[TranscriptionMark]) -> None:
    assert judged(*texts, "Blood pressure 120 over 80.") == (True, marks)


def test_short_answers_in_a_visit_are_no_loop() -> None:
    visit = [text for number in range(30) for text in (f"Have you had complaint {number}?", "No.")]

    assert judged(*visit) == (True, [])


@pytest.mark.parametrize(("seconds", "silent"), [(3600, True), (119, False), (None, False)])
def test_few_words_in_a_long_recording_are_marked_and_kept(seconds: float | None, silent: bool) -> None:
    assert judged("Blood pressure 120 over 80.", seconds=seconds) == (True, [Mark.MOSTLY_SILENT] if silent else [])


@given(st.lists(st.text(max_size=40), max_size=20), st.none() | st.floats(0, 1e5))
def test_any_text_is_judged_and_a_new_sentence_is_always_speech(texts: list[str], seconds: float | None) -> None:
    speech, marks = judged(*texts, "I have pain in my knee.", seconds=seconds)

    assert speech
    assert len(marks) == len(set(marks))
