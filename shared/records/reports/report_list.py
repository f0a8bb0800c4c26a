"""What the reports of a clinic are listed by."""

from __future__ import annotations

from enum import StrEnum

from shared.records.page import PageQuery
from shared.records.reports.report import UNSIGNED_STATES, ReportStatus
from shared.records.types import Id


class ReportState(StrEnum):
    """What reports are listed by."""

    UNSIGNED = "unsigned"
    """Requested, being written, or drafted: their doctors have still to sign them."""
    FAILED = "failed"
    SIGNED = "signed"

    @property
    def statuses(self) -> frozenset[ReportStatus]:
        """The statuses of a report in this state."""
        return UNSIGNED_STATES if self == ReportState.UNSIGNED else frozenset({ReportStatus(self.value)})


class ReportList(PageQuery):
    """The reports to list, newest first."""

    status: ReportState = ReportState.UNSIGNED
    doctor_id: Id | None = None
    """A doctor lists their own, with or without this; admins list those of all doctors, or of this one."""
