"""Whether the recordings of a visit are as long as the visit."""

from __future__ import annotations

from shared.records.visits.session import Session
from shared.records.visits.times import seconds_of

_TOLERATED = 300
"""Seconds. Recorders start after the greeting and stop before the prescription is written, and times are taps."""
_SHORTEST = 0.5
"""The share of the visit below which a recording lacks more than its beginning and end: it stopped, or was cut off."""
_LONGEST = 1.25
"""The share of the visit above which a recorder was left running: the audio may have the next patient's words."""


def length_differs(session: Session) -> bool:
    """True if a session that is over, without its pauses, is far longer or shorter than its recordings together.

    False while one of both durations is not known.
    """
    audio = session.audio_duration_seconds
    if not session.over or session.ended_at is None or audio is None:
        return False
    visit = seconds_of(session.started_at, session.ended_at, session.paused_seconds)
    far = abs(audio - visit) > _TOLERATED
    return far and not _SHORTEST * visit <= audio <= _LONGEST * visit
