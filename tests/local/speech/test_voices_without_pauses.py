"""Two voices on one channel whose turns follow each other without a pause or a full stop."""

from __future__ import annotations

from tests.local.speech.test_voices import labels


def test_a_change_of_the_voice_is_found_inside_a_stretch() -> None:
    question, answer = "do I need to fast for it", "yes for about eight hours before the test"
    before = [("How are you?", 110), ("Not too well.", 190), ("Since when is that?", 112), ("A week.", 185)]

    found = labels(*before * 2, (question, 188), (f"{answer}.", 108))

    assert found[-15:] == [*"2222222", *"11111111"]


def test_a_short_answer_keeps_its_voice() -> None:
    said = [("Please take off your shoes.", 110), ("Sure.", 190), ("Step onto the scale.", 108), ("Okay then.", 185)]

    assert labels(*said) == [*"11111", "2", *"1111", *"22"]


def test_voices_of_a_long_channel_are_told_apart_over_its_blocks() -> None:
    said = [("How are you feeling now?", 110), ("Not too well today.", 190)] * 20

    assert labels(*said) == [*"11111", *"2222"] * 20
