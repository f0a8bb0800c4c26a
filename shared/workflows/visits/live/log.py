"""Log entries about live recordings, by ids. infra/live_audio.tf counts them, and alerts on gaps."""

from __future__ import annotations

import logging
from datetime import timedelta
from enum import StrEnum

from shared.records.visits.live.piece import Receipt, piece_id
from shared.store.clinic import Clinic

_log = logging.getLogger("synapse.live")


class Gap(StrEnum):
    """How a gap in live audio was noticed."""

    COMPLETION_REFUSED = "completion_refused"
    """A session was not completed: pieces are on their way, or on a device that is gone."""
    DECLARED_LOST = "declared_lost"
    """A doctor declared pieces lost."""
    SILENT = "silent"
    """A session runs, and its recorder has sent nothing for long."""


def received(clinic: Clinic, receipt: Receipt, *, again: bool) -> None:
    """A receipt is given; `again`: for a piece that was stored before. `milliseconds` is how long ago its last sample
    was captured, by the client's clock; it says nothing of a repetition."""
    captured = receipt.captured_at + timedelta(milliseconds=receipt.duration_ms)
    delay = max(0, round((clinic.now() - captured) / timedelta(milliseconds=1)))
    id = piece_id(receipt.recording_id, receipt.number)
    about = {"kind": "piece", "id": id, "clinic_id": clinic.id, "status": receipt.text_status}
    _log.info("piece received", extra={**about, "action": "repeated" if again else "stored", "milliseconds": delay})


def gap(clinic_id: str, session_id: str, reason: Gap) -> None:
    """Audio of a session is missing."""
    about = {"kind": "session", "id": session_id, "clinic_id": clinic_id}
    _log.warning("gap in live audio", extra={**about, "reason": reason})
