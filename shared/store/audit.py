"""The audit trail: one entry for every access to patient data. Ids only, never names or clinical text."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cached_property
from typing import Any

from shared.vault.keyring import Keyring

_log = logging.getLogger("synapse.audit")


@dataclass(frozen=True)
class Origin:
    """The origin of a request."""

    request_id: str
    address: str = ""
    agent: str = ""
    web_origin: str = ""
    """The Origin header of a browser."""
    purpose: str = "treatment"


@dataclass(frozen=True)
class Entry:
    """Who did what to whose data, when, and with what outcome."""

    id: str
    clinic_id: str
    at: datetime
    actor_id: str
    roles: tuple[str, ...]
    action: str
    outcome: str
    """`done`, `replayed`, `failed`, `wrong-passcode`, or the name of the problem that refused it."""
    patient_ids: tuple[str, ...]
    documents: tuple[str, ...]
    """Paths below the clinic of the documents that were read or written."""
    granted: tuple[str, ...]
    """`{user id} {role}` for each role in a user record that was written."""
    attempt: int
    """The number of the attempt at the same change; only one attempt is ever committed."""
    origin: Origin

    def document(self, keyring: Keyring) -> dict[str, Any]:
        """The document of the entry, with a MAC over all its fields."""
        return self._values | {"mac": keyring.authenticate(self._canonical)}

    def log(self) -> None:
        """Log the digest too: logs are kept out of reach of the database's administrators."""
        digest = hashlib.sha256(self._canonical).hexdigest()
        _log.info(
            "audit",
            extra={"audit_id": self.id, "clinic_id": self.clinic_id, "action": self.action, "digest": digest},
        )

    @cached_property
    def _values(self) -> dict[str, Any]:
        """The fields as they are stored."""
        origin = {one.name: getattr(self.origin, one.name) for one in fields(self.origin)}
        return {one.name: _plain(getattr(self, one.name)) for one in fields(self)} | {"origin": origin}

    @cached_property
    def _canonical(self) -> bytes:
        return canonical_bytes(self._values)


def audit_path(entry_id: str) -> str:
    """The path of an entry below its clinic."""
    return f"audit/{entry_id}"


def canonical_bytes(entry: dict[str, Any]) -> bytes:
    """The bytes that the MAC and the digest of an entry cover, from an `Entry` or from its document."""
    values = {name: _plain(value) for name, value in entry.items() if name != "mac"}
    values["at"] = values["at"].isoformat(timespec="microseconds")
    return json.dumps(values, sort_keys=True, separators=(",", ":")).encode()


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
