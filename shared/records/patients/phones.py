"""The telephone numbers of a patient's record: settled as of the clinic's country, and marked if no plan has them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from shared.records import phone_fields
from shared.records.patients.details import PhoneField
from shared.records.patients.patient import Patient
from shared.records.patients.update import PatientUpdate
from shared.records.problems import FieldError

_PATHS = {
    PhoneField.PRIMARY: "/primary_phone",
    PhoneField.SECONDARY: "/secondary_phone",
    PhoneField.EMERGENCY_CONTACT: "/emergency_contact/phone",
}


def settled(
    written: PatientUpdate, before: Patient | None, country: str | None, insisted: Collection[PhoneField]
) -> tuple[PatientUpdate, list[FieldError]]:
    """The update with its numbers in E.164 and those that no numbering plan has in `unverified_phones`; and its errors.

    `country` (ISO 3166-1) is that of numbers without a country code, `insisted` are the fields whose numbers the client
    insists on. A number that stays as it was stays as it was marked.
    """
    changes: dict[str, Any] = {}
    unverified: list[PhoneField] = []
    errors: list[FieldError] = []
    for field, path in _PATHS.items():
        number, marked = _number(written, field), field in (before.unverified_phones if before else ())
        if number is None:
            continue
        if before is None or number != _number(before, field):
            how = f'"unverified_phones": ["{field}"]'
            found, wrong = phone_fields.settled(number, country, path, insisted=field in insisted, how=how)
            errors += wrong
            if found is None:
                continue
            changes |= _with_number(written, field, found.e164)
            marked = not found.known
        unverified += [field] if marked else []
    return written.model_copy(update={**changes, "unverified_phones": unverified}), errors


def _number(one: PatientUpdate | Patient, field: PhoneField) -> str | None:
    if field == PhoneField.EMERGENCY_CONTACT:
        return one.emergency_contact.phone if one.emergency_contact else None
    return one.primary_phone if field == PhoneField.PRIMARY else one.secondary_phone


def _with_number(written: PatientUpdate, field: PhoneField, number: str) -> dict[str, Any]:
    if field == PhoneField.EMERGENCY_CONTACT:
        assert written.emergency_contact is not None, "it has a number"
        return {field: written.emergency_contact.model_copy(update={"phone": number})}
    return {field: number}
