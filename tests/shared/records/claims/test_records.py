"""Checks against the chart, of normal findings, and of who said what."""

from __future__ import annotations

import pytest

from shared.records.claims.chart import Chart
from shared.records.claims.checks import Checker
from shared.records.claims.doubt import Doubt, DoubtKind, Severity
from shared.records.claims.kinds import StatementKind, kind_of
from shared.records.visits.speech import Speaker
from tests.support.factories import segment

K = StatementKind
CHART = Chart(("Penicillin (rash)", "Sulfa drugs", "Peanuts"), ("sertraline 100 mg", "metformin"))
D, P, OTHER, U = Speaker.PRACTITIONER, Speaker.PATIENT, Speaker.OTHER, Speaker.UNKNOWN


def against_chart(text: str, kind: StatementKind | None = None, chart: Chart = CHART) -> list[Doubt]:
    """The doubts that the chart gives a statement that was said as it stands."""
    found = Checker([segment(1, text, speaker=U)], chart=chart).doubts(text, [1], kind=kind)
    return [one for one in found if one.recorded]


@pytest.mark.parametrize(
    ("text", "kind", "words", "recorded"),
    [
        ("Amoxicillin 500 mg three times a day.", K.PLANNED, ["amoxicillin"], ["Penicillin (rash)"]),
        ("Start Augmentin.", None, ["augmentin"], ["Penicillin (rash)"]),
        ("Prescribed Bactrim for five days.", None, ["bactrim"], ["Sulfa drugs"]),
        ("No known drug allergies.", K.SAID_BY_PATIENT, ["drug allergies"], list(CHART.allergies)),
        ("NKDA.", None, ["drug allergies"], list(CHART.allergies)),
        ("Patient denies allergies.", None, ["allergies"], list(CHART.allergies)),
        ("Denies allergy to peanuts.", None, ["allergy", "peanuts"], ["Peanuts"]),
    ],
)
def test_what_the_chart_has_as_an_allergy_is_a_major_doubt(
    text: str, kind: StatementKind | None, words: list[str], recorded: list[str]
) -> None:
    (doubt,) = against_chart(text, kind)

    assert (doubt.kind, doubt.severity) == (DoubtKind.ALLERGY_IN_RECORD, Severity.MAJOR)
    assert (doubt.words, doubt.recorded, doubt.segments) == (words, recorded, [])


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Allergic to penicillin.", K.SAID_BY_PATIENT),
        ("Avoid amoxicillin.", K.PLANNED),
        ("Amoxicillin gave a rash in childhood.", K.SAID_BY_PATIENT),
        ("Start ibuprofen 400 mg.", K.PLANNED),
        ("No allergy to latex.", None),
        ("No other allergies.", None),
        ("Seasonal allergies.", None),
    ],
)
def test_what_agrees_with_the_chart_or_is_not_in_it_has_no_doubt(text: str, kind: StatementKind | None) -> None:
    assert against_chart(text, kind) == []


def test_a_chart_without_allergies_denies_none() -> None:
    assert against_chart("No known drug allergies.", chart=Chart()) == []
    assert against_chart("Start amoxicillin.", K.PLANNED, Chart(("Latex",))) == []


def test_a_present_dose_that_the_chart_has_otherwise_is_a_major_doubt() -> None:
    (doubt,) = against_chart("Currently takes sertraline 50 mg.", K.SAID_BY_PATIENT)

    assert (doubt.kind, doubt.severity) == (DoubtKind.MEDICATION_NOT_AS_IN_RECORD, Severity.MAJOR)
    assert (doubt.words, doubt.recorded) == (["sertraline", "50 mg"], ["sertraline 100 mg"])


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Takes Zoloft 100 mg.", None),
        ("Takes sertraline 0.1 g.", None),
        ("Increase sertraline to 150 mg.", K.PLANNED),
        ("Sertraline was increased from 50 mg.", None),
        ("Takes metformin 500 mg.", None),
        ("Takes ramipril 5 mg.", None),
    ],
)
def test_the_same_dose_a_change_and_an_unknown_dose_have_no_doubt(text: str, kind: StatementKind | None) -> None:
    assert against_chart(text, kind) == []


