"""Reading transcriptions."""

from __future__ import annotations

from typing import Any

from shared.records.problems import NoneYet
from shared.records.record import Detailed, Ref, Value
from shared.records.visits.ids import transcription_id_of
from shared.records.visits.session import Session
from shared.records.visits.transcription import (
    Segment,
    Transcription,
    TranscriptPart,
    part_id,
)
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.visits.links import newest_transcription
from shared.workflows.visits.refs import expect


class Segments(Value):
    """The text of a transcription."""

    transcript_text: str
    segments: list[Segment]


def get(clinic: Clinic, transcription_id: str) -> Detailed[Transcription, Segments]:
    """A transcription with its segments."""
    return clinic.perform("transcription.read", lambda work: with_segments(work, transcription_id))


def of_session(clinic: Clinic, session_id: str) -> Detailed[Transcription, Segments]:
    """The newest transcription of a session. Raises NoneYet for a session without one."""

    def transaction(work: UnitOfWork) -> Detailed[Transcription, Segments]:
        first = transcription_id_of(session_id, 1)  # nearly always the only one
        expect(work, session_id, Transcription.ref(first), TranscriptPart.ref(part_id(first, 1)))
        session = work.get(Session.ref(session_id))
        newest = newest_transcription(work, session)
        if newest is None:
            raise NoneYet
        return with_segments(work, newest)

    return clinic.perform("transcription.read", transaction)


def with_segments(work: UnitOfWork, transcription_id: str, *others: Ref[Any]) -> Detailed[Transcription, Segments]:
    """A transcription and all its segments; the first part and `others` are prefetched."""
    ref = Transcription.ref(transcription_id)
    work.prefetch(ref, TranscriptPart.ref(part_id(transcription_id, 1)), *others)
    transcription = work.get(ref)
    refs = [TranscriptPart.ref(part) for part in transcription.part_ids()]
    work.prefetch(*refs)
    segments = [segment for ref in refs for segment in work.get(ref).segments]
    text = "\n".join(segment.text for segment in segments)
    return Detailed(transcription, Segments(transcript_text=text, segments=segments))
