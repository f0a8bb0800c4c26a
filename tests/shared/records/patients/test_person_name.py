"""What is a name of a patient, and what only fills its field."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from shared.records.patients.person_name import is_placeholder
from shared.records.patients.update import NewPatient, PatientPatch
from tests.support.factories import patient

TODAY = date(2026, 11, 29)
FILLERS = [
    "?",
    "-",
    ".",
    "...",
    "—",
    "NA",
    "N/A",
    "n.a.",
    "xxx",
    "XX",
    "Unknown",
    "NOT KNOWN",
    "０",
    "不明",
    "अज्ञात",
    "مجهول",
]


def registered(**values: Any) -> NewPatient:
    return NewPatient.model_validate_json(json.dumps({"date_of_birth": "1990", **values}))


def pointers(new: NewPatient) -> list[str]:
    return [error.pointer for error in new.field_errors(TODAY)]


@pytest.mark.parametrize("text", FILLERS)
@pytest.mark.parametrize("field", ["first_name", "last_name", "preferred_name"])
def test_a_filler_beside_a_name_is_refused_with_advice(text: str, field: str) -> None:
    other = "first_name" if field == "last_name" else "last_name"

    with pytest.raises(ValidationError, match=r"leave the field out|visible letter") as refused:
        registered(**{other: "Suharto", field: text})

    assert [error["loc"] for error in refused.value.errors()] == [(field,)]


@pytest.mark.parametrize("name", ["Na", "X", "Nil", "Xi", "Null", "O", "Anon", "Ng", "Ab", "3rd Son", "अ", "Unknow"])
def test_a_short_or_odd_name_is_a_name(name: str) -> None:
    assert not is_placeholder(name)
    assert registered(first_name=name).first_name == name


@pytest.mark.parametrize("text", FILLERS)
def test_fillers_in_place_of_every_name_say_that_it_is_unknown(text: str) -> None:
    new = registered(first_name=text, last_name="?")

    assert (new.full_name, new.name_unknown, pointers(new)) == ("", True, [])


@pytest.mark.parametrize("text", ["\u200b", "\u00ad", "\u3164", "\u202e", " ", "", "\u2800"])
def test_what_cannot_be_seen_is_refused_and_says_nothing(text: str) -> None:
    with pytest.raises(ValidationError):
        registered(first_name=text, last_name=text)


def test_who_has_no_known_name_says_so_and_has_a_label() -> None:
    assert pointers(registered()) == ["/first_name"]
    assert pointers(registered(name_unknown=True)) == []
    assert pointers(registered(name_unknown=True, first_name="Asha")) == ["/name_unknown"]
    assert pointers(registered(name_unknown=True, preferred_name="Asha")) == ["/name_unknown"]
    nobody = patient(first_name=None, last_name=None, name_unknown=True)
    assert (nobody.full_name, nobody.display_name) == ("", "Unknown patient PAT-20260001")


def test_a_name_that_becomes_known_ends_the_unknown_name() -> None:
    nobody = patient(first_name=None, last_name=None, name_unknown=True)

    def errors(**patch: Any) -> list[str]:
        return [error.pointer for error in PatientPatch(**patch).onto(nobody).field_errors(TODAY)]

    assert errors(first_name="Asha") == ["/name_unknown"]
    assert errors(first_name="Asha", name_unknown=False) == []


@pytest.mark.parametrize(("first", "last"), [("Mīrā", "D'Souza-Núñez"), ("Nguyễn", None), (None, "O’Brien 3")])
def test_a_name_in_latin_letters_stands_beside_the_own_script(first: str | None, last: str | None) -> None:
    new = registered(first_name="मीरा", latin_name={"first_name": first, "last_name": last})

    assert new.latin_name is not None
    assert new.latin_name.text == " ".join(name for name in (first, last) if name)


@pytest.mark.parametrize("text", ["मीरा", "Мира", "Meera மீரா", "?"])
def test_other_letters_are_no_latin_name(text: str) -> None:
    with pytest.raises(ValidationError) as refused:
        registered(first_name="मीरा", latin_name={"first_name": text})

    assert {error["loc"] for error in refused.value.errors()} == {("latin_name", "first_name")}
    assert pointers(registered(first_name="मीरा", latin_name={})) == ["/latin_name"]


def test_a_date_and_an_estimate_exclude_each_other() -> None:
    estimate = {"years": 40, "as_of": "2026-11-29"}

    assert pointers(registered(first_name="Asha", date_of_birth=None, estimated_age=estimate)) == []
    assert pointers(registered(first_name="Asha", date_of_birth=None)) == []
    assert pointers(registered(first_name="Asha", estimated_age=estimate)) == ["/estimated_age"]
    late = {"years": 40, "as_of": "2026-11-30"}
    assert pointers(registered(first_name="Asha", date_of_birth=None, estimated_age=late)) == ["/estimated_age/as_of"]
