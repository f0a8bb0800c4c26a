"""What somebody gave up is not what they do now; who knows of no allergy has none that is known."""

from __future__ import annotations

import pytest

from shared.records.claims.doubt import DoubtKind
from shared.records.visits.speech import Speaker
from tests.shared.records.claims.test_checks import D, P, doubts

SMOKE = (D, "Do you smoke?")
METFORMIN = (D, "Do you still take metformin?")
Said = tuple[Speaker, str]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Smokes.", [SMOKE, (P, "I quit.")]),
        ("Current smoker.", [SMOKE, (P, "I gave it up.")]),
        ("Tobacco use.", [(P, "I quit smoking.")]),
        ("Smokes ten cigarettes a day.", [SMOKE, (P, "I used to smoke ten cigarettes a day.")]),
        ("Drinks alcohol.", [(D, "And alcohol?"), (P, "I stopped drinking in March.")]),
        ("Uses cannabis.", [(P, "I have given up cannabis.")]),
        ("Never smoked.", [SMOKE, (P, "I quit.")]),
        ("No history of tobacco use.", [SMOKE, (P, "I quit.")]),
        ("Takes metformin.", [(P, "I stopped the metformin in May.")]),
        ("Currently on metformin.", [METFORMIN, (P, "I stopped it in May.")]),
        ("धूम्रपान करते हैं।", [(D, "क्या आप धूम्रपान करते हैं?"), (P, "मैंने छोड़ दिया।")]),
        ("सिगरेट पीते हैं।", [(P, "मैंने सिगरेट छोड़ दी।")]),
        ("சிகரெட் பிடிக்கிறார்.", [(P, "சிகரெட்டை நிறுத்திவிட்டேன்.")]),
    ],
)
def test_what_was_given_up_is_doubted_as_present(text: str, said: list[Said]) -> None:
    assert DoubtKind.NEGATION_DIFFERS in {one.kind for one in doubts(text, *said)}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Former smoker.", [SMOKE, (P, "I quit.")]),
        ("Quit smoking.", [SMOKE, (P, "I quit.")]),
        ("Does not smoke.", [SMOKE, (P, "I quit.")]),
        ("No alcohol.", [(D, "Do you drink?"), (P, "I gave it up.")]),
        ("Smoked in the past.", [SMOKE, (P, "I used to smoke.")]),
        ("Smokes.", [SMOKE, (P, "I quit, but I started smoking again.")]),
        ("Drinks wine.", [(D, "Do you drink?"), (P, "I quit smoking, but I do drink wine.")]),
        ("Stopped metformin in May.", [(P, "I stopped the metformin in May.")]),
        ("Metformin was stopped.", [METFORMIN, (P, "I stopped it.")]),
        ("On metformin.", [METFORMIN, (P, "I stopped it."), (D, "Then start the metformin again.")]),
        ("Previously worked as a nurse.", [(P, "I quit working as a nurse.")]),
        ("पहले धूम्रपान करते थे।", [(D, "क्या आप धूम्रपान करते हैं?"), (P, "मैंने छोड़ दिया।")]),
    ],
)
def test_what_was_given_up_may_be_told_as_past(text: str, said: list[Said]) -> None:
    assert doubts(text, *said) == []


@pytest.mark.parametrize("answer", ["Not that I know of.", "None that I know of.", "No, not that I'm aware of.", "No."])
@pytest.mark.parametrize("text", ["No known drug allergies.", "No known allergies.", "NKDA."])
def test_who_knows_of_no_allergy_has_none_that_is_known(text: str, answer: str) -> None:
    assert doubts(text, (D, "Are you allergic to anything?"), (P, answer)) == []


@pytest.mark.parametrize("text", ["No known drug allergies.", "NKDA."])
def test_an_allergy_that_was_named_is_not_denied(text: str) -> None:
    found = doubts(text, (D, "Are you allergic to anything?"), (P, "Yes, to penicillin."))

    assert DoubtKind.NEGATION_DIFFERS in {one.kind for one in found}
