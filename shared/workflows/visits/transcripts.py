"""Reading transcriptions: one, or those of all recordings of a visit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from shared.records.problems import NoneYet
from shared.records.record import Detailed, Ref, Value
from shared.records.visits import visit_transcript
from shared.records.visits.ids import transcription_id_of
from shared.records.visits.session import Session
from shared.records.visits.transcription import (
    Segment,
    Transcription,
    TranscriptPart,
    part_id,
)
from shared.records.visits.visit_transcript import Heard, TranscriptionState, TranscriptSource, VisitSegment
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.visits.refs import expect, transcriptions_of


class Segments(Value):
    """The text of a transcription."""

    transcript_text: str
    segments: list[Segment]


class VisitText(Value):
    """The text of a visit: of all its recordings with speech, in their order."""

    transcript_text: str
    segments: list[VisitSegment]
    """Numbered through the visit, as a report that is written now would cite them."""
    sources: list[TranscriptSource]
    """The transcriptions with speech, and which segments each has."""
    transcriptions: list[TranscriptionState]
    """The transcription of every recording that was received, in their order, also without speech or failed."""


def get(clinic: Clinic, transcription_id: str) -> Detailed[Transcription, Segments]:
    """A transcription with its segments."""

    def transaction(work: UnitOfWork) -> Detailed[Transcription, Segments]:
        heard = with_segments(work, transcription_id)
        return Detailed(heard.transcription, Segments(transcript_text=_text(heard.segments), segments=heard.segments))

    return clinic.perform("transcription.read", transaction)


def of_session(clinic: Clinic, session_id: str) -> Detailed[Transcription, VisitText]:
    """The transcript of a visit, with the record of its newest transcription with speech, else of its newest, and the
    measures of all. Raises NoneYet for a session without a transcription."""

    def transaction(work: UnitOfWork) -> Detailed[Transcription, VisitText]:
        first = transcription_id_of(session_id, 1)  # nearly always the only one
        expect(work, session_id, Transcription.ref(first), TranscriptPart.ref(part_id(first, 1)))
        transcriptions, heard = _visit(work, work.get(Session.ref(session_id)))
        if not transcriptions:
            raise NoneYet
        newest = (visit_transcript.completed(transcriptions) or transcriptions)[-1]
        segments = visit_transcript.joined(heard)
        text = VisitText(
            transcript_text=_text(segments),
            segments=segments,
            sources=visit_transcript.sources_of(heard),
            transcriptions=[TranscriptionState.of(one) for one in transcriptions],
        )
        measures = visit_transcript.measures_of(transcriptions) if heard else {}
        return Detailed(newest.model_copy(update=measures), text)

    return clinic.perform("transcription.read", transaction)


def of_recordings(work: UnitOfWork, session: Session) -> list[Transcription]:
    """The transcriptions of a session that there are, in the order of the recordings; all are read in one call."""
    refs = refs_of(session)
    work.prefetch(*refs)
    return [found for ref in refs if (found := work.get_or_none(ref))]


def refs_of(session: Session) -> list[Ref[Transcription]]:
    """The transcriptions that a session may have; the first is looked for also before an upload was opened."""
    return transcriptions_of(session) or [Transcription.ref(session.transcription_id)]


def of_visit(work: UnitOfWork, session: Session) -> list[Heard]:
    """What was heard in a visit: every completed transcription with its segments."""
    return _visit(work, session)[1]


def of_sources(work: UnitOfWork, sources: Iterable[TranscriptSource]) -> list[VisitSegment]:
    """The segments that a report was written from."""
    work.prefetch(*(ref for source in sources for ref in first_refs(source.transcription_id)))
    return visit_transcript.joined(with_segments(work, source.transcription_id) for source in sources)


def with_segments(work: UnitOfWork, transcription_id: str) -> Heard:
    """A transcription and all its segments; the first part is prefetched with it."""
    work.prefetch(*first_refs(transcription_id))
    transcription = work.get(Transcription.ref(transcription_id))
    refs = [TranscriptPart.ref(part) for part in transcription.part_ids()]
    work.prefetch(*refs)
    return Heard(transcription, [segment for ref in refs for segment in work.get(ref).segments])


def first_refs(transcription_id: str) -> tuple[Ref[Any], ...]:
    """A transcription and the first part of its text, which nearly always is the only one; to be prefetched."""
    return Transcription.ref(transcription_id), TranscriptPart.ref(part_id(transcription_id, 1))


def _visit(work: UnitOfWork, session: Session) -> tuple[list[Transcription], list[Heard]]:
    """The transcriptions of a visit, and those with speech with their segments; first parts are read with all."""
    work.prefetch(*(ref for one in refs_of(session) for ref in first_refs(one.id)))
    transcriptions = of_recordings(work, session)
    return transcriptions, [with_segments(work, one.id) for one in visit_transcript.completed(transcriptions)]


def _text(segments: Iterable[Segment]) -> str:
    return "\n".join(segment.text for segment in segments)
