"""The ids of the records of a session, as its properties."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from pydantic import Field

from shared.records.conflict_codes import ConflictCode
from shared.records.privacy import Internal, Plain
from shared.records.problems import Conflict
from shared.records.record import Record
from shared.records.visits.ids import MOST_REPORTS, bill_id_of, recording_id_of, report_id_of, transcription_id_of


class SessionIds(Record):
    """A record whose id begins the ids of all records of its visit."""

    if TYPE_CHECKING:  # the session declares these fields itself, at their places in its published schema
        uploads: int
        billed: bool

    further_report_count: Internal[Plain[int]] = Field(default=0, ge=0, lt=MOST_REPORTS)
    """Number of reports beside the first, each from another template; the n-th of all is `{id}-r{n}`."""

    has_bill: Internal[Plain[bool | None]] = None
    """True from the commit that makes `bill_id` on, also of a draft that was withdrawn. Null if it is unknown, as of a
    session from before this field: then the bill is looked for."""
    file_uploads: Internal[Plain[int]] = 0
    """How many of the uploads are known to be of one file: the others may be live recordings."""

    @property
    def has_no_bill(self) -> bool:
        """True if `bill_id` was certainly not made. What `billed` a session may be another bill, or one that was made
        by code from before `has_bill`."""
        return self.has_bill is False and not self.billed

    @property
    def unbilled(self) -> dict[str, Any]:
        """The fields of the session once it is to be billed anew, or not at all; its bill stays, if there is one."""
        has_bill = None if self.billed and not self.has_bill else self.has_bill
        return {"billed": False, "billing_amount": None, "has_bill": has_bill}

    @property
    def may_have_live_audio(self) -> bool:
        return self.uploads > self.file_uploads

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
