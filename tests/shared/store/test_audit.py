"""An audit entry's stored form, and the bytes that its MAC covers."""

from __future__ import annotations

import json

from shared.store.audit import Entry, Origin, canonical_bytes
from tests.shared.vault.test_vault import new_keyring
from tests.support.factories import DOCTOR, NOON

ENTRY = Entry(
    id="entry",
    clinic_id="aster",
    at=NOON,
    actor_id=DOCTOR,
    roles=("doctor",),
    action="patient.read",
    outcome="done",
    patient_ids=("p",),
    documents=("patients/p", "users/u"),
    granted=(),
    attempt=0,
    origin=Origin("request", "192.0.2.1"),
)


def test_the_mac_of_the_stored_document_is_verified_from_the_document() -> None:
    keyring = new_keyring("aster")

    document = ENTRY.document(keyring)

    keyring.verify(document["mac"], canonical_bytes(document))
    assert document["documents"] == ["patients/p", "users/u"]
    assert document["origin"]["address"] == "192.0.2.1"


def test_the_covered_bytes_name_every_field() -> None:
    covered = json.loads(canonical_bytes(ENTRY.document(new_keyring("aster"))))

    assert covered.keys() == Entry.__dataclass_fields__.keys()
    assert covered["origin"].keys() == Origin.__dataclass_fields__.keys()
