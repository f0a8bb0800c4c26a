"""The words that were heard live, in the time of the joined recording."""

from __future__ import annotations

from shared.records.record import session_of
from shared.records.visits.ids import take_number
from shared.records.visits.join_plan import plan_of
from shared.records.visits.live.accounts import live_audio_ref
from shared.records.visits.segments import Word
from shared.records.visits.transcription import Transcription
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.visits.live import stored_pieces


def of(work: UnitOfWork, transcription: Transcription) -> list[Word]:
    """The words of the pieces of a recording; none of one that was uploaded, while its pieces follow a move, and for a
    later take, which follows the erasure of the pieces."""
    if not transcription.in_pieces or take_number(transcription.id) > 1:
        return []
    live = work.get_or_none(live_audio_ref(session_of(transcription.id)))
    if live is None or live.moved_from is not None:
        return []
    account = live.of(transcription.recording_id)
    found = [piece for ids in stored_pieces.pages_of(account) for piece in stored_pieces.read(work, ids)]
    plan = plan_of(map(stored_pieces.planned, found))
    words = {piece.number: piece.words for piece in found}
    return [
        Word(word.text, start, start + word.end_ms - word.start_ms, word.confidence)
        for part in plan.parts
        for word in words[part.piece.number]
        if (start := part.recording_ms(word.start_ms, plan.form.rate)) is not None
    ]
