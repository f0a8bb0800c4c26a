"""Numbers that callers give in place of ids, such as PAT-20260001. The documents that map them to ids were read."""

from __future__ import annotations

from shared.records import numbering
from shared.records.patients.patient import Patient
from shared.records.problems import NotFound
from shared.records.record import R, Ref
from shared.records.types import new_id
from shared.store.idempotency import Idempotency
from shared.store.reader import Reader, paths_of
from shared.store.sequences import reservation


def resolve(reader: Reader, ref: Ref[R]) -> Ref[R]:
    """The ref by id of a ref by number. Raises NotFound for a number that nobody has, after the same reads as for a
    stranger's: the response time must not tell them apart."""
    record_id = _id_of(reader, ref.id)
    if record_id is None:
        nobody = new_id() if ref.model is Patient else f"{new_id()}-{new_id(10)}"
        reader.read(paths_of(Ref(ref.model, nobody)))
        raise NotFound
    return Ref(ref.model, record_id)


def resolve_target(reader: Reader, idempotency: Idempotency) -> Idempotency:
    """The idempotency by id where the path has a number, so that id and number name the same request."""
    if not numbering.is_number(idempotency.target):
        return idempotency
    record_id = _id_of(reader, idempotency.target)
    resolved = idempotency.resolved(record_id) if record_id is not None else idempotency
    reader.read([resolved.path])
    return resolved


def _id_of(reader: Reader, number: str) -> str | None:
    snapshot = reader.snapshot(reservation(number))
    return snapshot.get("id") if snapshot.exists else None
