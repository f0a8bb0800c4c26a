"""Decoding records once in a unit of work."""

from __future__ import annotations

from bench.sealing import full_patient, new_keyring
from shared.records.patients.patient import Patient
from shared.store import record_keys
from shared.store.firestore.snapshot import Snapshot
from shared.store.firestore.values import write_fields
from shared.store.record_keys import RecordKeys


def _snapshot(keys: RecordKeys, path: str) -> Snapshot:
    record = full_patient()
    wrapped = keys.create_patient_keys(record.id)
    return Snapshot(path, {"fields": write_fields({**keys.encode(record), **wrapped})})


def test_a_document_is_decoded_once_and_another_version_of_it_again() -> None:
    path = Patient.path_of("benchpatient")
    read: dict[str, Snapshot] = {}
    keys = RecordKeys(new_keyring(), read.__getitem__)
    first, second = _snapshot(keys, path), _snapshot(keys, path)
    ref = Patient.ref("benchpatient")

    opened = keys.decode(ref, first)

    assert keys.decode(ref, first) is opened
    assert opened.full_name == full_patient().full_name
    again = keys.decode(ref, second)
    assert again is not opened


def test_only_the_last_records_are_kept() -> None:
    read: dict[str, Snapshot] = {}
    keys = RecordKeys(new_keyring(), read.__getitem__)
    path, ref = Patient.path_of("benchpatient"), Patient.ref("benchpatient")
    first = _snapshot(keys, path)
    opened = keys.decode(ref, first)

    for number in range(record_keys._MOST_DECODED):
        keys.decode(ref, _snapshot(keys, f"{path}{number}"))

    assert len(keys._decoded) == record_keys._MOST_DECODED
    assert keys.decode(ref, first) is not opened
