"""What a client sends to list patients, and to transfer or delete one."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from shared.records.page import CommaSeparated, PageQuery
from shared.records.patients.obligations import MOST_NAMED
from shared.records.record import Value
from shared.records.types import Id, Moment


class NewOwner(Value):
    """The new responsible doctor."""

    owner_id: Id
    take_over_by: Id | None = None
    """The doctor who takes over the unsigned reports of the previous one, and may sign them: usually the new one."""


class PatientOrder(StrEnum):
    NEWEST = "newest"
    NAME = "name"
    """From A to Z. Names are sealed, so all patients are read; with more than 1000 of them, 409: search instead."""


class PatientList(PageQuery):
    """Filters on fields that are not private."""

    doctor_id: Id | None = None
    """Only patients that this doctor may see; a doctor may pass only their own id."""
    created_from: Moment | None = None
    """Registered at this time or later."""
    created_before: Moment | None = None
    sort: PatientOrder = PatientOrder.NEWEST
    deleted: bool = False
    """List deleted patients instead, to restore them; for admins."""


class Restoration(Value):
    """The restoring of a deleted patient."""

    allow_duplicate: bool = False
    """Restore even if another patient seems to be the same person."""


class Deletion(Value):
    """The deletion of a patient."""

    cancel_pending: CommaSeparated[Id] = Field(default=[], max_length=MOST_NAMED)
    """What is cancelled with the patient, separated by commas: exactly the records in `blocked_by`, if each of them is
    `cancellable`. If there are others by now, nothing is done, and `blocked_by` has them."""
