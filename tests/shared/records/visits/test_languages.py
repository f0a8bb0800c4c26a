"""Languages of a visit: of segments, of parts that are joined, and of what is checked in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.claims.doubt import ClaimCheck
from shared.records.reports.names_heard import NameCheck
from shared.records.spoken_languages import SpeechSettings, languages_of
from shared.records.visits.audio_parts import AudioPart
from shared.records.visits.joining import joined
from shared.records.visits.roles import with_roles
from shared.records.visits.segments import Utterance, Word, languages_heard, segments_of
from shared.records.visits.speech import Speaker, TranscriptionSettings
from shared.records.visits.transcription import TranscriptionStatus
from shared.records.visits.visit_transcript import Heard, languages_in
from shared.records.visits.visit_transcript import joined as visit_of
from tests.shared.records.visits.test_roles import ENGLISH, HINDI
from tests.support.factories import BY_DOCTOR, segment, transcription

LANGUAGE = st.sampled_from(["en-IN", "EN-in", "hi-IN", "ta-IN", "sw"])


def utterance(text: str, second: int, language: str | None) -> Utterance:
    words = tuple(
        Word(word, 1000 * second + 300 * at, 1000 * second + 300 * at + 250, 0.9)
        for at, word in enumerate(text.split())
    )
    return Utterance(Speaker.UNKNOWN, words, language=language)


@given(LANGUAGE, st.lists(LANGUAGE, max_size=8))
def test_every_language_is_named_once_and_the_main_one_first(main: str, others: list[str]) -> None:
    found = languages_of(main, others)

    assert found[0] == main
    assert sorted(one.casefold() for one in found) == sorted({one.casefold() for one in [main, *others]})
    assert SpeechSettings(language=main, other_languages=others).languages == found


def test_a_segment_has_its_language_if_it_is_not_the_main_one() -> None:
    said = [
        utterance("Good morning.", 0, "en-IN"),
        utterance("नमस्ते डॉक्टर साहब.", 3, "hi-IN"),
        utterance("Mm.", 6, None),
    ]

    assert [one.language for one in segments_of(said, "en-IN")] == [None, "hi-IN", None]
    assert languages_heard(said) == ["hi-IN", "en-IN"]


def test_parts_that_meet_within_a_turn_keep_the_language_of_each_word() -> None:
    first = utterance("one two three four five six seven eight", 0, "en-IN")
    second = utterance("seven eight नौ दस", 0, "hi-IN")
    parts = [(AudioPart(start_ms=0, end_ms=2_400), [first]), (AudioPart(start_ms=1_800, end_ms=4_000), [second])]

    found = joined(parts)

    assert [one.language for one in found] == ["en-IN", "hi-IN"]
    assert [word.text for word in found[0].words][:6] == ["one", "two", "three", "four", "five", "six"]
    assert [word.text for one in found for word in one.words][-3:] == ["eight", "नौ", "दस"]


@pytest.mark.parametrize("main", ["ta-IN", "en-IN", "hi-IN"])
def test_each_segment_is_read_with_the_words_of_its_language(main: str) -> None:
    """The practitioner speaks Hindi, the patient English; in Tamil no words are known."""
    spoken = [
        segment(
            number,
            text,
            speaker=Speaker.UNKNOWN,
            voice=1 if name == "asks" else 2,
            language=None if language == main else language,
        )
        for number, (name, text, language) in enumerate(
            [(name, text, "hi-IN") for name, text in HINDI if name == "asks"]
            + [(name, text, "en-IN") for name, text in ENGLISH if name == "tells"],
            start=1,
        )
    ]

    named, confidence = with_roles(spoken, main)

    assert confidence is not None
    assert {(one.voice, one.speaker) for one in named} == {(1, Speaker.PRACTITIONER), (2, Speaker.PATIENT)}


def test_the_languages_of_a_visit_are_those_of_all_its_recordings() -> None:
    completed = {"status": TranscriptionStatus.COMPLETED}
    hindi, tamil = transcription(**completed, language="hi-IN"), transcription(**completed, language="ta-IN")
    heard = [
        Heard(hindi, [segment(1, "one"), segment(2, "two three four", language="en-IN")]),
        Heard(tamil, [segment(1, "five six")]),
    ]

    found = visit_of(heard)

    assert [one.language for one in found] == ["hi-IN", "en-IN", "ta-IN"]
    assert languages_in(found) == ["en-IN", "ta-IN", "hi-IN"]


@pytest.mark.parametrize(
    ("languages", "claims", "names"),
    [
        (("en-IN",), ClaimCheck.DONE, NameCheck.DONE),
        (("hi-IN", "en-IN"), ClaimCheck.DONE, NameCheck.LANGUAGE_NOT_COVERED),
        (("en-IN", "bn-IN"), ClaimCheck.WITHOUT_WORD_LISTS, NameCheck.LANGUAGE_NOT_COVERED),
    ],
)
def test_a_check_is_done_if_it_knows_all_languages(
    languages: tuple[str, ...], claims: ClaimCheck, names: NameCheck
) -> None:
    assert (ClaimCheck.of(*languages), NameCheck.of(*languages)) == (claims, names)


@pytest.mark.parametrize(
    ("asked", "language", "others"),
    [
        ({"channels": [Speaker.UNKNOWN]}, "hi-IN", ["en-IN"]),
        ({"language": "ta-IN"}, "ta-IN", ["en-IN"]),
        ({"language": "en-IN"}, "en-IN", []),
        ({"other_languages": []}, "hi-IN", []),
        ({"language": "en-IN", "other_languages": ["hi-IN"]}, "en-IN", ["hi-IN"]),
    ],
)
def test_what_is_left_out_stays_when_a_recording_is_transcribed_again(
    asked: dict[str, object], language: str, others: list[str]
) -> None:
    before = transcription(status=TranscriptionStatus.COMPLETED, language="hi-IN", other_languages=["en-IN"])

    made = before.made_again("p-s-t1v2", BY_DOCTOR, TranscriptionSettings.model_validate(asked))

    assert (made.language, made.other_languages) == (language, others)
