"""The names of recordings and recognition results in the buckets: made and read here only."""

from __future__ import annotations

import re
from collections.abc import Iterable

from shared.records.record import session_of
from shared.records.types import is_id
from shared.records.visits.audio_parts import AudioPart

_RECORDING = re.compile(r"clinics/[^/]+/sessions/([^/]+)/recordings/([^/]+)")
_PART = re.compile(rf"{_RECORDING.pattern}/parts/([^/]+)/\d+-\d+\.part")
_RESULT = re.compile(r"clinics/[^/]+/transcriptions/([^/]+)/attempts/(\d{1,9})/.+", re.S)


def recording_name(clinic_id: str, session_id: str, recording_id: str) -> str:
    """The name of a recording."""
    return f"clinics/{clinic_id}/sessions/{session_id}/recordings/{recording_id}"


def recording_of(object_name: str) -> str | None:
    """The id of the recording in a name; None for a name that `recording_name` does not make."""
    name = _RECORDING.fullmatch(object_name)
    return name[2] if name and is_id(name[2]) and session_of(name[2]) == name[1] else None


def piece_name(clinic_id: str, session_id: str, recording_id: str, number: int) -> str:
    """The name of a piece, in the bucket of pieces: those of a recording follow each other."""
    return f"{recording_name(clinic_id, session_id, recording_id)}/pieces/{number:06}"


def piece_folder(recording: str) -> str:
    """The beginning of the names of the pieces of a recording, in their own bucket."""
    return f"{recording}/pieces/"


def join_folder(recording: str, plan: str | None = None) -> str:
    """The beginning of the names of what is made of the pieces under one plan, or under any, in the bucket of
    pieces."""
    folder = f"{recording}/join/"
    return folder if plan is None else f"{folder}{plan}/"


def part_folder(recording: str, transcription_id: str) -> str:
    """The beginning of the names of the parts of a recording that are made for one transcription."""
    return f"{recording}/parts/{transcription_id}/"


def part_name(folder: str, part: AudioPart) -> str:
    """The name of a part. The suffix is for the bucket's lifecycle rule: no recording has one."""
    return f"{folder}{part.name}.part"


def is_part(object_name: str) -> bool:
    """True for the names that `part_name` makes."""
    name = _PART.fullmatch(object_name)
    return bool(name and is_id(name[2]) and session_of(name[2]) == name[1] and is_id(name[3]))


def result_folder(clinic_id: str, transcription_id: str, attempt: int | None = None) -> str:
    """The beginning of the names of an attempt's results, or of all attempts; Speech-to-Text chooses the rest."""
    folder = f"clinics/{clinic_id}/transcriptions/{transcription_id}/attempts/"
    return folder if attempt is None else f"{folder}{attempt}/"


def attempt_of(object_name: str) -> tuple[str, int] | None:
    """The id of the transcription and the attempt in the name of a result; None for another name."""
    name = _RESULT.fullmatch(object_name)
    return (name[1], int(name[2])) if name and is_id(name[1]) else None


def result_of_part(names: Iterable[str], part: AudioPart) -> str | None:
    """The name among results that is of this part: the engine names a result after its file. None without one."""
    of_part = re.compile(rf"{part.name}(?!\d)")
    return next((name for name in names if of_part.match(name.rpartition("/")[2])), None)
