"""The names of recordings and recognition results in the buckets: made and read here only."""

from __future__ import annotations

import re

from shared.records.record import session_of
from shared.records.types import is_id

_RECORDING = re.compile(r"clinics/[^/]+/sessions/([^/]+)/recordings/([^/]+)")
_RESULT = re.compile(r"clinics/[^/]+/transcriptions/([^/]+)/attempts/(\d{1,9})/.+", re.S)


def recording_name(clinic_id: str, session_id: str, recording_id: str) -> str:
    """The name of a recording."""
    return f"clinics/{clinic_id}/sessions/{session_id}/recordings/{recording_id}"


def recording_of(object_name: str) -> str | None:
    """The id of the recording in a name; None for a name that `recording_name` does not make."""
    name = _RECORDING.fullmatch(object_name)
    return name[2] if name and is_id(name[2]) and session_of(name[2]) == name[1] else None


def result_folder(clinic_id: str, transcription_id: str, attempt: int) -> str:
    """The beginning of the names of an attempt's results; Speech-to-Text chooses the rest."""
    return f"clinics/{clinic_id}/transcriptions/{transcription_id}/attempts/{attempt}/"


def attempt_of(object_name: str) -> tuple[str, int] | None:
    """The id of the transcription and the attempt in the name of a result; None for another name."""
    name = _RESULT.fullmatch(object_name)
    return (name[1], int(name[2])) if name and is_id(name[1]) else None
