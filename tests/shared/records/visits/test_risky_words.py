"""What may be misheard, and which words of a statement it makes doubtful."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.visits.risky_words import Risk, risks_of, telling_words, words_of
from tests.support.factories import segment

SURE = 0.95


@pytest.mark.parametrize(
    ("text", "uncertain", "risks"),
    [
        ("It is 145 over 90,", ["90,"], [Risk.NUMBER]),
        ("Take fifty milligrams.", ["fifty", "milligrams."], [Risk.NUMBER, Risk.UNIT]),
        ("We start (metoprolol) today.", ["(metoprolol)"], [Risk.DRUG]),
        ("I don't sleep.", ["don\u2019t"], [Risk.NEGATION]),
        ("No chest pain.", ["chest"], [Risk.DANGER]),
        ("I want to die.", ["die."], [Risk.DANGER]),
        ("The pressure is high.", ["The"], []),
        ("The weather is fine.", ["weather"], []),
        ("\u0926\u0935\u093e \u096b\u0966 \u092e\u093f\u0932\u0940", ["\u096b\u0966"], [Risk.NUMBER]),
        ("दिन में दो गोली लीजिए।", ["दो", "गोली"], [Risk.NUMBER, Risk.UNIT]),
        ("मुझे बुखार नहीं है।", ["नहीं"], [Risk.NEGATION]),
        ("मुझे सीने में दर्द है।", ["सीने"], [Risk.DANGER]),
        ("தற்கொலை எண்ணம் இல்லை.", ["தற்கொலை", "இல்லை."], [Risk.NEGATION, Risk.DANGER]),
        ("अच्छा मौसम है।", ["मौसम"], []),
    ],
)
def test_uncertain_words_are_flagged_with_why(text: str, uncertain: list[str], risks: list[Risk]) -> None:
    assert risks_of(text, uncertain, SURE) == risks


@pytest.mark.parametrize(("confidence", "flagged"), [(None, True), (0.3, True), (0.6, False), (SURE, False)])
def test_low_and_unknown_confidence_flag_every_risky_word(confidence: float | None, flagged: bool) -> None:
    expected = [Risk.NUMBER, Risk.UNIT, Risk.DRUG] if flagged else []

    assert risks_of("Atenolol 50 mg.", [], confidence) == expected


def test_corrected_segment_has_no_risk() -> None:
    unsure = segment(text="Atenolol 50 mg.", confidence=0.2, uncertain_words=["50"])

    assert unsure.shown.risks
    assert unsure.with_text("Atenolol 25 mg.").shown.risks == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Blood pressure 145/90.", ["blood", "pressure", "145", "90"]),
        ('("metoprolol")/12.5 mg', ["metoprolol", "12.5", "mg"]),
        ("50mg, self-harm", ["50", "mg", "self", "harm"]),
        ("Don\u2019t!", ["don't"]),
        ("\u0926\u0935\u093e\u0964", ["\u0926\u0935\u093e"]),
    ],
)
def test_words_are_found_inside_brackets_and_beside_signs(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_function_words_tell_nothing_and_negations_do() -> None:
    assert telling_words(["The", "with", "not", "No."]) == {"not", "no"}


@given(st.text(), st.lists(st.text(max_size=8), max_size=4), st.none() | st.floats(0, 1))
def test_any_text_has_risks_in_order_each_once(text: str, uncertain: list[str], confidence: float | None) -> None:
    found = risks_of(text, uncertain, confidence)

    assert found == [risk for risk in Risk if risk in found]
