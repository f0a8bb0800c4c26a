"""Earlier versions: the fields that a change changed, and their values before."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.record_types import record_types
from shared.records.billing.reminder_policy import PaymentReminderPolicy
from shared.records.clinic.settings import ClinicSettings
from shared.records.patients.contact import ContactChoices
from shared.records.patients.patient import Patient
from shared.records.privacy import fields_of
from shared.records.record import Record, Stamp
from shared.records.version import Version, changed_fields
from shared.records.visits.session import Session
from tests.support.factories import DOCTOR, after, patient, session

LATER = Stamp(DOCTOR, after(hours=1))
TEXTS = st.none() | st.text(min_size=1, max_size=8)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "occupation": TEXTS,
    "gender": TEXTS,
    "tags": st.lists(st.text(max_size=4), max_size=3),
    "owner_id": st.sampled_from(["doctor-1", "doctor-2"]),
    "notes": TEXTS,
    "medical_history": TEXTS,
    "allergies": st.lists(st.text(max_size=4), max_size=3),
}
CHANGES = st.fixed_dictionaries({}, optional=VALUES)


@given(CHANGES, CHANGES)
def test_a_version_has_exactly_the_earlier_values_of_what_changed(first: dict[str, Any], then: dict[str, Any]) -> None:
    before = patient().model_copy(update=first)
    changed = before.model_copy(update={**then, "revision": 2})

    version = Version.of(before, changed, LATER)

    expected = {name: getattr(before, name) for name, value in then.items() if value != getattr(before, name)}
    assert changed_fields(before, changed) == expected.keys()
    assert (version is None) == (not expected)
    if version is not None:
        assert {**version.before, **version.clinical_before} == expected


@given(CHANGES, CHANGES)
def test_a_value_of_a_clinical_field_is_in_the_clinical_part_alone(first: dict[str, Any], then: dict[str, Any]) -> None:
    before = patient().model_copy(update=first)

    version = Version.of(before, before.model_copy(update=then), LATER)

    clinical = fields_of(Patient).clinical
    if version is not None:
        assert clinical.isdisjoint(version.before)
        assert clinical >= version.clinical_before.keys()


@given(CHANGES)
def test_the_difference_has_no_direction_and_a_record_does_not_differ_from_itself(changes: dict[str, Any]) -> None:
    before = patient()
    changed = before.model_copy(update=changes)

    assert changed_fields(before, changed) == changed_fields(changed, before)
    assert changed_fields(changed, changed) == frozenset()


def test_a_version_says_who_changed_the_record_and_when() -> None:
    before = session(chief_complaint="Poor sleep")

    version = Version.of(before, before.paused(LATER), LATER)

    assert version is not None
    assert (version.record_id, version.revision) == (before.id, 2)
    assert (version.created_by, version.created_at) == (DOCTOR, LATER.at)
    assert version.before == {"status": "in_progress", "paused_at": None}
    assert version.clinical_before == {}


@pytest.mark.parametrize(
    "changed",
    [patient().revised(LATER), patient().deleted(LATER), session().amended(uploads=1), session().amended(billed=True)],
    ids=["revision", "deleted", "uploads", "billed"],
)
def test_a_change_that_no_field_shows_leaves_no_version(changed: Record) -> None:
    before = patient() if isinstance(changed, Patient) else session()

    assert Version.of(before.model_copy(update={"record_key": changed.record_key}), changed, LATER) is None


def test_patients_sessions_and_settings_keep_versions() -> None:
    settings = {ClinicSettings, PaymentReminderPolicy}
    assert {model for model in record_types() if model.versioned} == {Patient, ContactChoices, Session, *settings}
