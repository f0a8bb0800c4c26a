"""Reading documents as they are stored: nothing is opened, so no key is read, and nobody's access is checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.records.problems import NotFound
from shared.records.record import R, Ref
from shared.store import codec
from shared.store.firestore.snapshot import Fields, Snapshot
from shared.store.person_reader import PersonReader


class PlainReader(PersonReader):
    """A reader that answers with plain fields too. They are for rules: show none of them."""

    def as_read(self, *refs: Ref[Any]) -> Mapping[str, Snapshot]:
        """The documents of the clinic's own records that were read, for `assume` in a later transaction of the job."""
        return {ref.path: self._reader.snapshot(ref.path) for ref in refs}

    def assume(self, documents: Mapping[str, Snapshot]) -> None:
        """Take documents as an earlier transaction of the same job read them, and read none of them again."""
        for path, snapshot in documents.items():
            self._reader.add(path, snapshot)

    def unopened(self, *refs: Ref[Any]) -> dict[str, Fields]:
        """The documents of live records, by id, for rules on plain fields."""
        self._reader.read(ref.path for ref in refs)
        snapshots = {ref.id: self._reader.snapshot(ref.path) for ref in refs}
        return {id: Fields(one) for id, one in snapshots.items() if one.exists and one.get("live")}

    def get_plain(self, ref: Ref[R]) -> R:
        """A live record by its plain fields. It must not be saved. Raises NotFound."""
        document = self.unopened(ref).get(ref.id)
        if document is None:
            raise NotFound
        return codec.decode_plain(ref.model, document)
