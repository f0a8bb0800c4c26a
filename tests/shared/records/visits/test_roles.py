"""Roles by rule: who of the voices is the practitioner."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.visits.roles import SURE, roles_of, with_roles
from shared.records.visits.speech import Speaker
from tests.support.factories import segment

ENGLISH = [
    ("asks", "Good morning, what brings you in today?"),
    ("tells", "I have had a headache since Monday, and I can't sleep."),
    ("asks", "Do you have a fever? Have you taken anything?"),
    ("tells", "No, I don't think so. My wife gave me paracetamol."),
    ("asks", "Any allergies?"),
    ("tells", "No, not that I know of."),
    ("asks", "Let's check your blood pressure, and we'll do some blood tests."),
    ("tells", "Okay."),
]
HINDI = [
    ("asks", "नमस्ते, आप कैसे हैं? आपको क्या तकलीफ है?"),
    ("tells", "मुझे सिर में दर्द है। मैं सो नहीं पाती हूँ।"),
    ("asks", "यह कब से है? आपने कोई दवा ली?"),
    ("tells", "हाँ, मैंने गोली ली। मेरा बेटा लाया।"),
    ("asks", "आप यह दवा रात को लीजिए।"),
]
ROMAN = [
    ("asks", "Aap kaise hain? Aapko kab se dard hai?"),
    ("tells", "Mujhe do din se dard hai, mera sir bhari hai."),
    ("asks", "Aap yeh tablet raat ko lijiye, aur aapka BP check karenge."),
    ("tells", "Haan, maine pehle bhi li thi."),
]


def voices(said: list[tuple[str, str]], names: list[str]) -> list[tuple[int, str]]:
    """The dialogue with the voices numbered in the order of `names`."""
    return [(names.index(name) + 1, text) for name, text in said]


@pytest.mark.parametrize("names", [["asks", "tells"], ["tells", "asks"]])
@pytest.mark.parametrize(
    ("said", "language"), [(ENGLISH, "en-IN"), (ENGLISH, "en-US"), (HINDI, "hi-IN"), (ROMAN, "en-IN")]
)
def test_who_asks_is_the_practitioner_whatever_the_voices_are_called(
    said: list[tuple[str, str]], language: str, names: list[str]
) -> None:
    roles = roles_of(voices(said, names), language)

    assert roles is not None
    assert roles.confidence >= SURE
    assert roles.speakers[names.index("asks") + 1] == Speaker.PRACTITIONER
    assert roles.speakers[names.index("tells") + 1] == Speaker.PATIENT


def test_without_punctuation_and_capitals_the_words_decide() -> None:
    plain = [(name, "".join(c for c in text.lower() if c not in "?,.'")) for name, text in ENGLISH]

    roles = roles_of(voices(plain, ["tells", "asks"]), "en-GB")

    assert roles is not None
    assert roles.speakers == {2: Speaker.PRACTITIONER, 1: Speaker.PATIENT}


def test_too_little_evidence_leaves_every_speaker_unknown() -> None:
    roles = roles_of([(1, "Hello."), (2, "Hello there."), (1, "Okay.")], "en-IN")

    assert roles is not None
    assert roles.confidence < SURE
    assert set(roles.speakers.values()) == {Speaker.UNKNOWN}


def test_in_a_language_without_words_only_questions_count() -> None:
    asked = [(1, "Wie geht es Ihnen?"), (2, "Schlecht."), (1, "Seit wann? Nehmen Sie etwas?"), (2, "Nein.")] * 2

    roles, unsure = roles_of(asked, "de-DE"), roles_of([(one, text.strip("?")) for one, text in asked], "de-DE")

    assert roles is not None
    assert unsure is not None
    assert roles.speakers == {1: Speaker.PRACTITIONER, 2: Speaker.PATIENT}
    assert set(unsure.speakers.values()) == {Speaker.UNKNOWN}


def test_of_a_couple_it_is_unknown_who_is_the_patient() -> None:
    couple = [("tells", text) if name == "tells" else (name, text) for name, text in ENGLISH]
    couple += [("partner", "I feel that my husband is tired, and I had to help."), ("partner", "I was worried too.")]

    roles = roles_of(voices(couple, ["partner", "asks", "tells"]), "en-IN")

    assert roles is not None
    assert roles.speakers == {2: Speaker.PRACTITIONER, 1: Speaker.UNKNOWN, 3: Speaker.UNKNOWN}


def test_a_companion_is_another_and_a_stray_voice_is_unknown() -> None:
    long = ENGLISH * 4
    said = [*long, *[("companion", "He was at home since then.")] * 5, ("stray", "Yes.")]

    roles = roles_of(voices(said, ["asks", "companion", "stray", "tells"]), "en-IN")

    assert roles is not None
    assert roles.speakers == {1: Speaker.PRACTITIONER, 2: Speaker.OTHER, 3: Speaker.UNKNOWN, 4: Speaker.PATIENT}


@pytest.mark.parametrize("said", [[], [(1, "How are you?")]])
def test_one_voice_has_no_role(said: list[tuple[int, str]]) -> None:
    assert roles_of(said, "en-IN") is None


def test_segments_without_a_voice_keep_their_speaker() -> None:
    known = segment(1, "Hello.", speaker=Speaker.OTHER)
    spoken = [
        segment(number, text, speaker=Speaker.UNKNOWN, voice=voice)
        for number, (voice, text) in enumerate(voices(ENGLISH, ["asks", "tells"]), start=2)
    ]

    named, confidence = with_roles([known, *spoken], "en-IN")

    assert named[0] == known
    assert [one.speaker for one in named[1:3]] == [Speaker.PRACTITIONER, Speaker.PATIENT]
    assert [one.text for one in named] == [one.text for one in [known, *spoken]]
    assert confidence is not None
    assert with_roles([known], "en-IN") == ([known], None)


@given(
    st.lists(st.tuples(st.integers(1, 6), st.text(max_size=30)), max_size=30), st.sampled_from(["en", "hi", "x", ""])
)
def test_any_text_gives_one_practitioner_or_none(said: list[tuple[int, str]], language: str) -> None:
    roles = roles_of(said, language)

    if roles is not None:
        practitioners = [speaker for speaker in roles.speakers.values() if speaker == Speaker.PRACTITIONER]
        assert len(practitioners) == (roles.confidence >= SURE)
        assert set(roles.speakers) == {voice for voice, _ in said}
        assert 0 <= roles.confidence <= 1
