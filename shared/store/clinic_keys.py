"""The document of a clinic's keys: it must exist before anything else of the clinic is written or audited."""

from __future__ import annotations

from shared.records.problems import Forbidden
from shared.store import database
from shared.store.firestore.snapshot import Snapshot
from shared.store.integrity import reading
from shared.vault import keyring
from shared.vault.keyring import Keyring, Keyrings

PATH = "keys/clinic"
"""Its path below the clinic."""


def exists(clinic_id: str) -> bool:
    """True if the clinic has keys. One read."""
    return database.client().get_one(_path(clinic_id)).exists


def create(clinic_id: str) -> None:
    """Make and store the clinic's keys. Raises AlreadyExists when it has some."""
    database.client().create(_path(clinic_id), keyring.create(clinic_id))


def unlock(clinic_id: str, keys: Snapshot, keyrings: Keyrings) -> Keyring:
    """The opened keys of a clinic. Raises Forbidden when it has none."""
    if not keys.exists:
        raise Forbidden
    with reading(clinic_id, "ClinicKeys", clinic_id):
        return keyrings.unlock(clinic_id, keys.to_dict())


def _path(clinic_id: str) -> str:
    return f"clinics/{clinic_id}/{PATH}"
