"""Which changes of a patient leave the search tokens as they are."""

from __future__ import annotations

from typing import Any

import pytest

from bench.sealing import full_patient, new_keyring
from shared.records.partial_date import PartialDate
from shared.records.patients.merge import Merge
from shared.records.patients.patient import Patient
from shared.store.patient_tokens import are_kept, tokens_of

KEYRING = new_keyring()
FULL = full_patient().model_copy(update={"shared_with": ["second"], "clinical_tags": ["HIV+"]})
AT, BY = FULL.created_at, FULL.created_by
OTHER: dict[str, Any] = {
    "date_of_birth": PartialDate("1980-01"),
    "latin_name": None,
    "merge": Merge(into="other", merged_at=AT, merged_by=BY, owner_id=BY, shared_with=[], writers=[]),
    "merged_patient_ids": ["other"],
}
SEARCHED = {
    *("number", "owner_id", "shared_with", "merge", "merged_patient_ids", "first_name", "last_name", "preferred_name"),
    *("latin_name", "date_of_birth", "primary_phone", "secondary_phone", "email", "tags", "clinical_tags", "id"),
}


def with_another(field: str) -> Patient:
    """The full patient with another value in this field, which nobody validates."""
    value = getattr(FULL, field)
    others = {str: "Other 123456", bool: not value, list: []}
    return FULL.model_copy(update={field: OTHER.get(field, others.get(type(value)))})


@pytest.mark.parametrize("field", sorted(Patient.model_fields.keys() - SEARCHED))
def test_what_nobody_searches_by_leaves_them(field: str) -> None:
    after = with_another(field)

    assert are_kept(FULL, after)
    assert tokens_of(KEYRING, after) == tokens_of(KEYRING, FULL)


@pytest.mark.parametrize("field", sorted(SEARCHED))
def test_what_patients_are_found_by_does_not(field: str) -> None:
    assert not are_kept(FULL, with_another(field))


def test_who_has_merged_records_gets_new_ones() -> None:
    survivor = with_another("merged_patient_ids")

    assert not are_kept(survivor, survivor.model_copy(update={"occupation": None}))
