"""What the reports of a clinic are listed by: the desk of a doctor, and the list of an admin."""

from __future__ import annotations

from enum import StrEnum

from shared.records.page import PageQuery
from shared.records.reports.finishing import Awaits
from shared.records.reports.report import UNSIGNED_STATES, ReportStatus
from shared.records.types import Id, ListDay


class ReportState(StrEnum):
    """What reports are listed by."""

    UNSIGNED = "unsigned"
    """Requested, being written, or drafted: their doctors have still to sign them."""
    TO_REVIEW = "to_review"
    """Drafted, and not read by anybody yet. One that was corrected after its review is to be reviewed again."""
    TO_SIGN = "to_sign"
    """Reviewed, and not signed."""
    COSIGNATURE_PENDING = "cosignature_pending"
    """Signed by their author, and waiting for the co-signature."""
    TO_COSIGN = "to_cosign"
    """Waiting for the co-signature of the caller, whose patients they need not be of."""
    RETURNED = "returned"
    """Returned instead of co-signed, by the supervisor or by the author: to be corrected and signed again."""
    FAILED = "failed"
    SIGNED = "signed"

    @property
    def statuses(self) -> frozenset[ReportStatus]:
        """The statuses of a report in this state."""
        if self in _AWAITS:
            return frozenset({ReportStatus.COMPLETED})
        if self == ReportState.UNSIGNED:
            return UNSIGNED_STATES
        waiting = self == ReportState.TO_COSIGN
        return frozenset({ReportStatus.COSIGNATURE_PENDING if waiting else ReportStatus(self.value)})

    @property
    def awaits(self) -> frozenset[Awaits]:
        """What a report in this state needs next; empty if that does not tell it from others."""
        return _AWAITS.get(self, frozenset())


_AWAITS = {
    ReportState.TO_REVIEW: frozenset({Awaits.REVIEW, Awaits.REVIEW_AGAIN}),
    ReportState.TO_SIGN: frozenset({Awaits.SIGNATURE, Awaits.SIGNATURE_AGAIN}),
    ReportState.RETURNED: frozenset({Awaits.REVIEW_AGAIN, Awaits.SIGNATURE_AGAIN}),
}


class ReportsOfPatient(PageQuery):
    """The reports of a patient to list, newest first."""

    with_superseded: bool = False
    """True to list reports that a new version supersedes, too."""


class ReportList(ReportsOfPatient):
    """The reports to list, newest first."""

    status: ReportState = ReportState.UNSIGNED
    doctor_id: Id | None = None
    """A doctor lists their own, with or without this; admins list those of all doctors, or of this one."""
    day: ListDay | None = None
    """Only reports that were requested on this day, in the clinic's time zone: usually the day of the visit."""
    patient_id: Id | None = None
    """Only reports of this patient: also other doctors' if the caller sees the patient."""
