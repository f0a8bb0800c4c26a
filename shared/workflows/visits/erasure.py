"""Erasing the text of a transcription."""

from __future__ import annotations

from shared.records.visits.transcript_correction import TranscriptHistory
from shared.records.visits.transcript_part import TranscriptPart
from shared.records.visits.transcription import Transcription
from shared.store.unit_of_work import UnitOfWork


def erase_text(work: UnitOfWork, transcription: Transcription) -> None:
    """Overwrite the sealed text and its earlier versions: nothing of them is left to decrypt. May be repeated."""
    parts = [TranscriptPart.ref(part) for part in transcription.part_ids()]
    history = [TranscriptHistory.ref(transcription.id)] if transcription.text_version > 1 else []
    work.prefetch(*parts, *history)
    for part in filter(None, map(work.get_or_none, parts)):
        work.save(part.revised(work.stamp, segments=[], live=False))
    for versions in filter(None, map(work.get_or_none, history)):
        work.save(versions.revised(work.stamp, versions=[], live=False))
