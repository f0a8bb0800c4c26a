"""The ids of the records of a session, as its properties."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import Field

from shared.records.conflict_codes import ConflictCode
from shared.records.privacy import Internal, Plain
from shared.records.problems import Conflict
from shared.records.record import Record
from shared.records.visits.ids import MOST_REPORTS, bill_id_of, recording_id_of, report_id_of, transcription_id_of


class SessionIds(Record):
    """A record whose id begins the ids of all records of its visit."""

    if TYPE_CHECKING:  # the session declares this field itself, at its place in its published schema
        uploads: int

    further_report_count: Internal[Plain[int]] = Field(default=0, ge=0, lt=MOST_REPORTS)
    """Number of reports beside the first, each from another template; the n-th of all is `{id}-r{n}`."""

    @property
    def report_id(self) -> str:
        """The first report."""
        return report_id_of(self.id)

    @property
    def report_ids(self) -> list[str]:
        """The first report, which need not be there, and then the further ones, which are."""
        return [report_id_of(self.id, number) for number in range(1, self.further_report_count + 2)]

    def with_further_report(self) -> Self:
        """The session with one more report, which is the last of `report_ids`. Raises Conflict beyond MOST_REPORTS."""
        if self.further_report_count + 1 == MOST_REPORTS:
            raise Conflict(ConflictCode.TOO_MANY_REPORTS, f"a session has at most {MOST_REPORTS} reports")
        return self.amended(further_report_count=self.further_report_count + 1)

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
