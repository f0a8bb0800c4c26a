"""Pieces of a live recording: a stretch of audio each, self-contained, with its text."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import ClassVar, Self

from pydantic import Field

from shared.records.privacy import Clinical, Encrypted, Internal, Plain
from shared.records.record import Record, Stamp, Value, session_of
from shared.records.text import Text
from shared.records.types import Code, Digest, Id, Moment

LARGEST_PIECE = 10_000_000
"""Bytes; as many as Speech-to-Text takes in one `Recognize`."""
SHORTEST_MS, LONGEST_MS = 2_000, 55_000
"""Milliseconds of a piece; one that ends something may be shorter."""
LATEST_START_MS = 86_400_000
MOST_WORDS = 2_000
"""Words of a piece whose times are kept."""


class Ends(StrEnum):
    """What a piece ends."""

    PAUSE = "pause"
    """It is the last one before a pause."""
    RECORDING = "recording"
    """It is the last one of its recorder."""


class TextStatus(StrEnum):
    """Whether a piece became text."""

    RECOGNISED = "recognised"
    NO_SPEECH = "no_speech"
    FAILED = "failed"
    """It was not recognised. Its audio is kept, and is recognised with the whole recording."""


class LiveWord(Value):
    """A word as it was heard live."""

    text: Text
    start_ms: int
    end_ms: int
    """Milliseconds of what the recorder captured before it; pauses do not count."""
    confidence: float | None = None


class LivePiece(Record):
    """One piece. What was received never changes; its text is erased when that of the whole recording is there."""

    kind: ClassVar[str] = "LivePiece"
    collection: ClassVar[str] = "pieces"

    recording_id: Plain[Id]
    number: Plain[int]
    """From 1, in the order in which the recorder captured them."""
    start_ms: Plain[int]
    """Milliseconds that the recorder captured before it; pauses do not count."""
    duration_ms: Plain[int]
    captured_at: Plain[Moment]
    """When its first sample was captured, by the client's clock."""
    received_at: Plain[Moment]
    ends: Plain[Ends | None] = None
    content_type: Plain[Code]
    """Of the body as it was sent, by its content."""
    sample_rate_hertz: Plain[int]
    """Of the times and `frames`: of what a decoder makes of it."""
    channels: Plain[int]
    frames: Plain[int]
    """Samples of each channel."""
    bare: Internal[Plain[bool]]
    """True if its object has 16-bit samples and nothing else."""
    data_bytes: Internal[Plain[int]]
    """Size of its object."""
    data_sha256: Internal[Plain[Digest]]
    """Of its object."""
    size_bytes: Plain[int]
    """Of the body as it was sent."""
    sha256: Plain[Digest]
    """Of the body as it was sent."""
    generation: Plain[int]
    """Of its object in Cloud Storage."""
    event: Plain[int]
    """The number of its text among those of the session."""
    text_status: Plain[TextStatus]
    text: Clinical[Encrypted[str]] = ""
    words: Clinical[Encrypted[list[LiveWord]]] = Field(default=[], max_length=MOST_WORDS)

    @classmethod
    def path_of(cls, id: str) -> str:
        return f"sessions/{session_of(id)}/pieces/{id}"

    @property
    def end_ms(self) -> int:
        """Milliseconds that the recorder had captured at its end."""
        return self.start_ms + self.duration_ms

    def without_text(self, stamp: Stamp) -> Self:
        """The piece after its text was replaced by that of the whole, or may not be kept."""
        return self.revised(stamp, text="", words=[])

    @property
    def receipt(self) -> Receipt:
        shown = {name: getattr(self, name) for name in Receipt.model_fields if name != "text"}
        return Receipt(text=self.shown_text, **shown)

    @property
    def shown_text(self) -> str | None:
        """What was heard, until it is erased; None if there is no text."""
        return self.text or None if self.text_status == TextStatus.RECOGNISED else None


class Receipt(Value):
    """Proof that a piece is stored. Once given it stays true until the whole recording has replaced its pieces."""

    recording_id: Id
    number: int
    size_bytes: int
    sha256: Digest
    """Of the body as it was sent, in hexadecimal."""
    generation: int
    """Of the object in Cloud Storage."""
    start_ms: int
    duration_ms: int
    """As decoded."""
    ends: Ends | None
    captured_at: Moment
    received_at: Moment
    text: str | None
    """What was heard: provisional, until the whole recording is transcribed. Null if there is no text."""
    text_status: TextStatus


class SentPiece(Value):
    """What a client says of a piece."""

    recording_id: Id
    start_ms: int = Field(ge=0, le=LATEST_START_MS)
    """Milliseconds that the recorder captured before this piece; pauses do not count."""
    captured_at: Moment
    """When its first sample was captured, by the client's clock."""
    ends: Ends | None = None
    """What the piece ends, if it ends something: only then may it be shorter than 2 seconds."""


LARGEST_CLOCK_ERROR = timedelta(days=1)
"""How far a client's clock may be wrong: audio is not refused because of a wrong clock."""


def piece_id(recording_id: str, number: int) -> str:
    """The id of a piece."""
    return f"{recording_id}-p{number}"
