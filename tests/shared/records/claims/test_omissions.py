"""What was said and is in no statement is found, with its kind and segment; what was noted is not."""

from __future__ import annotations

import pytest

from shared.records.claims.checks import Checker
from shared.records.claims.doubt import ClaimCheck, Severity
from shared.records.claims.omission import OmissionKind
from shared.records.visits.speech import Speaker
from tests.shared.records.claims.test_checks import D, P, Turn

K = OmissionKind


def left_out(said: list[tuple[Speaker, str]], *statements: str, language: str = "en") -> list[tuple[OmissionKind, int]]:
    turns = [Turn(number, text, speaker) for number, (speaker, text) in enumerate(said, start=1)]
    return [(one.kind, one.segment) for one in Checker(turns, check=ClaimCheck.of(language)).omissions(statements)]


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ((P, "I take ramipril."), K.DRUG),
        ((D, "We will not change your ramipril."), K.DRUG),
        ((P, "I am allergic to penicillin."), K.ALLERGY),
        ((P, "I have thought of ending my life."), K.RISK),
        ((P, "I have asthma."), K.DIAGNOSIS),
        ((D, "Come back in two weeks."), K.FOLLOW_UP),
        ((D, "I would like you to follow up with the surgeon."), K.FOLLOW_UP),
        ((D, "It could be asthma."), K.DIAGNOSIS),
        ((D, "You can try ibuprofen."), K.DRUG),
        ((P, "Ibuprofen won't help me, but I take it."), K.DRUG),
        ((P, "I have no allergies to food, but I am allergic to penicillin."), K.ALLERGY),
        ((D, "I will order an x-ray."), K.ORDER),
    ],
)
def test_what_no_statement_has_is_found(said: tuple[Speaker, str], kind: OmissionKind) -> None:
    assert (kind, 2) in left_out([(D, "Good morning."), said], "Slept well.")


@pytest.mark.parametrize(
    ("said", "statement"),
    [
        ((P, "I take Lipitor."), "On atorvastatin."),
        ((P, "I have high blood pressure."), "Known hypertension."),
        ((P, "I have thought of ending my life."), "Suicidal thoughts."),
        ((D, "Come back in two weeks."), "Follow up in 2 weeks."),
        ((P, "My mother has asthma."), "Slept well."),
        ((P, "I have never taken ramipril."), "Slept well."),
        ((D, "Your thyroid is not enlarged, your thyroid is fine."), "Slept well."),
        ((P, "I feel light headed."), "Slept well."),
        ((D, "You take simvastatin for your lipids."), "On simvastatin."),
        ((P, "I have, um, NKDA allergies."), "Slept well."),
        ((P, "I have an allergy, um. I have no known drug allergies."), "Slept well."),
        ((P, "It is an allergic reaction, I swell up."), "Allergic to nuts."),
        ((D, "Paracetamol on this occasion wouldn't help."), "Slept well."),
        ((D, "High blood pressure can lead to a stroke."), "Known hypertension."),
        ((P, "The film was so sad."), "Slept well."),
        ((D, "So you are here for a follow up."), "Slept well."),
        ((D, "Did you follow up with the surgeon?"), "Slept well."),
        ((D, "It is good to see you again."), "Slept well."),
        ((D, "We are waiting for the report to come back."), "Slept well."),
        ((D, "Let me see, your x-ray looks fine."), "Slept well."),
        ((D, "Did you get a blood test done?"), "Slept well."),
    ],
)
def test_what_is_noted_or_denied_is_no_omission(said: tuple[Speaker, str], statement: str) -> None:
    assert left_out([said], statement) == []


def test_a_dose_that_was_said_and_is_not_noted_with_its_drug() -> None:
    assert left_out([(D, "Take metformin 500 mg.")], "Metformin.") == [(K.DOSE, 1)]
    assert left_out([(D, "Take metformin 500 mg.")], "Metformin 0.5 g.") == []


def test_an_omission_says_how_much_harm_it_may_do() -> None:
    turns = [Turn(1, "I take ramipril and have asthma.", P)]

    assert [one.severity for one in Checker(turns).omissions([])] == [Severity.MAJOR, Severity.MINOR]


def test_hindi_and_a_language_without_word_lists() -> None:
    assert left_out([(P, "मैं मेटफॉर्मिन लेता हूँ।")], language="hi-IN") == [(K.DRUG, 1)]
    assert left_out([(P, "মেটফরমিন, metformin")], language="bn-IN") == [(K.DRUG, 1)]