@pytest.mark.parametrize(
    ("kind", "speakers", "doubted"),
    [
        (K.SAID_BY_PATIENT, [D], True),
        (K.SAID_BY_PATIENT, [D, P], False),
        (K.SAID_BY_PATIENT, [OTHER], False),
        (K.SAID_BY_PATIENT, [U], False),
        (K.SAID_BY_OTHERS, [D], True),
        (K.SAID_BY_OTHERS, [OTHER], False),
        (K.SAID_BY_OTHERS, [P], True),
        (K.OBSERVED, [P], True),
        (K.OBSERVED, [D], False),
        (K.ASSESSED, [P], True),
        (K.PLANNED, [P], True),
        (K.PLANNED, [P, D], False),
        (None, [D], False),
    ],
)
def test_a_kind_needs_its_speaker_among_those_who_are_cited(
    kind: StatementKind | None, speakers: list[Speaker], doubted: bool
) -> None:
    segments = [segment(number, "The knee is swollen.", speaker=one) for number, one in enumerate(speakers, start=1)]
    others = [segment(9, "Well.", speaker=P), segment(10, "Well.", speaker=D)]

    doubts = Checker([*segments, *others]).doubts("Knee swollen.", [one.number for one in segments], kind=kind)

    assert [one.kind for one in doubts] == ([DoubtKind.SPEAKER_DIFFERS] if doubted else [])


def test_what_another_person_said_may_be_told_by_the_patient_who_names_them() -> None:
    said = segment(1, "My mother says that I snore.", speaker=P)

    assert Checker([said]).doubts("Snores, his mother says.", [1], kind=K.SAID_BY_OTHERS) == []


def test_a_typed_note_may_say_what_the_patient_said() -> None:
    doubts = Checker([segment(1, "Good morning.", speaker=D)], [(1, "Knee swollen since May.")]).doubts(
        "Knee swollen since May.", [], [1], K.SAID_BY_PATIENT
    )

    assert doubts == []


def test_only_kinds_that_a_writer_may_give_are_read() -> None:
    assert kind_of("planned") is K.PLANNED
    assert [kind_of(one) for one in ("recorded", "guessed", None, 7, ["planned"])] == [None] * 5


NORMAL = [
    ("Physical examination is unremarkable.", "I have had this cough for two weeks.", True),
    ("Lungs are clear to auscultation.", "Let me listen to your chest. Your lungs sound good.", False),
    ("Lungs are clear to auscultation.", "I have a cough. Okay.", True),
    ("Mood euthymic, affect congruent.", "I have been sad since my wife left.", True),
    ("Vital signs are within normal limits.", "Please sit down. How are you?", True),
    ("Blood pressure normal.", "Your blood pressure is fine.", False),
    ("Abdomen soft and non-tender.", "Your belly is soft, and nothing hurts there.", False),
    ("Gait is normal.", "I walk two miles a day, that is normal for me.", False),
    ("More thirsty than normal.", "I am more thirsty than usual.", False),
    ("जाँच सामान्य है।", "मुझे दो हफ्ते से खांसी है।", True),
    ("பரிசோதனை இயல்பானது, எல்லாம் நார்மல்.", "எனக்கு இரண்டு வாரமாக இருமல்.", True),
]


@pytest.mark.parametrize(("text", "said", "doubted"), NORMAL)
def test_a_normal_finding_needs_somebody_who_said_that_all_is_well(text: str, said: str, doubted: bool) -> None:
    doubts = Checker([segment(1, said, speaker=U)]).doubts(text, [1])

    found = [one for one in doubts if one.kind is DoubtKind.NORMAL_NOT_IN_EVIDENCE]
    assert [one.severity for one in found] == ([Severity.MAJOR] if doubted else [])
