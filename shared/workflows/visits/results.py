"""Results of recognitions: from the object that Speech-to-Text writes to a sealed transcription."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from shared.lazily import lazily
from shared.records.attempt import SESSION_CANCELLED
from shared.records.clinic.consent_policy import ConsentUse
from shared.records.problems import Forbidden, NotFound
from shared.records.record import Ref, session_of
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.visits.strange_objects import UNKNOWN_RECORDING

with lazily(globals()):
    from shared.gateways import speech_result, storage
    from shared.gateways.speech_models import models
    from shared.gateways.speech_result import Heard
    from shared.records.visits import visit_transcript
    from shared.records.visits.heard_live import compared
    from shared.records.visits.joining import joined
    from shared.records.visits.plausibility import plausibility_of
    from shared.records.visits.roles import with_roles
    from shared.records.visits.segments import languages_heard, segments_of
    from shared.records.visits.session import Session, SessionStatus
    from shared.records.visits.transcript_part import TranscriptPart, part_id, parts_of
    from shared.records.visits.transcription import Transcription
    from shared.workflows import attempts, consent_gate
    from shared.workflows.visits import strange_objects, transcripts, unreported
    from shared.workflows.visits.live import words
    from shared.workflows.visits.object_names import attempt_of, result_of_part


class Follower(Protocol):
    """Does what the event of a completed transcription would lead to, where it can, in the commit that completes it."""

    def refs(self, session_id: str) -> Sequence[Ref[Any]]:
        """What it reads, to be prefetched."""

    def follow(self, work: UnitOfWork, session: Session, heard: Transcription) -> bool:
        """Add to the commit what follows. Returns False to leave everything to the event."""

    def follow_again(self, work: UnitOfWork, heard: Transcription) -> None:
        """Look at what follows from a commit that was made before: its delivery may have ended too early."""

    def finish(self, clinic: Clinic) -> None:
        """Do what is left after the commit, before the result is deleted."""


def store(clinic: Clinic, object_name: str, of_parts: Sequence[str] = (), *, follower: Follower | None = None) -> None:
    """Store a recognition result sealed, and delete the plaintext object.

    The result of a part waits for those of the others, and is stored with them: `of_parts` are the names of all, in the
    order of the parts, if they are known. A result of no known transcription is discarded.
    """
    named = attempt_of(object_name)
    if named is None:
        strange_objects.discard_result(object_name)
        return
    try:
        names = clinic.perform("transcription.hear", lambda work: _stored(work, named, object_name, of_parts, follower))
    except (Forbidden, NotFound):
        strange_objects.discard_result(object_name, UNKNOWN_RECORDING)
    else:
        if follower is not None:
            follower.finish(clinic)
        for name in names:
            storage.delete_result(name)


def _stored(
    work: UnitOfWork,
    named: tuple[str, int],
    object_name: str,
    of_parts: Sequence[str],
    follower: Follower | None,
) -> Sequence[str]:
    """Store the result of a transcription and its attempt; returns the names of the objects that are no longer
    needed."""
    transcription_id, attempt = named
    ref, session_ref = Transcription.ref(transcription_id), Session.ref(session_of(transcription_id))
    following = follower.refs(session_ref.id) if follower else ()
    work.prefetch(ref, session_ref, *following, *consent_gate.refs(work, transcription_id))
    transcription, session = work.get_or_none(ref), work.get_or_none(session_ref)
    if transcription is None or session is None:
        raise NotFound
    if not transcription.is_current(attempt):
        if follower is not None and transcription.was_followed:
            follower.follow_again(work, transcription)
        return [object_name]
    if session.status == SessionStatus.CANCELLED:
        attempts.give_up(work, transcription, SESSION_CANCELLED)
        return [object_name]
    if reason := consent_gate.withdrawn(work, session.id, ConsentUse.TRANSCRIBE):
        attempts.give_up(work, transcription, reason)
        return [object_name]
    names = of_parts or (_names(transcription, object_name) if transcription.audio_parts else [object_name])
    contents = [content for name in names if (content := storage.read_result(name)) is not None]
    if not contents or len(contents) < len(names):
        return []
    try:
        result = _heard(transcription, session, contents)
    except speech_result.UnreadableResult:
        attempts.give_up(work, transcription, "result_unreadable")
        return names
    _save(work, transcription, session, result, follower)
    return names


def _names(transcription: Transcription, object_name: str) -> Sequence[str]:
    """The names of the results of all parts; none while one is missing, or cannot be told from the others."""
    folder = object_name[: object_name.rindex("/") + 1]
    there = storage.names_of_results(folder)
    names = [name for part in transcription.audio_parts if (name := result_of_part(there, part))]
    return names if len(names) == len(transcription.audio_parts) else ()


def _heard(transcription: Transcription, session: Session, contents: Sequence[bytes]) -> Heard:
    """What was heard in all parts. Raises UnreadableResult."""
    found = [
        speech_result.parse(
            content,
            transcription.channels or session.recording_settings.channels,
            file_channels=transcription.file_channels,
            confidences=models()[transcription.stt_model].word_confidence,
            languages=transcription.languages,
        )
        for content in contents
    ]
    if not transcription.audio_parts:
        return found[0]
    parts = transcription.audio_parts
    utterances = joined([(part, heard.utterances) for part, heard in zip(parts, found, strict=True)])
    return Heard(utterances, round(parts[-1].end_ms / 1000, 1))


def _save(
    work: UnitOfWork, transcription: Transcription, session: Session, result: Heard, follower: Follower | None
) -> None:
    recognised, certainty = with_roles(segments_of(result.utterances, transcription.language), transcription.language)
    plausible = plausibility_of(recognised, result.audio_seconds)
    segments = compared(recognised, words.of(work, transcription)) if plausible.speech else []
    heard = transcription.heard(
        segments,
        work.stamp,
        audio_seconds=result.audio_seconds,
        speaker_confidence=certainty,
        marks=plausible.marks,
        languages=languages_heard(result.utterances),
    )
    if follower is not None and follower.follow(work, session, heard):
        heard = heard.followed()
    attempts.save(work, heard)
    unreported.settle(work, heard)
    for count, part in enumerate(parts_of(segments), start=1):
        work.create(TranscriptPart.new(part_id(heard.id, count), work.stamp, segments=part))
    _measure(work, session, heard)


def _measure(work: UnitOfWork, session: Session, heard: Transcription) -> None:
    """Let the session have the duration of all its audio. Other transcriptions are read only if there may be any."""
    others = transcripts.all_of(work, session) if session.uploads > 1 or session.retakes else [heard]
    current = [heard if one.id == heard.id else one for one in others]
    work.save(
        session.amended(
            audio_duration_seconds=visit_transcript.audio_seconds_of(visit_transcript.newest_takes(current))
        )
    )
