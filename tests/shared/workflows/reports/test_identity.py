"""Names and births from the registration to the search and the paper: what is known stays, and nothing is added."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shared.records.letterhead import PatientIdentity
from shared.records.patients.death import NewDeath
from shared.records.patients.patient import Patient
from shared.records.patients.search import PatientSearch, tiers
from shared.records.patients.terms import terms_of
from shared.records.patients.update import NewPatient
from shared.render.blocks import identity_of
from shared.render.words.arabic import ARABIC
from shared.render.words.english import ENGLISH
from shared.render.words.hindi import HINDI
from shared.render.words.tamil import TAMIL
from shared.workflows.documents import patient_block
from tests.support.factories import BY_DOCTOR, DOCTOR

LETTERS = ("abcdefgxyzéłñ", "अकमरवलस", "கமரவல", "абвгд", "بتثجح", "김박이민", "王李张")
WORD = st.sampled_from(LETTERS).flatmap(lambda letters: st.text(letters, min_size=2, max_size=9))
NAME = st.lists(WORD.filter(lambda word: set(word) != {"x"}), min_size=1, max_size=2).map(" ".join)
NAMES = st.tuples(NAME | st.none(), NAME | st.none()).filter(any)
BIRTHS = st.tuples(st.dates(date(1900, 1, 1), date(2020, 1, 1)), st.sampled_from([0, 4, 7, 10])).map(
    lambda drawn: drawn[0].isoformat()[: drawn[1]] or None
)


def registered(values: dict[str, Any]) -> Patient:
    """A patient from the JSON of a registration, stored and read."""
    new = NewPatient.model_validate_json(json.dumps(values))
    assert [*new.field_errors(date(2026, 11, 29))] == []
    made = Patient.register(new, BY_DOCTOR, id="patient", number="PAT-20260001", owner_id=DOCTOR)
    return Patient.model_validate(made.model_dump(mode="json"))


def found_first(text: str, patient: Patient) -> bool:
    """True if the search has the patient among the exact matches."""
    exact = tiers(PatientSearch(text=text), "IN")[0]
    return bool(terms_of(patient) & set(exact.groups[0]))


@given(NAMES, BIRTHS)
def test_a_name_and_a_birth_date_are_read_found_and_printed_as_they_were_registered(
    names: tuple[str | None, str | None], born: str | None
) -> None:
    patient = registered({"first_name": names[0], "last_name": names[1], "date_of_birth": born})

    assert (patient.first_name, patient.last_name, patient.date_of_birth) == (*names, born)
    assert found_first(" ".join(name for name in names if name), patient)
    assert born is None or found_first(born, patient)
    printed = patient_block(PatientIdentity.of(patient))
    assert printed.name == " ".join(name for name in names if name)
    running = identity_of(printed, "REP-20260001", ENGLISH)
    assert ENGLISH.partial_date(printed.date_of_birth) in running
    assert (born is None) == (running == "PAT-20260001 · REP-20260001")
    assert born is None or len(ENGLISH.partial_date(printed.date_of_birth).split()) == len(born.split("-"))


@given(NAME, st.text("abcdeéñ", min_size=2, max_size=9))
def test_a_latin_name_is_found_and_printed_beside_the_own_script(own: str, latin: str) -> None:
    patient = registered({"first_name": own, "latin_name": {"first_name": latin}})

    assert found_first(own, patient)
    assert found_first(latin, patient)
    assert patient_block(PatientIdentity.of(patient)).name == f"{own} ({latin})"


def test_who_has_no_known_name_is_printed_with_a_label_and_an_estimate_is_no_birth_date() -> None:
    estimate = {"years": 40, "as_of": "2026-11-29"}
    patient = registered({"name_unknown": True, "estimated_age": estimate})

    printed = patient_block(PatientIdentity.of(patient))

    assert printed.name == "Unknown patient PAT-20260001"
    assert identity_of(printed, "", ENGLISH) == "PAT-20260001"
    assert ENGLISH.age(patient.age_span_on(date(2027, 12, 1))) == "about 41 years"


def test_the_death_is_printed_on_every_page_in_every_language() -> None:
    patient = registered({"first_name": "Asha", "date_of_birth": "1950"})
    alive = identity_of(patient_block(PatientIdentity.of(patient)), "", ENGLISH)
    death = NewDeath.model_validate({"date": "2026-10"}).recorded(date(2026, 11, 29))

    printed = patient_block(PatientIdentity.of(patient.died(death, BY_DOCTOR)))

    assert alive == "born 1950 · PAT-20260001"
    assert identity_of(printed, "", ENGLISH) == "born 1950 · died October 2026 · PAT-20260001"
    for words in (HINDI, TAMIL, ARABIC):
        said = (
            words.marks.died.format(date=words.partial_date(printed.died)).replace("\u2068", "").replace("\u2069", "")
        )
        assert said in identity_of(printed, "", words)
