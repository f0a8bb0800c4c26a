"""Reading transcriptions."""

from __future__ import annotations

from typing import Any

from shared.records.record import Detailed, Ref, Value
from shared.records.visits.session import Session
from shared.records.visits.transcription import (
    Segment,
    Transcription,
    TranscriptPart,
    part_id,
)
from shared.store.clinic import Clinic
from shared.store.work import Work


class Segments(Value):
    """The text of a transcription."""

    transcript_text: str
    segments: list[Segment]


def get(clinic: Clinic, transcription_id: str) -> Detailed[Transcription, Segments]:
    """A transcription with its segments."""
    return clinic.perform("transcription.read", lambda work: with_segments(work, transcription_id))


def of_session(clinic: Clinic, session_id: str) -> Detailed[Transcription, Segments]:
    """The latest transcription of a session."""

    def story(work: Work) -> Detailed[Transcription, Segments]:
        first = f"{session_id}-t1"  # nearly always the only one, so it is read along
        work.fetch(Session.at(session_id), Transcription.at(first), TranscriptPart.at(part_id(first, 1)))
        session = work.get(Session.at(session_id))
        return with_segments(work, session.transcription_id)

    return clinic.perform("transcription.read", story)


def with_segments(work: Work, transcription_id: str, *others: Ref[Any]) -> Detailed[Transcription, Segments]:
    """A transcription and all its segments; the first part is read along with it, and `others` too."""
    place = Transcription.at(transcription_id)
    work.fetch(place, TranscriptPart.at(part_id(transcription_id, 1)), *others)
    transcription = work.get(place)
    places = [TranscriptPart.at(part) for part in transcription.part_ids()]
    work.fetch(*places)
    segments = [segment for place in places for segment in work.get(place).segments]
    text = "\n".join(segment.text for segment in segments)
    return Detailed(transcription, Segments(transcript_text=text, segments=segments))
