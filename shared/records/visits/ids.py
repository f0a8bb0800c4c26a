"""Ids of the records of a session. They follow from the session's id, so each can be read without a look-up."""

from __future__ import annotations

MOST_REPORTS = 6
"""Reports of one session: the first, and one more for each other template."""


def report_id_of(session_id: str, number: int = 1) -> str:
    """The id of the n-th report of the session, counted from 1."""
    return f"{session_id}-r{number}"


def number_of_report(report_id: str) -> int:
    """2 of `-r2`."""
    return int(report_id.rpartition("-r")[2])


def bill_id_of(session_id: str) -> str:
    """The id of the session's bill."""
    return f"{session_id}-bill"


def recording_id_of(session_id: str, count: int | str) -> str:
    """The id of the recording of the n-th upload, counted from 1."""
    return f"{session_id}-a{count}"


def number_of_recording(recording_id: str) -> int:
    """2 of `-a2`."""
    return int(recording_id.rpartition("-a")[2])


def transcription_id_of(session_id: str, count: int | str) -> str:
    """The id of the transcription of the n-th upload, counted from 1."""
    return f"{session_id}-t{count}"


def take_of(transcription_id: str, number: int) -> str:
    """The id of another transcription of the same recording: take 2 of `-t1` is `-t1v2`."""
    session_id, _, count = transcription_id.rpartition("-t")
    return f"{transcription_id_of(session_id, count.partition('v')[0])}v{number}"


def take_number(transcription_id: str) -> int:
    """2 of `-t1v2`; 1 for the first transcription of a recording."""
    _, _, count = transcription_id.rpartition("-t")
    return int(count.partition("v")[2] or 1)


def transcription_of_recording(recording_id: str) -> str:
    """The id of the transcription of a recording: `-t2` of `-a2`."""
    session_id, _, count = recording_id.rpartition("-a")
    return transcription_id_of(session_id, count)


def recording_of_transcription(transcription_id: str) -> str:
    """The id of the recording of a transcription: `-a2` of `-t2`, and of its later takes."""
    session_id, _, count = transcription_id.rpartition("-t")
    return recording_id_of(session_id, count.partition("v")[0])
