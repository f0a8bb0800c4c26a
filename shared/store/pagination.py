"""Lists of records, page by page. A page token is sealed: it reveals nothing, and is valid for an hour, for the same
caller and the same list.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import tink

from shared.records.page import Page, PageQuery
from shared.records.patients.patient import Patient
from shared.records.problems import FieldError, Invalid, NotFound
from shared.records.record import R, Record, patient_of
from shared.store import codec, profile_excerpts, queries
from shared.store.firestore.snapshot import Snapshot
from shared.store.queries import Filter, Order, Position
from shared.store.unit_of_work import UnitOfWork
from shared.vault.cipher import FieldBinding, seal, unseal

TOKEN_TTL = timedelta(hours=1)
LIVE: Filter = ("live", "==", True)
DELETED: Filter = ("live", "==", False)


def of_person(patient: Patient) -> Filter:
    """The filter for the records of a patient, and of those records of the person that are merged into theirs."""
    return queries.one_of("patient_id", patient.person_ids)


def newest(work: UnitOfWork, model: type[R], query: PageQuery, filters: Collection[Filter]) -> Page[R]:
    """A page of the clinic's records that match all filters, newest first. Their patients were read before; what the
    caller may not see of a deleted one is left out."""
    shown, token = _snapshots(work, model, query, filters, queries.NEWEST_FIRST)
    return Page(_admitted(work, model, shown), token)


def of_clinic(
    work: UnitOfWork,
    model: type[R],
    query: PageQuery,
    filters: Collection[Filter],
    order: Order = queries.NEWEST_FIRST,
) -> Page[R]:
    """A page of the records of all patients that match all filters. Those of patients whom the caller may not see, or
    who are deleted, are left out; the patients are read in one call."""
    shown, token = _snapshots(work, model, query, filters, order)
    return Page(visible(work, model, shown), token)


def visible(work: UnitOfWork, model: type[R], snapshots: Sequence[Snapshot]) -> list[R]:
    """The records of patients whom the caller may see; the patients are read in one call, with the profiles that name
    the doctors, or the authors of records that have no doctor."""
    field = "doctor_id" if "doctor_id" in model.model_fields else "created_by"
    people = {snapshot.get(field) for snapshot in snapshots} - {None}
    work.expect(*profile_excerpts.refs(work, people))
    work.prefetch(*(Patient.ref(patient_of(snapshot.id)) for snapshot in snapshots))
    return _admitted(work, model, snapshots)


def _admitted(work: UnitOfWork, model: type[R], snapshots: Sequence[Snapshot]) -> list[R]:
    records = []
    for snapshot in snapshots:
        with suppress(NotFound):
            records.append(work.from_snapshot(model, snapshot))
    return records


def _snapshots(
    work: UnitOfWork, model: type[R], query: PageQuery, filters: Collection[Filter], order: Order
) -> tuple[Sequence[Snapshot], str | None]:
    """The documents of a page, and the token of the next one."""
    work.keyring()  # the caller is checked before any query
    binding = token_binding(work, f"{model.collection} {filters}", query)
    cursor = decode_token(work, binding, query.page_token)
    after = position(cursor) if cursor else None
    found = documents(work, model, filters, after=after, limit=query.page_size + 1, order=order)
    shown = found[: query.page_size]
    more = len(found) > len(shown)
    return shown, encode_token(work, binding, cursor_at(shown[-1], order.field)) if more else None


def documents(
    work: UnitOfWork,
    model: type[Record],
    filters: Collection[Filter],
    *,
    after: Position | None = None,
    limit: int,
    order: Order = queries.NEWEST_FIRST,
) -> Sequence[Snapshot]:
    """The documents of records that match all filters: of patients without the search tokens, half of a document."""
    place = work.clinic_id, model.collection, filters
    if model is not Patient:
        return queries.ordered(*place, after, limit, order=order)
    return queries.ordered_parts(*place, sorted(codec.fields_of_document(model)), after=after, limit=limit, order=order)


def token_binding(work: UnitOfWork, name: str, query: PageQuery) -> FieldBinding:
    """The binding of a page token: clinic, caller, list and filters."""
    asked = query.model_dump_json(exclude={"page_size", "page_token"})
    return FieldBinding(work.clinic_id, "clinic", f"Page {work.user_id}", f"{name} {asked}")


def encode_token(work: UnitOfWork, binding: FieldBinding, cursor: dict[str, Any]) -> str:
    """The page token that continues at a cursor."""
    content = {**cursor, "until": (work.now + TOKEN_TTL).isoformat()}
    ciphertext = seal(work.keyring().aead, binding, "cursor", content)
    return base64.urlsafe_b64encode(ciphertext).decode().rstrip("=")


def decode_token(
    work: UnitOfWork, binding: FieldBinding, token: str | None, pointer: str = "page_token"
) -> dict[str, Any]:
    """The cursor of a page token; empty without a token. Raises Invalid for a token of another list or caller, or an
    expired one."""
    if token is None:
        return {}
    try:
        ciphertext = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        cursor: dict[str, Any] = unseal(work.keyring().aead, binding, "cursor", ciphertext)
    except (tink.TinkError, binascii.Error):
        raise _unusable(pointer) from None
    if datetime.fromisoformat(cursor["until"]) <= work.now:
        raise _unusable(pointer)
    return cursor


def cursor_at(snapshot: Snapshot, field: str = "created_at") -> dict[str, Any]:
    """The cursor after a document, in a list that is sorted by a field."""
    return {"at": snapshot.get(field).isoformat(), "id": snapshot.id}


def position(cursor: dict[str, Any]) -> Position:
    """The position of a cursor."""
    return Position(datetime.fromisoformat(cursor["at"]), cursor["id"])


def _unusable(pointer: str) -> Invalid:
    return Invalid(errors=[FieldError(pointer, "is not of this list, or too old: begin again without it")])
