"""What was heard uncertainly is doubted in whatever words the statement tells it; fillers are not."""

from __future__ import annotations

import pytest

from shared.records.claims.checks import Checker
from shared.records.claims.doubt import ClaimCheck, Doubt, DoubtKind, Severity
from tests.shared.records.claims.test_checks import Turn


def unsure(text: str, said: str, *words: str, language: str = "en") -> list[Doubt]:
    """The doubts about uncertain words of a statement that cites what was said."""
    found = Checker([Turn(1, said, uncertain_words=list(words))], check=ClaimCheck.of(language)).doubts(text, [1])
    return [one for one in found if one.kind is DoubtKind.HEARD_UNCERTAINLY]


@pytest.mark.parametrize(
    ("text", "said", "word", "told"),
    [
        ("Blood pressure 145/90.", "It is one forty five over ninety.", "ninety.", "90"),
        ("BP: (145/90).", "145 over 90,", "90,", "90"),
        ("Thyroxine [50 mcg].", "I take thyroxine fifty micrograms.", "fifty", "50 mcg"),
        ("Thyroxine 50 mcg.", "I take thyroxine fifty micrograms.", "micrograms.", "50 mcg"),
        ("Fever for 3 days.", "I had a fever for three days.", "three", "3 days"),
        ("Inhaler bid.", "I use the inhaler twice a day.", "twice", "bid"),
        ("Takes metformin.", "I take Glucophage.", "Glucophage.", "metformin"),
        ("Takes “Glucophage”/insulin.", "I take metformin and insulin.", "metformin", "glucophage"),
        ("Denies pain: *none*.", "There is none, no pain at all.", "none,", "none"),
        ("Pain of the (left) knee.", "My left knee hurts.", "left", "left"),
        ("Suicidal—at times.", "I am suicidal at times.", "suicidal", "suicidal"),
        ("रक्तचाप 145/90।", "रक्तचाप एक सौ पैंतालीस बटा नब्बे है।", "नब्बे", "90"),
        ("Metformin लेते हैं।", "मैं मेटफॉर्मिन लेता हूँ।", "मेटफॉर्मिन", "metformin"),
        ("ரத்த அழுத்தம் 145/90.", "ரத்த அழுத்தம் நூற்று நாற்பத்தைந்து, தொண்ணூறு.", "தொண்ணூறு", "90"),
        ("Metformin எடுக்கிறார்.", "நான் மெட்ஃபார்மின் எடுக்கிறேன்.", "மெட்ஃபார்மின்", "metformin"),
    ],
)
def test_a_fact_heard_uncertainly_has_a_major_doubt(text: str, said: str, word: str, told: str) -> None:
    (doubt,) = unsure(text, said, word, language="hi-IN")

    assert (doubt.severity, doubt.words, doubt.segments) == (Severity.MAJOR, [told], [1])


def test_a_finding_heard_uncertainly_is_doubted_by_its_synonym() -> None:
    (doubt,) = unsure("Hypertension.", "I have high blood pressure.", "pressure.")

    assert (doubt.severity, doubt.words) == (Severity.MINOR, ["hypertension"])


@pytest.mark.parametrize(
    ("text", "said", "word"),
    [
        ("The pressure is slightly high.", "The pressure is slightly high, 145 over 90.", "The"),
        ("The pressure is slightly high.", "The pressure is slightly high, 145 over 90.", "90."),
        ("Fever for a week.", "I had a fever for a week.", "a"),
        ("Takes metformin.", "I take metformin and insulin.", "insulin."),
        ("Pain of the knee.", "My left knee hurts, I think.", "think."),
        ("Review in 90 days.", "Ninety over sixty. Review in 90 days.", "sixty."),
        ("रक्तचाप ज्यादा है।", "रक्तचाप ज्यादा है, एक सौ पैंतालीस बटा नब्बे।", "नब्बे"),
        ("ரத்த அழுத்தம் அதிகம்.", "ரத்த அழுத்தம் அதிகம், தொண்ணூறு.", "தொண்ணூறு"),
    ],
)
def test_a_filler_and_what_the_statement_does_not_tell_are_no_doubt(text: str, said: str, word: str) -> None:
    assert unsure(text, said, word, language="hi-IN") == []
