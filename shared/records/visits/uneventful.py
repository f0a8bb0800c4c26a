"""Events of written documents that nothing follows, as the plain fields say that were written.

An event may come late, twice, or after that of a later write. It can be left out nevertheless: what waits for another
state learns of it by the event of the write that brings that state.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.records.visits.ids import transcription_of_recording
from shared.records.visits.session import OVER, SessionStatus
from shared.records.visits.transcription import Transcription, TranscriptionStatus

_NOT_OVER = frozenset(SessionStatus) - OVER


def transcription_is_uneventful(transcription_id: str, written: Mapping[str, Any]) -> bool:
    """True if a transcription waits for its first result, or was completed together with what follows.

    One that a person requested again may end the error of its session, and one that is not live was perhaps moved. One
    that was completed and is touched has another guard, and one that is changed another revision.
    """
    if written.get("live") is not True:
        return False
    is_first = written.get("retry_count") == 0 and transcription_id == transcription_of_recording(
        str(written.get("recording_id"))
    )
    waits = is_first and str(written.get("status")) in Transcription.waiting_states
    return waits or _was_followed(written)


def _was_followed(written: Mapping[str, Any]) -> bool:
    followed, is_touched = written.get("followed_revision"), "guard" in written
    is_completed = written.get("status") == TranscriptionStatus.COMPLETED
    return is_completed and not is_touched and type(followed) is int and followed == written.get("revision")


def session_is_uneventful(_session_id: str, written: Mapping[str, Any]) -> bool:
    """True if a session has no visit to bill: it is not over, or has its bill, so an earlier write ended it."""
    status, is_billed = str(written.get("status")), written.get("billed") is True
    return written.get("live") is True and (status in _NOT_OVER or (is_billed and status in OVER))
