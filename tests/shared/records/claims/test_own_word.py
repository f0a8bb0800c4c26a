"""A statement that cites nothing rests on its author's word: what was said of the same thing must not contradict it."""

from __future__ import annotations

import pytest

from shared.records.claims.chart import Chart
from shared.records.claims.checks import Checker
from shared.records.claims.doubt import ClaimCheck, Doubt, DoubtKind
from shared.records.visits.speech import Speaker
from tests.shared.records.claims.test_checks import D, P, Turn

K = DoubtKind


def on_own_word(text: str, *said: str | tuple[Speaker, str], language: str = "en") -> list[Doubt]:
    """The doubts of a statement that cites nothing."""
    turns = [
        Turn(number, one) if isinstance(one, str) else Turn(number, one[1], one[0])
        for number, one in enumerate(said, start=1)
    ]
    return Checker(turns, check=ClaimCheck.of(language)).doubts_again(text, [])


@pytest.mark.parametrize(
    ("text", "said", "kind"),
    [
        ("Metformin 850 mg.", "I take metformin 500 mg.", K.DOSE_NOT_OF_DRUG),
        ("Cough for six weeks.", "The cough began two weeks ago.", K.NUMBER_NOT_IN_EVIDENCE),
        ("Pain in the left hip.", "The pain is in my right hip.", K.SIDE_NOT_IN_EVIDENCE),
        ("Denies suicidal thoughts.", "Some days I have suicidal thoughts.", K.NEGATION_DIFFERS),
        ("Denies suicidal thoughts at any time.", "I think of suicide.", K.NEGATION_DIFFERS),
        ("No fever, no cough.", "I have a fever.", K.NEGATION_DIFFERS),
        ("Chest pain.", "No chest pain, no.", K.NEGATION_DIFFERS),
        ("मेटफॉर्मिन 850 मिलीग्राम।", "मैं मेटफॉर्मिन ५०० मिलीग्राम लेता हूँ।", K.DOSE_NOT_OF_DRUG),
        ("बुखार नहीं है।", "मुझे तीन दिन से बुखार है।", K.NEGATION_DIFFERS),
        ("बाएं घुटने में दर्द।", "मेरे दाएं घुटने में दर्द है।", K.SIDE_NOT_IN_EVIDENCE),
        ("மெட்ஃபார்மின் 850 மில்லிகிராம்.", "மெட்ஃபார்மின் 500 மில்லிகிராம் எடுக்கிறேன்.", K.DOSE_NOT_OF_DRUG),
        ("காய்ச்சல் இல்லை.", "எனக்கு காய்ச்சல் இருக்கிறது.", K.NEGATION_DIFFERS),
        ("இடது முழங்காலில் வலி.", "வலது முழங்காலில் வலி.", K.SIDE_NOT_IN_EVIDENCE),
    ],
)
def test_what_was_said_otherwise_of_the_same_thing_is_a_doubt_with_its_segment(
    text: str, said: str, kind: DoubtKind
) -> None:
    found = on_own_word(text, (D, "Good morning."), (P, said))

    assert [(one.kind, one.segments) for one in found] == [(kind, [2])]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Lungs clear on auscultation.", "I have a cough."),
        ("Start amoxicillin 500 mg.", "I take metformin 850 mg."),
        ("Metformin 0.5 g.", "I take metformin 500 mg."),
        ("Metformin 850 mg.", "I take metformin."),
        ("Has a fever.", "Do you have a fever?"),
        ("No pain in the knee.", "I have pain in my back."),
        ("Review in four weeks.", "The cough began two weeks ago."),
        ("Pain in the left hip.", "My hip hurts."),
        ("Fever on Monday.", "I had no fever, and then a fever."),
        ("फेफड़े साफ हैं।", "मुझे खांसी है।"),
        ("நுரையீரல் சுத்தமாக உள்ளது.", "எனக்கு இருமல் இருக்கிறது."),
    ],
)
def test_what_nobody_said_is_the_authors_own_knowledge(text: str, said: str) -> None:
    assert on_own_word(text, said) == []


def test_without_word_lists_doses_of_drugs_are_compared() -> None:
    said = "আমি metformin 500 mg খাই।"

    assert [one.kind for one in on_own_word("Metformin 850 mg, বাম.", said, language="bn-IN")] == [K.DOSE_NOT_OF_DRUG]


def test_the_chart_is_compared_besides() -> None:
    checker = Checker([], check=ClaimCheck.RECORD_ONLY, chart=Chart(("Penicillin",)))

    assert [one.kind for one in checker.doubts_again("Start amoxicillin.", [])] == [K.ALLERGY_IN_RECORD]


ENGLISH, HINDI, BENGALI = Turn(1, "I have a fever."), Turn(2, "मुझे खांसी है।"), Turn(9, "আমার জ্বর নেই।")


def test_a_statement_says_how_far_it_was_checked_where_the_report_does_not() -> None:
    turns = [ENGLISH, HINDI, *(Turn(number, "Hm.") for number in range(3, 9)), BENGALI]
    mixed = Checker(turns, check=ClaimCheck.of("en-IN", "hi-IN", "bn-IN"), unlisted=[9])
    known = Checker([ENGLISH], [(1, "Tired.")])

    assert [mixed.check_of(cited) for cited in ([1], [2], [9], [7], [])] == [
        ClaimCheck.DONE,
        ClaimCheck.DONE,
        None,
        None,
        ClaimCheck.OWN_WORD,
    ]
    assert [known.check_of([1]), known.check_of([], [1]), known.check_of([])] == [None, None, ClaimCheck.OWN_WORD]
    assert Checker([]).check_of([]) is ClaimCheck.RECORD_ONLY
    assert Checker([], check=ClaimCheck.RECORD_ONLY).check_of([]) is None
    assert Checker([]).check_of([1]) is ClaimCheck.RECORD_ONLY, "what it cites was erased"


def test_one_sentence_in_another_language_does_not_end_the_checks_of_the_others() -> None:
    turns = [Turn(1, "I think of suicide.", P), *(Turn(number, "Hm.") for number in range(2, 9)), BENGALI]
    checker = Checker(turns, check=ClaimCheck.WITHOUT_WORD_LISTS, unlisted=[9])
    foreign = Checker(turns, check=ClaimCheck.WITHOUT_WORD_LISTS)

    assert K.NEGATION_DIFFERS in {one.kind for one in checker.doubts("Denies suicidal thoughts.", [1])}
    assert [one.kind for one in checker.omissions([])] == ["risk"]
    assert K.NEGATION_DIFFERS not in {one.kind for one in foreign.doubts("Denies suicidal thoughts.", [1])}


def test_a_statement_that_cites_what_was_erased_has_no_doubts_of_it() -> None:
    assert Checker([]).doubts_again("Metformin 850 mg.", [1]) == []
