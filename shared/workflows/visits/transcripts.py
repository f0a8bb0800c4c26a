"""Reading transcriptions: one, or those of all recordings of a visit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import Field

from shared.lazily import lazily
from shared.records.problems import NoneYet
from shared.records.record import Detailed, Ref, Value
from shared.records.visits.segment import Segment
from shared.records.visits.transcript_correction import MOST_VERSIONS, TextVersion
from shared.records.visits.visit_transcript import TranscriptionState, TranscriptSource, VisitSegment
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.visits import visit_transcript
    from shared.records.visits.ids import transcription_id_of
    from shared.records.visits.length import length_differs
    from shared.records.visits.marks import TranscriptionMark
    from shared.records.visits.session import Session
    from shared.records.visits.transcript_correction import TranscriptHistory
    from shared.records.visits.transcript_part import TranscriptPart, part_id
    from shared.records.visits.transcription import Transcription
    from shared.records.visits.visit_transcript import Heard
    from shared.workflows.visits.refs import expect, transcriptions_of


class Segments(Value):
    """One version of the text of a transcription."""

    transcript_text: str
    segments: list[Segment]
    shown_version: int
    """The version of this text."""
    versions: list[TextVersion]
    """The corrections of the text, oldest first; version 1, the text of the engine, is not among them."""


class TranscriptQuery(Value):
    """The text to read."""

    version: int | None = Field(default=None, ge=1, le=MOST_VERSIONS)
    """An earlier version of the text: 1 is that of the engine. The present one by default."""


class VisitText(Value):
    """The text of a visit: of all its recordings with speech, in their order."""

    transcript_text: str
    segments: list[VisitSegment]
    """Numbered through the visit, as a report that is written now would cite them."""
    sources: list[TranscriptSource]
    """The transcriptions with speech, and which segments each has."""
    transcriptions: list[TranscriptionState]
    """The transcription of every recording that was received, in their order, also without speech or failed."""


def get(clinic: Clinic, transcription_id: str, query: TranscriptQuery) -> Detailed[Transcription, Segments]:
    """A transcription with its segments. Raises NotFound for a version that was not made."""
    return clinic.perform("transcription.read", lambda work: shown(work, transcription_id, query.version))


def shown(work: UnitOfWork, transcription_id: str, version: int | None = None) -> Detailed[Transcription, Segments]:
    """A transcription with a version of its text, and all corrections."""
    heard = with_segments(work, transcription_id, version)
    history = _history(work, heard.transcription)
    return Detailed(heard.transcription, text_of(heard.segments, version or heard.transcription.text_version, history))


def text_of(segments: Sequence[Segment], version: int, history: TranscriptHistory) -> Segments:
    """A version of the text, as it is shown."""
    return Segments(
        transcript_text=_text(segments),
        segments=[segment.shown for segment in segments],
        shown_version=version,
        versions=history.versions,
    )


def of_session(clinic: Clinic, session_id: str) -> Detailed[Transcription, VisitText]:
    """The transcript of a visit, with the record of its newest transcription with speech, else of its newest, and the
    measures of all. Raises NoneYet for a session without a transcription."""

    def transaction(work: UnitOfWork) -> Detailed[Transcription, VisitText]:
        first = transcription_id_of(session_id, 1)  # nearly always the only one
        expect(work, session_id, Transcription.ref(first), TranscriptPart.ref(part_id(first, 1)))
        session = work.get(Session.ref(session_id))
        transcriptions, heard = _visit(work, session)
        if not transcriptions:
            raise NoneYet
        newest = (visit_transcript.completed(transcriptions) or transcriptions)[-1]
        segments = visit_transcript.joined(heard)
        text = VisitText(
            transcript_text=_text(segments),
            segments=[segment.shown for segment in segments],
            sources=visit_transcript.sources_of(heard),
            transcriptions=[TranscriptionState.of(one) for one in transcriptions],
        )
        measures = visit_transcript.measures_of(transcriptions) if heard else {}
        marks = [*([TranscriptionMark.LENGTH_DIFFERS] if length_differs(session) else []), *newest.marks]
        return Detailed(newest.model_copy(update={**measures, "marks": marks}), text)

    return clinic.perform("transcription.read", transaction)


def of_recordings(work: UnitOfWork, session: Session) -> list[Transcription]:
    """The transcription of each recording of a session that has one, in the order of the recordings: the newest that
    counts. All are read in one call."""
    return visit_transcript.newest_takes(all_of(work, session))


def all_of(work: UnitOfWork, session: Session) -> list[Transcription]:
    """Every transcription of a session, also those that others replace."""
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
    return visit_transcript.joined(with_segments(work, one.transcription_id, one.version) for one in sources)


def with_segments(work: UnitOfWork, transcription_id: str, version: int | None = None) -> Heard:
    """A transcription and all its segments, of the present text or of an earlier version; the first part is prefetched
    with it. Raises NotFound for a version that was not made."""
    work.prefetch(*first_refs(transcription_id))
    transcription = work.get(Transcription.ref(transcription_id))
    refs = [TranscriptPart.ref(part) for part in transcription.part_ids()]
    work.prefetch(*refs, *([TranscriptHistory.ref(transcription.id)] if transcription.text_version > 1 else []))
    original = [segment for ref in refs for segment in work.get(ref).segments]
    history = _history(work, transcription)
    return Heard(transcription, history.text_at(version or transcription.text_version, original))


def _history(work: UnitOfWork, transcription: Transcription) -> TranscriptHistory:
    """The corrections of a transcription; nothing is read for one that was never corrected."""
    if transcription.text_version == 1:
        return TranscriptHistory.new(transcription.id, work.stamp)
    return work.get(TranscriptHistory.ref(transcription.id))


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
