"""Every query that the product makes of Firestore: they are built and run here and nowhere else.

A query over several fields, or across clinics, needs an index. `infra/queries.json` lists what those queries look like,
collected while the integration tests run; the deployed indexes are compared with it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from google.cloud.firestore import FieldFilter

from shared.records.record import Record
from shared.store import database

PAGE = 100
"""Documents that are asked for at once."""


@dataclass(frozen=True)
class Found:
    """The place of a record, in whatever clinic it is."""

    clinic_id: str
    id: str


def unchanged_since(
    model: type[Record], states: Collection[str], before: datetime, page: int = PAGE
) -> Iterator[Found]:
    """Of all clinics, the live records in these states that were last changed before a moment, longest ago first.

    For the sweep alone, which may ask across clinics: of a record it learns the path and when it was changed.
    """
    query = _unchanged_since(model, states, before).limit(page)
    snapshots = list(query.stream())
    while snapshots:
        for snapshot in snapshots:
            _, clinic_id, *_, record_id = snapshot.reference.path.split("/")
            yield Found(clinic_id, record_id)
        full = len(snapshots) == page
        snapshots = list(query.start_after(snapshots[-1]).stream()) if full else []


def _unchanged_since(model: type[Record], states: Collection[str], before: datetime) -> Any:
    return (
        database.client()
        .collection_group(model.collection)
        .where(filter=FieldFilter("live", "==", True))
        .where(filter=FieldFilter("status", "in", sorted(states)))
        .where(filter=FieldFilter("updated_at", "<", before))
        .order_by("updated_at")
        .select(["updated_at"])
    )
