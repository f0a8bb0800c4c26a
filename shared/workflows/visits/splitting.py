"""Storing the parts of a recording that Speech-to-Text cannot take as it is: too long for the model, or not decoded.

Apart from `recognition`, so that only one function loads the decoder. A task may be delivered twice, late, and after a
crash: the plan is committed first, the parts have names that follow from it, and those that are stored are not written
again. The commit that says that all are stored begins the next attempt, so a repeated delivery has nothing to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.audio.source import AudioRefused, Contents, Source
from shared.gateways.storage_objects import ObjectGone
from shared.lazily import lazily
from shared.records.record import session_of
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.audio import contents, cutting
    from shared.gateways import speech_models, storage
    from shared.gateways.storage import NewRecording
    from shared.records.visits.audio_parts import AudioPart, fit, plan
    from shared.records.visits.failure import TranscriptionFailure
    from shared.records.visits.session import Session
    from shared.records.visits.transcription import Transcription
    from shared.workflows import attempts, consent_gate
    from shared.workflows.visits import discarding, recognition, unreported
    from shared.workflows.visits.object_names import part_folder, part_name, recording_name

_ROUNDING_MS = 50
"""The length of a recording is stored in tenths of a second."""


class _Unwanted(Exception):
    """The transcription ended, or went on to another attempt, while its recording was cut."""


@dataclass(frozen=True)
class _Recording:
    """A recording to cut."""

    source: Source
    contents: Contents
    folder: str
    """The beginning of the names of its parts."""


def split(clinic: Clinic, transcription_id: str, attempt: int) -> None:
    """Store the parts of a recording and begin its recognition. Parts of a transcription that ended are deleted."""
    ref = Transcription.ref(transcription_id)
    try:
        transcription = _wanted(clinic, transcription_id, attempt)
        recording = _opened(clinic, transcription)
        parts = _planned(clinic, transcription, recording)
        _store(clinic, transcription, recording, parts)
    except _Unwanted:
        _clean(clinic, transcription_id)
        return
    except ObjectGone:
        attempts.fail(clinic, ref, attempt, TranscriptionFailure.AUDIO_MISSING, unreported.settle)
        return
    except AudioRefused:
        attempts.fail(clinic, ref, attempt, _refusal(transcription), unreported.settle)
        return
    todo = clinic.perform(
        "transcription.restart",
        lambda work: recognition.restarted(clinic, work, transcription_id, attempt, parts_stored=True),
    )
    if todo is None:
        _clean(clinic, transcription_id)
    else:
        recognition.recognise(clinic, todo)


def _wanted(clinic: Clinic, transcription_id: str, attempt: int) -> Transcription:
    """The transcription, if its recording must still be cut. Raises _Unwanted."""

    def transaction(work: UnitOfWork) -> Transcription | None:
        ref, session_ref = Transcription.ref(transcription_id), Session.ref(session_of(transcription_id))
        work.prefetch(ref, session_ref, *consent_gate.refs(work, transcription_id))
        transcription = attempts.accepted(work.get_or_none(ref), attempt)
        if transcription is None or transcription.operations:
            return None
        return None if recognition.given_up(work, transcription, work.get(session_ref)) else transcription

    transcription = clinic.perform("transcription.check", transaction)
    if transcription is None:
        raise _Unwanted
    return transcription


def _opened(clinic: Clinic, transcription: Transcription) -> _Recording:
    """The recording. Raises ObjectGone, and AudioRefused for one that cannot be decoded here."""
    name = recording_name(clinic.id, transcription.session_id, transcription.recording_id)
    stored = storage.recording(name)
    if stored is None:
        raise ObjectGone
    source = Source(storage.open_recording(stored), stored.size)
    found = contents.read(source)
    cutting.require(found)
    return _Recording(source, found, part_folder(name, transcription.id))


def _planned(clinic: Clinic, transcription: Transcription, recording: _Recording) -> Sequence[AudioPart]:
    """The parts that the transcription has, or new ones, which are committed. Raises _Unwanted."""
    longest = speech_models.longest_ms(speech_models.in_use())
    if fit(transcription.audio_parts, longest):
        return transcription.audio_parts
    seconds = transcription.audio_duration_seconds or recording.contents.seconds or 0
    duration = round(1000 * seconds) + _ROUNDING_MS
    parts = plan(duration, cutting.silences(recording.source, recording.contents), longest)

    def transaction(work: UnitOfWork) -> bool:
        current = work.get(Transcription.ref(transcription.id))
        if not current.is_current(transcription.attempt) or current.operations:
            return False
        work.save(current.cut_into(parts, work.stamp))
        return True

    if not clinic.perform("transcription.split", transaction):
        raise _Unwanted
    return parts


def _store(clinic: Clinic, transcription: Transcription, recording: _Recording, parts: Sequence[AudioPart]) -> None:
    """Write the parts that are not stored. Raises _Unwanted once the transcription ended."""
    stored = set(storage.names_of_recordings(recording.folder))
    missing = [part for part in parts if part_name(recording.folder, part) not in stored]

    def open_sink(part: AudioPart) -> NewRecording:
        if part != missing[0]:
            _wanted(clinic, transcription.id, transcription.attempt)
        return NewRecording(part_name(recording.folder, part), cutting.media_type(recording.contents))

    if missing:
        cutting.write(recording.source, recording.contents, missing, open_sink)


def _refusal(transcription: Transcription) -> TranscriptionFailure:
    """Why a recording that cannot be cut failed."""
    if transcription.needs_conversion:
        return TranscriptionFailure.AUDIO_UNSUPPORTED
    return TranscriptionFailure.AUDIO_TOO_LONG_FOR_MODEL


def _clean(clinic: Clinic, transcription_id: str) -> None:
    """Delete the parts of a transcription that ended: they may have been written after its end was handled."""
    transcription = clinic.perform("transcription.check", lambda work: work.get(Transcription.ref(transcription_id)))
    if transcription.audio_parts and not transcription.waiting:
        discarding.discard_parts(clinic, transcription)
