"""The stored pieces of a live recording, page by page: there may be thousands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from shared.lazily import lazily
from shared.records.visits.live.ranges import numbers_of
from shared.records.visits.live.recorded import LiveRecording
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.visits.join_plan import JoinedPiece, SampleForm
    from shared.records.visits.live.accounts import live_audio_ref
    from shared.records.visits.live.piece import LivePiece, piece_id

PAGE = 200
"""Pieces that one transaction reads, or one commit overwrites."""


def pages_of(account: LiveRecording) -> Iterator[list[str]]:
    """The ids of the pieces that arrived, in the order of their numbers."""
    numbers = list(numbers_of(account.received))
    for begin in range(0, len(numbers), PAGE):
        yield [piece_id(account.recording_id, number) for number in numbers[begin : begin + PAGE]]


def read(work: UnitOfWork, ids: Sequence[str]) -> list[LivePiece]:
    """The pieces that are there, in one call."""
    refs = [LivePiece.ref(id) for id in ids]
    work.prefetch(*refs)
    return [piece for ref in refs if (piece := work.get_or_none(ref))]


def for_each_page(
    clinic: Clinic, account: LiveRecording, handle: Callable[[UnitOfWork, list[LivePiece]], None]
) -> None:
    """Call `handle` for the pieces, one transaction a page."""
    for ids in pages_of(account):

        def transaction(work: UnitOfWork, ids: Sequence[str] = ids) -> None:
            handle(work, read(work, ids))

        clinic.perform("piece.settle", transaction)


def planned(piece: LivePiece) -> JoinedPiece:
    """What the plan of a join has to know."""
    form = SampleForm(piece.sample_rate_hertz, piece.channels)
    return JoinedPiece(piece.number, piece.start_ms, piece.frames, form, piece.captured_at, piece.bare)


def mark_due(work: UnitOfWork, session_id: str) -> bool:
    """Say in this commit that recordings may be joined, or pieces discarded; False for a session that has none."""
    live = work.get_or_none(live_audio_ref(session_id))
    if live is not None:
        work.save(live.due(work.stamp))
    return live is not None
