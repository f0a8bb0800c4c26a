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
    COSIGNATURE_PENDING = "cosignature_pending"
    """Signed by their author, and waiting for the co-signature."""
    TO_COSIGN = "to_cosign"
    """Waiting for the co-signature of the caller, whose patients they need not be of."""
    FAILED = "failed"
    SIGNED = "signed"

    @property
    def statuses(self) -> frozenset[ReportStatus]:
        """The statuses of a report in this state."""
        if self == ReportState.UNSIGNED:
            return UNSIGNED_STATES
        waiting = self == ReportState.TO_COSIGN
        return frozenset({ReportStatus.COSIGNATURE_PENDING if waiting else ReportStatus(self.value)})


class ReportsOfPatient(PageQuery):
    """The reports of a patient to list, newest first."""

    with_superseded: bool = False
    """True to list reports that a new version supersedes, too."""


class ReportList(ReportsOfPatient):
    """The reports to list, newest first."""

    status: ReportState = ReportState.UNSIGNED
    doctor_id: Id | None = None
    """A doctor lists their own, with or without this; admins list those of all doctors, or of this one."""
