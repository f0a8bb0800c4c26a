"""Two voices on one channel, by their pitch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from local.services.speech import results
from local.services.speech.audio import SAMPLE_RATE
from local.services.speech.transcript import Transcript, Word
from local.services.speech.voices import labelled
from shared.gateways.speech_result import parse
from shared.records.visits.speech import Speaker
from tests.local.speech.requests import recognition_config


def spoken(*turns: tuple[str, float]) -> tuple[list[Word], NDArray[np.float32]]:
    """The words of turns, each with its pitch in Hz, and their sound: a buzz of that pitch for half a second a word."""
    words: list[Word] = []
    sound: list[NDArray[np.float32]] = []
    for text, hertz in turns:
        for text_of_word in text.split():
            at = len(sound) / 2
            words.append(Word(text_of_word, at, at + 0.5, 0.9))
            phase = np.arange(SAMPLE_RATE // 2) * hertz / SAMPLE_RATE
            sound.append((phase % 1 - 0.5).astype(np.float32))
    return words, np.concatenate(sound)


def labels(*turns: tuple[str, float]) -> list[str]:
    return [word.label for word in labelled(*spoken(*turns))]


def test_a_low_and_a_high_voice_get_labels_in_the_order_of_first_words() -> None:
    assert labels(("How are you?", 110), ("Not well.", 205), ("Since when?", 112)) == [*"111", *"22", *"11"]
    assert labels(("Hello.", 205), ("Hello there.", 110)) == [*"1", *"22"]


def test_voices_of_nearly_the_same_pitch_get_one_label() -> None:
    assert set(labels(("How are you?", 110), ("Not well.", 120), ("Since when?", 112))) == {"1"}


def test_a_voice_that_rises_and_falls_is_one() -> None:
    assert set(labels(*[("Well, then.", hertz) for hertz in range(100, 200, 8)])) == {"1"}


def test_nothing_and_silence_have_no_second_voice() -> None:
    silence = np.zeros(SAMPLE_RATE, np.float32)

    assert labelled([], silence) == ()
    assert [word.label for word in labelled([Word("a.", 0, 0.5, 0.9), Word("b.", 0.5, 1, 0.9)], silence)] == ["1", "1"]
    assert [word.label for word in labelled([Word("late.", 5, 5.5, 0.9)], silence)] == ["1"]


def test_labels_reach_the_product_as_voices() -> None:
    words, sound = spoken(("How are you?", 110), ("Not well.", 205))
    transcript = Transcript((labelled(words, sound),), 2.5)
    config = recognition_config(features={"enable_word_time_offsets": True, "diarization_config": {}})

    heard = parse(results.as_json(results.batch_results(transcript, config)), [Speaker.UNKNOWN])

    assert [(one.voice, len(one.words)) for one in heard.utterances] == [("1", 3), ("2", 2)]
