"""The ids of the records of a session, as its properties."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.records.record import Record
from shared.records.visits.ids import bill_id_of, recording_id_of, report_id_of, transcription_id_of


class SessionIds(Record):
    """A record whose id begins the ids of all records of its visit."""

    if TYPE_CHECKING:  # the session declares this field itself, at its place in its published schema
        uploads: int

    @property
    def report_id(self) -> str:
        return report_id_of(self.id)

    @property
    def bill_id(self) -> str:
        return bill_id_of(self.id)

    @property
    def transcription_id(self) -> str:
        """The transcription of the latest recording."""
        return transcription_id_of(self.id, max(1, self.uploads))

    @property
    def upload_counts(self) -> range:
        """The numbers of the uploads, from 1."""
        return range(1, self.uploads + 1)

    def newest(self, most: int) -> list[int]:
        """The numbers of the newest recordings, newest first, at most so many."""
        return [*reversed(self.upload_counts)][:most]

    def recording_id(self, count: int) -> str:
        return recording_id_of(self.id, count)
