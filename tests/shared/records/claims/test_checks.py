"""The checks of statements against what was said: each kind of error is seen, and true statements have no doubt."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from shared.records.claims.checks import MOST_USEFUL_CITATIONS, Checker
from shared.records.claims.doubt import ClaimCheck, Doubt, DoubtKind, Severity
from shared.records.visits.speech import Speaker

K = DoubtKind
D, P = Speaker.PRACTITIONER, Speaker.PATIENT


@dataclass(frozen=True)
class Turn:
    number: int
    text: str
    speaker: Speaker = Speaker.UNKNOWN
    uncertain_words: list[str] = field(default_factory=list)


def doubts(
    text: str, *said: str | tuple[Speaker, str], cited: tuple[int, ...] | None = None, language: str = "en"
) -> list[Doubt]:
    """The doubts of a statement that cites all turns, or those in `cited`."""
    turns = [
        Turn(number, one) if isinstance(one, str) else Turn(number, one[1], one[0])
        for number, one in enumerate(said, start=1)
    ]
    return Checker(turns, check=ClaimCheck.of(language)).doubts(text, cited or tuple(turn.number for turn in turns))


def kinds(
    text: str, *said: str | tuple[Speaker, str], cited: tuple[int, ...] | None = None, language: str = "en"
) -> set[DoubtKind]:
    return {one.kind for one in doubts(text, *said, cited=cited, language=language)}


@pytest.mark.parametrize(
    ("text", "said", "kind"),
    [
        ("Patient has palpitations.", "No, I do not have any palpitations.", K.NEGATION_DIFFERS),
        ("Denies thoughts of suicide.", "Some days I do think about suicide.", K.NEGATION_DIFFERS),
        ("Has wheezing and a cough.", "Do you have any wheezing or cough?", K.NEGATION_DIFFERS),
        ("The wound is not infected.", "The wound is infected, I am afraid.", K.NEGATION_DIFFERS),
        ("Pain in the left hip.", "The pain is in my right hip.", K.SIDE_NOT_IN_EVIDENCE),
        ("Takes clonidine at night.", "I take clozapine at night.", K.DRUG_NOT_IN_EVIDENCE),
        ("Thyroxine 25 mg daily.", "Thyroxine, 25 mcg, daily.", K.NUMBER_NOT_IN_EVIDENCE),
        ("Metformin 75 mg.", "Metformin 500 mg in the morning and aspirin 75 mg at night.", K.DOSE_NOT_OF_DRUG),
        ("Cough for six weeks.", "I have had this cough for two weeks.", K.NUMBER_NOT_IN_EVIDENCE),
        ("TB +ve. On ATT.", "Good afternoon, take a seat.", K.WORDS_NOT_IN_EVIDENCE),
        ("Goes running without pain.", "I go running with pain every day.", K.NEGATION_DIFFERS),
        ("Ibuprofen did help.", "I took ibuprofen, it did not help.", K.NEGATION_DIFFERS),
        ("Denies palpitations.", "No fever your palpitations are worse.", K.NEGATION_DIFFERS),
        ("Smokes 20 cigarettes.", "He smokes 10 cigarettes of the 20 in a packet.", K.NUMBER_NOT_IN_EVIDENCE),
        ("The right ear is blocked.", "The left ear is blocked, the right is fine.", K.SIDE_NOT_IN_EVIDENCE),
        ("Known DM.", "I sleep badly and my back aches.", K.TERM_NOT_SAID),
        ("Denies a lack of sleep.", "A lack of sleep is getting to me.", K.NEGATION_DIFFERS),
        ("Smoker.", "I am a non-smoker, always was.", K.NEGATION_DIFFERS),
        ("RLE oedema w/o erythema.", "Your right leg is swollen and red, there is erythema.", K.NEGATION_DIFFERS),
        ("No smoking, works as a teacher.", "I do not smoke. I do not work as a teacher.", K.NEGATION_DIFFERS),
    ],
)
def test_an_error_has_a_doubt_of_its_kind(text: str, said: str, kind: DoubtKind) -> None:
    assert kind in kinds(text, said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Metformin 850 mg.", "Take metformin eight hundred and fifty milligrams."),
        ("Blood pressure 145/90.", "Your pressure is one forty five over ninety."),
        ("Vitamin D 60000 units weekly.", "Vitamin D 60,000 units every week."),
        ("SpO2 97%.", "Saturation is 97 percent."),
        ("Known hypertension.", "I have high blood pressure."),
        ("Takes atorvastatin 20 mg.", "I take Lipitor, twenty milligrams."),
        ("Pain in the left knee.", "My left knee hurts."),
        ("Denies chest pain.", "No chest pain, no."),
        ("Takes ramipril.", "We are not going to change your ramipril, you take it as before."),
        ("Was a heavy smoker.", "Weren't you a heavy smoker? Yes, I was a heavy smoker."),
        ("If there is no relief, a biopsy.", "If there is no relief, then a biopsy."),
        ("Nil wheeze.", "No wheeze at all."),
        ("Dyspnea.", "I get short of breath."),
        ("Never smoked, works as a teacher.", "I never smoked. I work as a teacher."),
        ("C/o n/v.", "I have nausea and vomiting."),
    ],
)
def test_a_true_statement_has_no_doubt(text: str, said: str) -> None:
    assert doubts(text, said) == []


@pytest.mark.parametrize(("answer", "denied"), [("No.", True), ("Not really.", True), ("Yes, sometimes.", False)])
def test_a_question_takes_the_polarity_of_its_answer(answer: str, denied: bool) -> None:
    said = ((D, "Do you have any chest pain?"), (P, answer))

    assert (K.NEGATION_DIFFERS in kinds("Reports chest pain.", *said)) is denied
    assert (K.NEGATION_DIFFERS in kinds("Denies chest pain.", *said)) is not denied


@pytest.mark.parametrize("answer", ["Not in a long time.", "Not recently, no.", "Um, not all the time."])
def test_a_hedged_answer_does_not_deny(answer: str) -> None:
    assert K.NEGATION_DIFFERS not in kinds("Wheezing as a child.", (D, "Have you had wheezing?"), (P, answer))


def test_an_answer_follows_questions_in_a_row_also_of_an_unknown_speaker() -> None:
    said = ("Do you wheeze?", "Are you wheezing at night?", "Hmm.", "No.")

    assert doubts("Denies wheezing.", *said, cited=(1,)) == []
    assert K.NEGATION_DIFFERS in {one.kind for one in doubts("Wheezing.", *said, cited=(1,))}


def test_a_question_that_is_answered_otherwise_allows_no_denial() -> None:
    asked = ((D, "Have you noticed any wheezing?"), (P, "My throat is quite red."))
    danger = ((D, "Have you had any thoughts of suicide?"), (P, "My sleep is quite bad."))

    assert K.NEGATION_DIFFERS in kinds("No wheezing.", *asked)
    assert K.NEGATION_DIFFERS in kinds("Wheezing.", *asked)
    assert K.NEGATION_DIFFERS in kinds("No thoughts of suicide.", *danger)


def test_a_short_answer_that_names_a_drug_affirms() -> None:
    said = ((D, "And are you allergic to anything?"), (P, "Uh, aspirin."))

    assert doubts("Allergic to aspirin.", *said) == []


def test_only_the_last_question_of_speech_without_signs_takes_the_answer() -> None:
    asked = "now tell me do you ever get wheezing it is important for a good history and have you lately had a fever"
    said = ((D, asked), (P, "no I have not"))

    assert K.NEGATION_DIFFERS in kinds("Fever.", *said)
    assert K.NEGATION_DIFFERS not in kinds("No wheezing.", *said)


def test_an_answer_is_found_over_the_turns_between() -> None:
    said = ((D, "Any thoughts of suicide?"), (D, "You can be open with me."), (P, "No, never."))

    assert doubts("Denies suicidal thoughts.", *said, cited=(1,)) == []


def test_a_changed_dose_names_its_words_segments_and_severity() -> None:
    (one,) = doubts("Sertraline 100 mg.", (D, "Sertraline, 50 milligrams."))

    assert (one.kind, one.severity, one.words, one.segments) == (
        K.NUMBER_NOT_IN_EVIDENCE,
        Severity.MAJOR,
        ["100 mg"],
        [1],
    )


def test_a_plan_of_the_patient_and_a_symptom_of_the_practitioner_alone_are_doubted() -> None:
    assert K.SPEAKER_DIFFERS in kinds("Patient reports poor sleep.", (D, "The poor sleep is a side effect."))
    assert K.SPEAKER_DIFFERS in kinds("Prescribed physiotherapy.", (P, "A friend had physiotherapy."))
    assert K.SPEAKER_DIFFERS not in kinds("Patient reports poor sleep.", "The poor sleep is a side effect.")


def test_a_statement_that_cites_nearly_everything_is_doubted() -> None:
    said = [f"Sentence number {number}." for number in range(MOST_USEFUL_CITATIONS + 1)]

    assert K.TOO_MANY_CITATIONS in kinds("Sentence.", *said)


@pytest.mark.parametrize(
    ("text", "said", "kind"),
    [
        ("रोगी को मधुमेह है।", "मुझे कमर में दर्द है।", K.WORDS_NOT_IN_EVIDENCE),
        ("बुखार है।", "मुझे बुखार नहीं है।", K.NEGATION_DIFFERS),
        ("बुखार नहीं है।", "मुझे तीन दिन से बुखार है।", K.NEGATION_DIFFERS),
        ("बाएं घुटने में दर्द।", "मेरे दाएं घुटने में दर्द है।", K.SIDE_NOT_IN_EVIDENCE),
        ("पांच दिन से खांसी।", "मुझे दो दिन से खांसी है।", K.NUMBER_NOT_IN_EVIDENCE),
        ("मेटफॉर्मिन लेते हैं।", "मैं एस्पिरिन लेता हूँ।", K.DRUG_NOT_IN_EVIDENCE),
    ],
)
def test_hindi(text: str, said: str, kind: DoubtKind) -> None:
    assert kind in kinds(text, said, language="hi-IN")


@pytest.mark.parametrize(
    ("text", "said"),
    [("दो दिन से बुखार।", "मुझे 2 दिन से बुखार है।"), ("बुखार नहीं है।", "नहीं, बुखार नहीं है।"), ("Fever.", "मुझे बुखार है।")],
)
def test_true_hindi_has_no_doubt(text: str, said: str) -> None:
    assert doubts(text, said, language="hi-IN") == []


@pytest.mark.parametrize(
    ("text", "said", "kind"),
    [
        ("நீரிழிவு உள்ளது.", "எனக்கு தலைவலி இருக்கிறது.", K.WORDS_NOT_IN_EVIDENCE),
        ("காய்ச்சல் உள்ளது.", "எனக்கு காய்ச்சல் இல்லை.", K.NEGATION_DIFFERS),
        ("காய்ச்சல் இல்லை.", "எனக்கு காய்ச்சல் இருக்கிறது.", K.NEGATION_DIFFERS),
        ("இடது முழங்காலில் வலி.", "வலது முழங்காலில் வலி.", K.SIDE_NOT_IN_EVIDENCE),
        ("ஐந்து நாள் இருமல்.", "இரண்டு நாள் இருமல்.", K.NUMBER_NOT_IN_EVIDENCE),
    ],
)
def test_tamil(text: str, said: str, kind: DoubtKind) -> None:
    assert kind in kinds(text, said, language="ta-IN")


def test_a_language_without_word_lists_says_so_and_checks_numbers_and_drugs() -> None:
    checker = Checker([Turn(1, "মেটফরমিন 500 mg")], check=ClaimCheck.of("bn-IN"))

    assert not checker.covers
    assert [one.kind for one in checker.doubts("মেটফরমিন 850 mg", [1])] == [K.NUMBER_NOT_IN_EVIDENCE]


@pytest.mark.parametrize(
    ("text", "word", "found"),
    [
        ("Blood pressure 145/90.", "90,", True),
        ("On a beta blocker (metoprolol).", "metoprolol", True),
        ("The pressure is high.", "The", False),
    ],
)
def test_a_word_heard_uncertainly(text: str, word: str, found: bool) -> None:
    said = "The pressure is high, 145 over 90, I take metoprolol, a beta blocker"
    checker = Checker([Turn(1, said, uncertain_words=[word])])

    assert (K.HEARD_UNCERTAINLY in {one.kind for one in checker.doubts(text, [1])}) is found
