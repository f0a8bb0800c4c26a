"""The records that belong to a session, by id."""

from __future__ import annotations

from typing import Self

from shared.records.parties import Named
from shared.records.patients.consent_missing import MissingConsent
from shared.records.types import Id
from shared.records.visits.failure import TranscriptionFailure

MOST_LINKED = 20
"""Recordings whose ids a session's answer has; `GET /sessions/{id}/recordings` lists all of them."""


class Links(Named):
    """The people of a session, and what came of it so far."""

    recordings: list[Id]
    """Newest first, at most 20; `GET /sessions/{id}/recordings` has all of them, with status and refusal."""
    transcription_id: Id | None
    """The newest transcription; null while there is none."""
    transcription_failure: TranscriptionFailure | None
    """Why the newest recording has no transcript; null while another recording has one. Try again with
    `POST /transcriptions/{id}/regenerate` or upload the recording again, or complete the session without: its report
    can be written by hand."""
    length_differs: bool
    """True if the recordings are together far shorter or longer than the visit; a mark of its transcript, too."""
    report_id: Id | None
    """The first report; null while there is none."""
    report_ids: list[Id]
    """All reports, in the order of their numbers: the first, and those from further templates; at most 6."""
    bill_id: Id | None
    """Null while there is none."""
    recording_allowed: bool | None = None
    """True if an upload may be opened now, as far as consents, state and report are concerned. Only where one session
    is started or read; null elsewhere."""
    missing_consents: list[MissingConsent] = []
    """The consents that a recording lacks, where `recording_allowed` is false for lack of them."""
    overdue_running: bool
    """True while the session runs for longer than the clinic expects: completing it was probably forgotten."""

    @classmethod
    def none_yet(cls, parties: Named) -> Self:
        """Those of a session that has just begun."""
        return cls(
            **dict(parties),
            recordings=[],
            transcription_id=None,
            transcription_failure=None,
            length_differs=False,
            report_id=None,
            report_ids=[],
            bill_id=None,
            overdue_running=False,
        )
