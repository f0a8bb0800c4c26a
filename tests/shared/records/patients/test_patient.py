"""Patients: age, registration, patches and sharing."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.records.patients.patient import MOST_DOCTORS, Patient
from shared.records.patients.update import MedicalBackground, NewPatient, PatientPatch, PatientUpdate
from shared.records.problems import Conflict, Invalid
from shared.records.record import Stamp
from tests.support.factories import DOCTOR, NOON, patient

U = TypeVar("U", bound=PatientUpdate)
BIRTHS = st.dates(date(1900, 1, 1), date(2026, 1, 1))
REQUIRED = {"first_name": "Asha", "last_name": "Rao", "date_of_birth": "1984-02-29"}


def sent(model: type[U], body: dict[str, Any]) -> U:
    """Validate a request body."""
    return model.model_validate_json(json.dumps(body))


def wrong_in(refusal: pytest.ExceptionInfo[ValidationError]) -> set[str]:
    """The locations of the errors in a body."""
    return {"/".join(map(str, error["loc"])) for error in refusal.value.errors()}


def test_whether_a_birth_is_in_the_future_is_told_by_the_clinics_calendar() -> None:
    today = date(2026, 9, 14)

    assert [*sent(NewPatient, REQUIRED | {"date_of_birth": "2026-09-14"}).field_errors(today)] == []
    (wrong,) = sent(NewPatient, REQUIRED | {"date_of_birth": "2026-09-15"}).field_errors(today)
    assert wrong.pointer == "/date_of_birth"


@pytest.mark.parametrize("day", ["2999-01-01", "1879-12-31", "0001-01-01", "1984-02-30", "1984-2-9", "", 0, 446860800])
def test_no_such_birth_is_refused_with_all_else_that_is_wrong(day: object) -> None:
    with pytest.raises(ValidationError) as refusal:
        sent(NewPatient, {"first_name": "Asha", "date_of_birth": day, "email": "asha"})

    assert wrong_in(refusal) == {"date_of_birth", "email"}


@pytest.mark.parametrize(("first", "last", "full"), [("Suharto", None, "Suharto"), (None, "Björk", "Björk")])
def test_one_name_is_enough(first: str | None, last: str | None, full: str) -> None:
    new = sent(NewPatient, REQUIRED | {"first_name": first, "last_name": last})

    assert [*new.field_errors(date(2026, 9, 14))] == []
    assert new.full_name == full


def test_a_patient_without_any_name_is_refused() -> None:
    new = sent(NewPatient, REQUIRED | {"first_name": None, "last_name": None})
    patched = sent(PatientPatch, {"first_name": None, "last_name": None}).onto(patient())

    for update in (new, patched):
        assert [error.pointer for error in update.field_errors(date(2026, 9, 14))] == ["/first_name"]


def test_births_from_1880_until_today_wherever_it_is_today_are_taken() -> None:
    tomorrow_by_our_clock = (datetime.now(UTC) + timedelta(hours=14)).date()

    for day in (date(1880, 1, 1), tomorrow_by_our_clock):
        assert sent(NewPatient, REQUIRED | {"date_of_birth": day.isoformat()}).date_of_birth == day.isoformat()
    with pytest.raises(ValidationError):
        sent(NewPatient, REQUIRED | {"date_of_birth": (tomorrow_by_our_clock + timedelta(days=1)).isoformat()})


def test_a_registration_becomes_a_patient_with_all_it_said() -> None:
    values: dict[str, Any] = {
        "primary_phone": "+919845012345",
        "address": {"lines": ["12 Residency Road"], "city": "Bengaluru", "country": "IN"},
        "emergency_contact": {"name": "Ravi", "phone": "+919845012346", "relationship": "brother"},
        "tags": ["new"],
        "blood_group": "AB-",
        "allergies": ["penicillin"],
    }

    made = patient(**values)

    shown = made.model_dump(mode="json", exclude_unset=True)
    assert {name: shown[name] for name in ("primary_phone", "tags", "blood_group", "allergies")} == {
        name: values[name] for name in ("primary_phone", "tags", "blood_group", "allergies")
    }
    assert shown["address"]["lines"] == ["12 Residency Road"]
    assert shown["emergency_contact"] == values["emergency_contact"]
    assert (made.owner_id, made.created_by, made.revision) == (DOCTOR, DOCTOR, 1)


def test_every_field_of_a_registration_but_the_override_is_one_of_the_patient() -> None:
    assert set(NewPatient.model_fields) - set(Patient.model_fields) == {"allow_duplicate"}


def test_every_field_that_the_customer_asked_for_is_there() -> None:
    asked = """first_name last_name date_of_birth gender primary_phone secondary_phone email address blood_group
        allergies medical_history current_medications occupation marital_status preferred_language emergency_contact
        insurance notes tags number created_by"""

    assert set(asked.split()) <= set(Patient.model_fields)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("first_name", "   "),
        ("last_name", "x" * 201),
        ("primary_phone", "98450 12345 ext 7"),
        ("email", "asha at example"),
        ("date_of_birth", "29/02/1984"),
        ("preferred_language", "English please"),
        ("address", {"lines": []}),
        ("address", {"lines": ["x"], "country": "India"}),
        ("blood_group", "C+"),
        ("number", "PAT-20260001"),
        ("unheard_of", 1),
    ],
)
def test_a_wrong_or_unknown_field_is_refused(field: str, value: object) -> None:
    with pytest.raises(ValidationError) as refusal:
        sent(NewPatient, REQUIRED | {field: value})

    assert {str(error["loc"][0]) for error in refusal.value.errors()} == {field}


# Changes

WHOLE = {
    **REQUIRED,
    "email": "asha@mail.example",
    "address": {"lines": ["12 Residency Road"], "city": "Bengaluru", "country": "IN"},
    "tags": ["new", "anxiety group"],
    "notes": "Prefers mornings.",
    "allergies": ["Penicillin"],
}


def patched(patch: dict[str, Any]) -> dict[str, Any]:
    """The non-empty request fields of the patient after a patch."""
    after = sent(PatientPatch, patch).onto(patient(**WHOLE))
    assert type(after) is PatientUpdate
    return after.model_dump(mode="json", exclude_defaults=True, exclude_none=True)


@pytest.mark.parametrize(
    ("patch", "change"),
    [
        ({}, {}),
        ({"first_name": "Usha"}, {"first_name": "Usha"}),
        ({"email": None}, {"email": ...}),
        ({"tags": ["old"]}, {"tags": ["old"]}),
        ({"tags": []}, {"tags": ...}),
        ({"address": None}, {"address": ...}),
        (
            {"address": {"city": "Mysuru"}},
            {"address": {"lines": ["12 Residency Road"], "city": "Mysuru", "country": "IN"}},
        ),
        ({"address": {"city": None}}, {"address": {"lines": ["12 Residency Road"], "country": "IN"}}),
        ({"insurance": {"provider_name": "Star", "policy_number": "7"}},) * 2,
    ],
)
def test_a_patch_is_merged_as_rfc_7396_has_it(patch: dict[str, Any], change: dict[str, Any]) -> None:
    expected = {name: value for name, value in {**WHOLE, **change}.items() if value is not ...}

    assert patched(patch) == expected


@pytest.mark.parametrize(
    ("patch", "wrong"),
    [
        ({"tags": None, "name_unknown": None}, {"tags", "name_unknown"}),
        ({"address": {"lines": None, "city": 5}}, {"address/lines", "address/city"}),
        ({"owner_id": "doctor-2"}, {"owner_id"}),
        ({"allow_duplicate": None}, {"allow_duplicate"}),
    ],
)
def test_a_patch_clears_and_names_only_what_may_be(patch: dict[str, Any], wrong: set[str]) -> None:
    with pytest.raises(ValidationError) as refusal:
        sent(PatientPatch, patch)

    assert wrong_in(refusal) == wrong


def test_a_part_of_what_is_not_there_is_refused_by_what_it_lacks() -> None:
    patch = {"emergency_contact": {"relationship": "sister"}, "insurance": {"policy_number": "7"}}

    with pytest.raises(Invalid) as refusal:
        sent(PatientPatch, patch).onto(patient())

    assert {error.pointer for error in refusal.value.errors} == {
        "/emergency_contact/name",
        "/emergency_contact/phone",
        "/insurance/provider_name",
    }


def test_who_may_not_see_clinical_fields_leaves_them_as_they_are() -> None:
    before, update = patient(**WHOLE), sent(PatientUpdate, {**REQUIRED, "first_name": "Usha"})

    by_desk = before.rewritten(update, Stamp("desk", NOON), clinical=False)
    by_doctor = before.rewritten(update, Stamp(DOCTOR, NOON), clinical=True)

    assert (by_desk.first_name, by_desk.email, by_desk.notes, by_desk.allergies) == (
        "Usha",
        None,
        "Prefers mornings.",
        ["Penicillin"],
    )
    assert (by_doctor.email, by_doctor.notes, by_doctor.allergies) == (None, None, [])


@given(st.sets(st.sampled_from(sorted(MedicalBackground.model_fields))))
def test_a_clinical_field_is_named_even_when_it_is_said_to_be_empty(names: set[str]) -> None:
    empty: dict[str, object] = {"allergies": [], "current_medications": [], "diagnoses": [], "clinical_tags": []}

    assert set(sent(PatientPatch, {name: empty.get(name) for name in names}).clinical_fields()) == names


# Sharing


def test_a_patient_is_seen_by_the_owner_and_those_it_is_shared_with() -> None:
    shared = patient().shared("two", Stamp(DOCTOR, NOON)).shared("three", Stamp(DOCTOR, NOON))
    withdrawn = shared.withdrawn("two", Stamp(DOCTOR, NOON))
    given_away = shared.transferred("three", Stamp(DOCTOR, NOON))

    def seen(one: Patient) -> set[str]:
        return {doctor for doctor in (DOCTOR, "two", "three", "four") if one.seen_by(doctor)}

    assert seen(shared) == {DOCTOR, "two", "three"}
    assert seen(withdrawn) == {DOCTOR, "three"}
    assert seen(given_away) == {"two", "three"}
    assert (given_away.owner_id, given_away.shared_with) == ("three", ["two"])


def test_a_patient_is_shared_with_so_many_doctors_and_no_more() -> None:
    shared = patient()
    for number in range(MOST_DOCTORS):
        shared = shared.shared(f"d{number}", Stamp(DOCTOR, NOON))

    with pytest.raises(Conflict):
        shared.shared("one-more", Stamp(DOCTOR, NOON))
