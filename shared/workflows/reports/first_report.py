"""The first report of a visit with one recording, requested in the commit that stores what was heard.

The event of the transcription would request it too, but only after another function has started. It still does where
more is to be decided: another recording or try, a report that is there, audio in parts or pieces.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shared.lazily import lazily
from shared.records.record import Ref
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.reports.report import Report
    from shared.records.reports.signed import SignedReport
    from shared.records.visits.ids import report_id_of
    from shared.records.visits.session import Session
    from shared.records.visits.transcription import Transcription
    from shared.workflows.reports import requesting
    from shared.workflows.visits import results


def store(clinic: Clinic, object_name: str) -> None:
    """Store a recognition result sealed, with the report that follows."""
    results.store(clinic, object_name, follower=FirstReport())


class FirstReport(results.Follower):
    """Requests the report. Its task follows the commit, and is enqueued again if the result is delivered again."""

    def __init__(self) -> None:
        self._requested: Report | None = None

    def refs(self, session_id: str) -> Sequence[Ref[Any]]:
        """The report with its proof: neither is there yet, as a rule."""
        report_id = report_id_of(session_id)
        return Report.ref(report_id), SignedReport.ref(report_id)

    def follow(self, work: UnitOfWork, session: Session, heard: Transcription) -> bool:
        """Request the report; False if the event decides."""
        self._requested = None
        simple = heard.has_speech and not (heard.audio_parts or heard.in_pieces or heard.retry_count)
        alone = session.uploads == 1 and not (session.retakes or session.further_report_count)
        if not (simple and alone and session.failed_attempt is None) or work.get_or_none(Report.ref(session.report_id)):
            return False
        self._requested = requesting.requested_first(work, session, [heard])
        return True

    def follow_again(self, work: UnitOfWork, heard: Transcription) -> None:
        """The commit was made before: the task may be missing."""
        self._requested = work.get_or_none(Report.ref(report_id_of(heard.session_id)))

    def finish(self, clinic: Clinic) -> None:
        if self._requested is not None and self._requested.waiting:
            requesting.enqueue(clinic, self._requested)
