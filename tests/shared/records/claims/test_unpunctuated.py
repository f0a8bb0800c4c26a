"""Speech without signs: where a question, its answer and a negation end, as recognisers write it."""

from __future__ import annotations

import pytest

from shared.records.claims.doubt import DoubtKind
from shared.records.visits.speech import Speaker
from tests.shared.records.claims.test_checks import D, P, doubts, kinds

NEGATION = DoubtKind.NEGATION_DIFFERS
Said = tuple[Speaker, str]


@pytest.mark.parametrize(
    ("text", "wrong", "said"),
    [
        ("Denies nausea.", "Has nausea.", (D, "alright and any nausea or vomiting or anything like that no")),
        ("Denies palpitations.", "Has palpitations.", (D, "have you felt palpitations at all no no okay")),
        ("On insulin.", "Not on insulin.", (D, "any pain no no no pain okay now you are on insulin for that")),
        ("Has chills.", "Denies chills.", (P, "no fever some chills in the evening")),
        ("Sensation is intact.", "Sensation is not intact.", (D, "there is no tremor sensation is intact to touch")),
        ("Extra sounds are absent.", "Extra sounds.", (D, "listening now there are no extra sounds are heard")),
        ("Call if the cough worsens.", "Do not call.", (D, "if it is not better please call if the cough worsens")),
    ],
)
def test_an_answer_and_a_new_clause_end_what_was_asked_or_denied(text: str, wrong: str, said: Said) -> None:
    assert NEGATION not in kinds(text, said)
    assert NEGATION in kinds(wrong, said)


@pytest.mark.parametrize("okay", ["do you feel okay when you walk", "is it okay if you rest your knee"])
def test_okay_within_a_question_does_not_end_it(okay: str) -> None:
    said = ((D, okay), (P, "no"))

    assert DoubtKind.NORMAL_NOT_IN_EVIDENCE not in kinds("Does not feel okay walking.", *said)
    assert NEGATION not in kinds("Does not walk or rest well.", *said)


def test_an_answer_that_repeats_a_term_otherwise_makes_the_question_unclear() -> None:
    said = ((D, "Any nausea or vomiting?"), (P, "No, just a bit of nausea."))

    assert NEGATION not in kinds("Has some nausea.", *said, cited=(1,))
    assert NEGATION not in kinds("Denies vomiting.", *said)
    assert NEGATION in kinds("Has vomiting.", *said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Inspection of the head showed no deformity.", "I see no deformity of your head."),
        ("The rash resolved without treatment.", "I had no treatment and the rash resolved on its own."),
        ("Is not consistent with taking metformin.", "I have not been consistent with taking the metformin."),
        ("Takes metformin.", "I have not been consistent with the metformin."),
        ("Was unable to climb stairs because of chest pain.", "I could not climb the stairs because of chest pain."),
        ("No swelling of the tongue.", "Your tongue is not swollen."),
    ],
)
def test_what_a_negation_does_not_hold_for(text: str, said: str) -> None:
    assert NEGATION not in {one.kind for one in doubts(text, said)}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Was not unable to sleep.", "I was unable to sleep at all."),
        ("Does not have some pain in the thumb.", "I have some pain in the thumb."),
        ("Has a deformity of the head.", "I see no deformity of your head."),
        ("Swelling of the tongue.", "Your tongue is not swollen."),
        ("Treatment for the rash, which did not resolve.", "I had no treatment and the rash resolved."),
    ],
)
def test_what_a_negation_holds_for(text: str, said: str) -> None:
    assert NEGATION in kinds(text, said)
