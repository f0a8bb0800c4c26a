"""What one unit of work has touched: its part of the audit entry."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.records.clinic.people import User
from shared.records.record import Keyset, Record, patient_of
from shared.store.audit import Entry
from shared.store.context import RequestContext


@dataclass
class Touched:
    """Ids only, never names or clinical text."""

    patients: set[str] = field(default_factory=set)
    identified: set[str] = field(default_factory=set)
    """Those of the patients of whom the answer says who they are, and nothing clinical."""
    documents: set[str] = field(default_factory=set)
    """Paths below the clinic."""
    shown: set[str] = field(default_factory=set)
    """Those of the documents that are records of a patient and were opened."""
    granted: set[str] = field(default_factory=set)
    """User id and role of each role in a user record that is written."""

    def add_read(self, model: type[Record], path: str) -> None:
        """Note a record that is opened."""
        self.documents.add(path)
        if model.keyset != Keyset.CLINIC:
            self.shown.add(path)

    def add_written(self, record: Record) -> None:
        """Note a record that will be written."""
        self.documents.add(type(record).path_of(record.id))
        if type(record).keyset != Keyset.CLINIC:
            self.patients.add(patient_of(record.id))
        if isinstance(record, User):
            self.granted |= {f"{record.id} {role}" for role in record.roles}

    def entry(self, entry_id: str, context: RequestContext, user: User | None, at: datetime, **result: Any) -> Entry:
        """The audit entry; `result` is its action, outcome and attempt."""
        return Entry(
            id=entry_id,
            clinic_id=context.clinic_id,
            at=at,
            actor_id=context.caller.user_id,
            roles=tuple(user.roles) if user else (),
            patient_ids=tuple(sorted(self.patients)),
            documents=tuple(sorted(self.documents)),
            granted=tuple(sorted(self.granted)),
            origin=context.origin,
            **result,
        )
