"""The pieces of a session that moved to another patient follow it, page by page, after the commit of the move.

Their receipts and their text go with them, and nothing sealed stays under the former patient's keys. Their objects are
deleted: a session moves only once its live recordings are joined or over, and the whole was compared with every piece.
"""

from __future__ import annotations

from collections.abc import Sequence

from shared.records.visits.live.accounts import live_audio_ref
from shared.records.visits.live.piece import LivePiece
from shared.records.visits.moving import id_at, moved_piece
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.visits.live import piece_objects, stored_pieces
from shared.workflows.visits.object_names import recording_name


def follow(clinic: Clinic, session_id: str) -> None:
    """Move the pieces that have not followed their session yet. May be repeated."""
    live = clinic.perform("piece.check", lambda work: work.get_or_none(live_audio_ref(session_id)))
    if live is None or live.moved_from is None:
        return
    for account in live.recordings:
        former = account.changed(recording_id=id_at(account.recording_id, session_id, live.moved_from))

        def move(work: UnitOfWork, page: Sequence[LivePiece], recording_id: str = account.recording_id) -> None:
            for piece in page:  # those that followed are deleted there
                work.create(moved_piece(piece, recording_id))
                work.save(piece.emptied())

        stored_pieces.for_each_page(clinic, former, move)
        piece_objects.delete(recording_name(clinic.id, live.moved_from, former.recording_id))
    clinic.perform("piece.settle", lambda work: _followed(work, session_id))


def _followed(work: UnitOfWork, session_id: str) -> None:
    live = work.get_or_none(live_audio_ref(session_id))
    if live is not None and live.moved_from is not None:
        work.save(live.amended(moved_from=None))
