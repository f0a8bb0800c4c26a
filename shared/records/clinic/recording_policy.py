"""What a clinic decides about recordings, beside the consents."""

from __future__ import annotations

from enum import StrEnum


class PiecesInPauses(StrEnum):
    """What becomes of live audio that was captured while the session was paused."""

    REFUSE = "refuse"
    """It is refused and not stored: what is said in a pause is private."""
    ACCEPT = "accept"
    """It is part of the recording."""
