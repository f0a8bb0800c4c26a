"""The stored audit trail, and trace ids that select the entries of one request."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from google.cloud.firestore_v1.base_query import FieldFilter

from shared.store.audit import canonical_bytes
from shared.store.context import utc_now
from shared.vault import keyring
from tests.support.clinics import TestClinic
from tools import google_firestore

_BEGUN: dict[str, datetime] = {}
"""When each id was made, before the request that has it."""


def new_trace() -> tuple[str, dict[str, str]]:
    """A new trace id, and the header that carries it."""
    trace = secrets.token_hex(16)
    _BEGUN[trace] = utc_now()
    return trace, {"traceparent": f"00-{trace}-{secrets.token_hex(8)}-01"}


def audit_of(clinic: TestClinic, trace: str) -> list[dict[str, Any]]:
    """The stored audit entries of one request. All entries since it got its id are read: `origin` has no index."""
    since = FieldFilter("at", ">=", _BEGUN[trace])
    snapshots = google_firestore.client().collection("clinics", clinic.id, "audit").where(filter=since).stream()
    entries = [snapshot.to_dict() or {} for snapshot in snapshots]
    return [entry for entry in entries if entry["origin"]["request_id"] == trace]


def verify(clinic: TestClinic, entry: Mapping[str, Any]) -> None:
    """Raises TinkError if the entry was changed after it was written."""
    keys = google_firestore.client().document("clinics", clinic.id, "keys", "clinic").get().to_dict()
    assert keys is not None
    keyring.unlock(clinic.id, keys).verify(entry["mac"], canonical_bytes(dict(entry)))


def entries(clinic: TestClinic, action: str = "link.open") -> list[dict[str, Any]]:
    """The audit entries of an action, by default of opened links, oldest first."""
    found = [
        one.to_dict() or {} for one in google_firestore.client().collection("clinics", clinic.id, "audit").stream()
    ]
    return sorted((one for one in found if one["action"] == action), key=lambda one: one["at"])
