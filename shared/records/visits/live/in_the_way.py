"""The refusals that name which audio, or which recorder, is in the way; apart, for every function names them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from shared.lazily import lazily
from shared.records.problems import Problem

with lazily(globals()):
    from shared.records.visits.live.recorded import LiveRecording

MOST_SHOWN = 100
"""Ranges of missing pieces in one refusal."""


class AnotherRecorder(Problem):
    """Another recorder has the session; `recorder` says since when. Two never record into one recording."""

    status, name, title = 409, "another-recorder", "Another recorder has the session"
    cause: ClassVar[str] = "another_recorder"

    def __init__(self, recording: LiveRecording) -> None:
        super().__init__("another device records this session: stop it there, or send take_over")
        self.recording = recording

    @property
    def members(self) -> Mapping[str, Any]:
        """The recording of the other recorder."""
        last = self.recording.last_received_at
        recorder = {
            "recording_id": self.recording.recording_id,
            "opened_at": _written(self.recording.opened_at),
            "last_received_at": _written(last) if last else None,
        }
        return {"code": self.cause, "recorder": recorder}


class AudioMissing(Problem):
    """Audio of the session is on a device and not here: `missing_audio` has the pieces of each live recording."""

    status, name, title = 409, "audio-missing", "Not all audio has arrived"
    cause: ClassVar[str] = "audio_missing"

    def __init__(self, recordings: Sequence[LiveRecording]) -> None:
        super().__init__("send the missing pieces, or declare them lost with a reason")
        self.recordings = tuple(recordings)

    @property
    def members(self) -> Mapping[str, Any]:
        """Ranges of numbers, the first MOST_SHOWN of each recording, and whether more may come after them."""
        missing = [
            {
                "recording_id": one.recording_id,
                "numbers": [dict(range_) for range_ in one.missing[:MOST_SHOWN]],
                "end_unknown": one.end is None,
            }
            for one in self.recordings
        ]
        return {"code": self.cause, "missing_audio": missing}


def _written(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
