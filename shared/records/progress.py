"""The progress of a session: states only, never text or names, so it is stored in plain for apps that listen to it."""

from __future__ import annotations

from shared.records.billing.types import BillStatus
from shared.records.record import Value
from shared.records.reports.exporting import Export, ExportStatus
from shared.records.reports.report import Report, ReportStatus
from shared.records.types import Id, Moment
from shared.records.visits.recording import RecordingStatus
from shared.records.visits.session import OVER, SessionStatus
from shared.records.visits.transcription import Transcription, TranscriptionStatus


class Progress(Value):
    """The states of a session and of what is made of it. Null: there is none yet."""

    session: SessionStatus
    recording: RecordingStatus | None = None
    """The recording whose state changed last."""
    transcription: TranscriptionStatus | None = None
    """The transcription whose state changed last."""
    report: ReportStatus | None = None
    """The first report."""
    further_reports: dict[Id, ReportStatus] = {}
    """Those from further templates, by id."""
    export: ExportStatus | None = None
    """The export of the report whose state changed last."""
    bill: BillStatus | None = None
    """As issued; payments do not change it here."""
    at: Moment
    """When one of the states was last written."""

    @property
    def final(self) -> bool:
        """True if nothing changes before a person acts: the session has ended and no background work is left.

        A person may still sign the report, request failed work again or upload another recording.
        """
        return self._ended and not (
            self._transcription_pending or self._report_pending or self._export_pending or self._bill_pending
        )

    @property
    def _ended(self) -> bool:
        return self.session not in (SessionStatus.IN_PROGRESS, SessionStatus.PAUSED)

    @property
    def _transcription_pending(self) -> bool:
        """True while audio or its text may arrive. Audio of a cancelled session is refused, so it is not awaited."""
        awaited = self.recording == RecordingStatus.AWAITED and self.session != SessionStatus.CANCELLED
        return awaited or self.transcription in Transcription.waiting_states

    @property
    def _report_pending(self) -> bool:
        """True while a report is being written. A completed transcription starts the first report by an event."""
        to_be_started = self.report is None and self.transcription == TranscriptionStatus.COMPLETED
        states = {self.report, *self.further_reports.values()}
        return to_be_started or not states.isdisjoint(Report.waiting_states)

    @property
    def _export_pending(self) -> bool:
        """True while the files of an export are being made."""
        return self.export in Export.waiting_states

    @property
    def _bill_pending(self) -> bool:
        """True until an event has created the bill of a completed session."""
        return self.session in OVER and self.bill is None
