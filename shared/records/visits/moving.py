"""The records of a session that moves to another patient: a copy of each under the patient's id, and what is left.

The id of a record begins with that of its patient, and its patient's keys seal it. So a session that moves gets another
id, as do its records; its number stays, and names the session at its new place.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from shared.records.record import Stamp
from shared.records.version import Version
from shared.records.visits.live.accounts import LiveAudio
from shared.records.visits.live.piece import LivePiece, piece_id
from shared.records.visits.lost_audio import LostAudio
from shared.records.visits.moves import NewMove, SessionMove
from shared.records.visits.recording import Recording
from shared.records.visits.session import Session
from shared.records.visits.transcription import Transcription


def id_at(id: str, session_id: str, moved_id: str) -> str:
    """The id of a record of a session, after the session has moved to another id."""
    return moved_id + id.removeprefix(session_id)


def moved(session: Session, id: str, patient_id: str, new: NewMove, stamp: Stamp) -> Session:
    """The session at another patient: without its appointment, which is the other's, without reports and a bill."""
    kept = SessionMove(from_patient_id=session.patient_id, reason=new.reason, author_id=stamp.by, at=stamp.at)
    changes: dict[str, Any] = {
        "patient_id": patient_id,
        "appointment_id": None,
        "retakes": [id_at(one, session.id, id) for one in session.retakes],
        "audio_file_url": _name_at(session.audio_file_url, session.id, id),
        "failed_attempt": session.failed_attempt and id_at(session.failed_attempt, session.id, id),
        "moves": [*session.moves, kept],
    }
    unbilled = {**session.unbilled, "has_bill": False}  # the bill would have another id there
    return session.copied(id, **changes, further_report_count=0, **unbilled).revised(stamp)


def left(session: Session, moved_id: str) -> Session:
    """What the former patient keeps of a session that moved: where it went, for those who still have its id."""
    return session.emptied(successor_id=moved_id, audio_file_url=None)


def version_of(session: Session, moved_session: Session, stamp: Stamp) -> Version:
    """The version that the move leaves in the history of the session at its new place."""
    was = {name: getattr(session, name) for name in ("patient_id", "appointment_id", "moves")}
    version = Version.of(moved_session.model_copy(update=was), moved_session, stamp)
    assert version is not None, "the patient differs"
    return version


def moved_recording(recording: Recording, session_id: str, moved_id: str) -> Recording:
    """The recording of a session that moved. An upload that is open goes on under its former name."""
    return recording.copied(
        id_at(recording.id, session_id, moved_id),
        session_id=moved_id,
        object_name=_name_at(recording.object_name, session_id, moved_id),
        lost_audio=_lost_at(recording.lost_audio, session_id, moved_id),
    )


def moved_live_audio(live: LiveAudio, moved_session: Session, stamp: Stamp) -> LiveAudio:
    """The accounting of the live recordings of a session that moved; due, for the pieces have yet to follow."""
    session_id, moved_id = live.session_id, moved_session.id
    recordings, losses = (
        [one.model_copy(update={"recording_id": id_at(one.recording_id, session_id, moved_id)}) for one in those]
        for those in (live.recordings, live.losses)
    )
    changes = {"session_id": moved_id, "moved_from": session_id, "recordings": recordings, "losses": losses}
    return live.copied(id_at(live.id, session_id, moved_id), **changes).due(stamp)


def moved_piece(piece: LivePiece, recording_id: str) -> LivePiece:
    """The piece of a recording whose session moved, and which has this id now."""
    return piece.copied(piece_id(recording_id, piece.number), recording_id=recording_id)


def moved_transcription(transcription: Transcription, moved_session: Session, session_id: str) -> Transcription:
    """The transcription of a session that moved. The engine's work on it is over."""
    moved_id = moved_session.id
    return transcription.copied(
        id_at(transcription.id, session_id, moved_id),
        session_id=moved_id,
        patient_id=moved_session.patient_id,
        recording_id=id_at(transcription.recording_id, session_id, moved_id),
        operation_name=None,
        more_operations=[],
        audio_parts=[],
        parts_stored=False,
        followed_revision=None,
        lost_audio=_lost_at(transcription.lost_audio, session_id, moved_id),
    )


def _lost_at(lost: Iterable[LostAudio], session_id: str, moved_id: str) -> list[LostAudio]:
    """What was lost, in the recordings of the session at its new place."""
    return [one.model_copy(update={"recording_id": id_at(one.recording_id, session_id, moved_id)}) for one in lost]


def _name_at(object_name: str | None, session_id: str, moved_id: str) -> str | None:
    """The name of a recording's object, which holds the session's id and the recording's."""
    return object_name and object_name.replace(session_id, moved_id)
