"""Admission: who may act, which patients they may see, and which of the clinical fields."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from shared.records.clinic.people import User
from shared.records.problems import Forbidden, NotFound, Problem, Unauthenticated
from shared.records.record import Stamp
from shared.records.types import Role
from shared.store.admission import FRONT_DESK, Admission, require_clinician
from shared.store.context import SYSTEM_CALLER, Caller
from shared.store.firestore import values
from shared.store.firestore.snapshot import Snapshot
from tests.support.factories import DOCTOR, NOON, after

EVERYBODY = frozenset(Role)


def stored(**fields: Any) -> Snapshot:
    """A patient's document."""
    return Snapshot("clinics/aster/patients/patient", {"fields": values.write_fields(fields)})


def patient_of(owner: str, *shared_with: str, live: bool = True) -> Snapshot:
    return stored(owner_id=owner, shared_with=list(shared_with), live=live)


def admission_of(*roles: Role, allowed: Iterable[Role] = EVERYBODY, **changes: Any) -> Admission:
    """The admission of a user who holds these roles, in an operation that is open to `allowed`."""
    values = {"email": "asha@clinic.example", "roles": list(roles), "tokens_valid_after": NOON, **changes}
    admission = Admission(Caller(DOCTOR, frozenset(allowed), after(hours=1)))
    admission.check_user(User.new(DOCTOR, Stamp(DOCTOR, NOON), **values))
    return admission


@pytest.mark.parametrize(
    ("roles", "patient", "clinical"),
    [
        ([Role.DOCTOR], patient_of(DOCTOR), True),
        ([Role.DOCTOR], patient_of("other", DOCTOR), True),
        ([Role.ADMIN], patient_of("other"), True),
        ([Role.RECEPTIONIST], patient_of("other"), False),
        ([Role.RECEPTIONIST, Role.DOCTOR], patient_of("other"), False),
        ([Role.RECEPTIONIST, Role.DOCTOR], patient_of(DOCTOR), True),
    ],
)
def test_a_patient_is_admitted_with_or_without_clinical_fields(
    roles: list[Role], patient: Snapshot, clinical: bool
) -> None:
    admission = admission_of(*roles)

    admission.admit(patient, live=True)

    assert admission.clinical == clinical


@pytest.mark.parametrize(
    ("roles", "allowed", "patient"),
    [
        ([Role.DOCTOR], EVERYBODY, patient_of("other")),
        ([Role.DOCTOR], EVERYBODY, patient_of(DOCTOR, live=False)),
        ([Role.DOCTOR], EVERYBODY, Snapshot("clinics/aster/patients/patient")),
        ([Role.RECEPTIONIST, Role.DOCTOR], {Role.DOCTOR}, patient_of("other")),
    ],
)
def test_a_foreign_patient_cannot_be_told_from_a_missing_one(
    roles: list[Role], allowed: Iterable[Role], patient: Snapshot
) -> None:
    with pytest.raises(NotFound):
        admission_of(*roles, allowed=allowed).admit(patient, live=True)


def test_one_patient_without_clinical_access_hides_the_clinical_fields_of_all() -> None:
    admission = admission_of(Role.RECEPTIONIST, Role.DOCTOR)

    admission.admit(patient_of(DOCTOR), live=True)
    admission.admit(patient_of("other"), live=True)
    admission.admit(patient_of(DOCTOR), live=True)

    assert not admission.clinical


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"tokens_valid_after": after(hours=2)}, Unauthenticated),
        ({"disabled": True}, Unauthenticated),
        ({"roles": [Role.RECEPTIONIST]}, Forbidden),
    ],
)
def test_a_user_is_refused(changes: dict[str, Any], problem: type[Problem]) -> None:
    with pytest.raises(problem):
        admission_of(Role.DOCTOR, allowed={Role.DOCTOR}, **changes)


@pytest.mark.parametrize(
    ("roles", "allowed", "scope"),
    [
        ([Role.ADMIN], EVERYBODY, FRONT_DESK),
        ([Role.RECEPTIONIST], EVERYBODY, FRONT_DESK),
        ([Role.DOCTOR], EVERYBODY, DOCTOR),
        ([Role.DOCTOR, Role.RECEPTIONIST], {Role.DOCTOR}, DOCTOR),
    ],
)
def test_the_scope_of_search_follows_the_roles_that_count(
    roles: list[Role], allowed: Iterable[Role], scope: str
) -> None:
    assert admission_of(*roles, allowed=allowed).scope == scope


def test_the_system_sees_everything() -> None:
    system = Admission(SYSTEM_CALLER)

    assert (system.scope, system.clinical, system.sees_all_patients) == (FRONT_DESK, True, True)
    assert not system.has_role(Role.ADMIN)


def test_clinical_fields_are_refused_by_name() -> None:
    require_clinician(["notes"], clinical=True)
    require_clinician([], clinical=False)
    with pytest.raises(Forbidden) as refused:
        require_clinician(["notes", "allergies"], clinical=False)

    assert [error.pointer for error in refused.value.errors] == ["/notes", "/allergies"]
