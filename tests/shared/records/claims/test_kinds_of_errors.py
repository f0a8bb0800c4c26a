"""Kinds of errors, and of right statements, as clinicians say and write them."""

from __future__ import annotations

import pytest

from shared.records.claims.doubt import DoubtKind
from shared.records.visits.speech import Speaker
from tests.shared.records.claims.test_checks import doubts, kinds

D, P = Speaker.PRACTITIONER, Speaker.PATIENT
NUMBER, SIDE, NEGATION = (
    DoubtKind.NUMBER_NOT_IN_EVIDENCE,
    DoubtKind.SIDE_NOT_IN_EVIDENCE,
    DoubtKind.NEGATION_DIFFERS,
)
DATES = "I came on January twelfth, twenty twenty four, and again on February third."
NEVER = ((D, "Have you had thoughts of suicide?"), (P, "No, I have never had such thoughts."))


@pytest.mark.parametrize(
    ("text", "said", "kind"),
    [
        ("Symptoms for 2-2 weeks.", "The symptoms began two or three weeks ago.", NUMBER),
        ("Rash for 7-5 days.", "I have had the rash for five days, or seven.", NUMBER),
        ("Pain 10/10.", "On a scale of one to ten, the pain is a six.", NUMBER),
        ("Came on 02/12/24.", DATES, NUMBER),
        ("Dexamethasone 5 mg.", "They gave me .5 mg of dexamethasone.", NUMBER),
        ("Walks 5 miles.", "I walk five kilometers.", NUMBER),
        ("Extension 774.", "My extension is seven three four, or four seven.", NUMBER),
        ("Left arm weaker than left.", "My left arm is weaker than the right.", SIDE),
        ("Denies palpitations.", "I have never felt palpitations like this.", NEGATION),
        ("मेटफॉर्मिन 5 मि.ग्रा.", "मेटफॉर्मिन 500 मिलीग्राम लेता हूँ।", NUMBER),
        ("மெட்ஃபார்மின் 50 மி.கி.", "மெட்ஃபார்மின் 500 மில்லிகிராம் எடுக்கிறேன்.", NUMBER),
    ],
)
def test_an_error_of_a_kind_is_doubted(text: str, said: str, kind: DoubtKind) -> None:
    assert kind in kinds(text, said)


@pytest.mark.parametrize("said", ["It is tender on the inner side.", "No, it was the other side. Does it hurt?"])
def test_side_effects_are_no_side(said: str) -> None:
    assert DoubtKind.WORDS_NOT_IN_EVIDENCE in kinds("Patient denies side effects.", said)
    assert doubts("Patient denies side effects.", "No, I have no side effects at all.") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Father died in his 60s.", "My father died in his sixties."),
        ("Symptoms for 18 months.", "The symptoms began a year and a half ago."),
        ("Rash for 4 weeks.", "I have had the rash for a month."),
        ("Cough for 2-1/2 years.", "I have had the cough for two and a half years."),
        ("Tired. 2. Headache.", "I am tired and have a headache."),
        ("Benadryl 50 mg.", "They gave me fifty M G of Benadryl."),
        ("Vitamin B12 300.", "My vitamin B twelve is three hundred."),
        ("Platelets 2.5 lakh.", "The platelets are two and a half lakh."),
        ("No tobacco, occasional alcohol.", "I use no tobacco, but I drink alcohol now and then."),
        ("Denies fever and has a cough.", "I have no fever and I have a cough."),
        ("Knee pain, right more than left.", "My knee pain is on the right more than the left."),
        ("मेटफॉर्मिन 500 मि.ग्रा.", "मेटफॉर्मिन पाँच सौ मिलीग्राम लेता हूँ।"),
        ("மெட்ஃபார்மின் 500 மி.கி.", "மெட்ஃபார்மின் ஐநூறு மில்லிகிராம் எடுக்கிறேன்."),
    ],
)
def test_a_right_statement_of_a_kind_is_not_doubted(text: str, said: str) -> None:
    assert doubts(text, said) == []


def test_a_denial_counts_with_the_question_before_it() -> None:
    assert doubts("They have never had such thoughts.", *NEVER, cited=(2,)) == []
    assert doubts("Denies suicidal thoughts.", *NEVER, cited=(2,)) == []
    assert NEGATION in kinds("They have had such thoughts.", *NEVER, cited=(2,))


@pytest.mark.parametrize("answer", ["Absolutely not.", "No, right.", "Not that I know of.", "No. Definitely not."])
def test_an_emphatic_or_qualified_no_denies(answer: str) -> None:
    said = ((D, "Have you had any palpitations?"), (P, answer))

    assert doubts("Denies palpitations.", *said) == []
    assert NEGATION in kinds("Has palpitations.", *said)


def test_a_single_word_chooses_a_side() -> None:
    said = ((D, "Are you right or left handed?"), (P, "Right."))

    assert doubts("Right-handed.", *said) == []
    assert SIDE in kinds("Left-handed.", *said)
