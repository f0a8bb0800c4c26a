"""Deleting the objects of pieces."""

from __future__ import annotations

from shared.gateways import pieces
from shared.workflows.visits.object_names import join_folder, piece_folder


def delete(recording: str) -> None:
    """Delete the objects of the pieces of a recording of this name, and what was made of them."""
    delete_within(piece_folder(recording))
    delete_within(join_folder(recording))


def delete_within(folder: str) -> None:
    """Delete the objects whose names begin with this."""
    for one in pieces.within(folder):
        pieces.delete(one.name)
