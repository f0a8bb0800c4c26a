"""Admission: whether the caller may act, which patients they may see, and which of the clinical fields.

Pure: every decision is made from records and snapshots that the unit of work has read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from shared.records.clinic.people import User
from shared.records.problems import FieldError, Forbidden, NotFound, Unauthenticated
from shared.records.types import Role
from shared.store.context import Caller
from shared.store.firestore.snapshot import Snapshot

FRONT_DESK = "front-desk"
"""The scope of the search tokens of users who see all patients."""


class Admission:
    """The rights of one caller in one unit of work. Without a user (the system), everything is admitted."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self.user: User | None = None
        self.clinical = True
        """True while the caller may see the clinical fields of every patient that was admitted."""

    def check_user(self, user: User) -> None:
        """Admit the user. Raises Unauthenticated when their tokens were revoked, Forbidden when they lack the role."""
        self.user = user
        if not user.accepts(self._caller.token_issued_at):
            raise Unauthenticated
        if not user.may(self._caller.allowed):
            raise Forbidden

    def admit(self, patient: Snapshot, *, live: bool) -> None:
        """Raises NotFound unless the caller may see the patient: strangers cannot tell it from a missing one."""
        if not patient.exists or patient.get("live") != live:
            raise NotFound
        clinical = self.treats(patient.get("owner_id"), patient.get("shared_with"))
        if not clinical and not self.sees_all_patients:
            raise NotFound
        self.clinical = self.clinical and clinical

    def sees(self, patient: Snapshot) -> bool:
        """True if the caller may see a patient, whether or not they are deleted."""
        return self.sees_all_patients or self.treats(patient.get("owner_id"), patient.get("shared_with"))

    def admit_new(self, owner_id: str, shared_with: Collection[str]) -> None:
        """Take a patient that is being registered into account."""
        self.clinical = self.clinical and self.treats(owner_id, shared_with)

    @property
    def sees_all_patients(self) -> bool:
        """True if the caller may see every patient of the clinic in this operation."""
        if self.user is None or self.has_role(Role.ADMIN):
            return True
        return self.has_role(Role.RECEPTIONIST) and Role.RECEPTIONIST in self._caller.allowed

    @property
    def scope(self) -> str:
        """The scope of the search tokens that the caller finds patients by: the front desk's, or a doctor's own."""
        return FRONT_DESK if self.sees_all_patients else self._caller.user_id

    def has_role(self, role: Role) -> bool:
        """True if the user holds the role; the system holds none."""
        return self.user is not None and role in self.user.roles

    def treats(self, owner_id: str, shared_with: Iterable[str]) -> bool:
        """True if the caller may see clinical content of a patient with this owner and these doctors."""
        if self.user is None or self.has_role(Role.ADMIN):
            return True
        return self.has_role(Role.DOCTOR) and self.user.id in (owner_id, *shared_with)


def require_clinician(clinical_fields: Iterable[str], *, clinical: bool) -> None:
    """Raises Forbidden, naming the fields, when a caller without access to clinical content writes such fields."""
    if not clinical and (errors := [FieldError(f"/{name}", "is written by clinicians") for name in clinical_fields]):
        raise Forbidden(errors=errors)
