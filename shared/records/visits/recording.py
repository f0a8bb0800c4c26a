"""Recordings: the audio files of a session."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, ClassVar, Self

from pydantic import Field

from shared.records.conflict_codes import ConflictCode
from shared.records.privacy import Clinical, Encrypted, Internal, Plain
from shared.records.problems import Conflict
from shared.records.record import Record, Stamp, Value, session_of
from shared.records.types import Code, Digest, Id, Moment, ResourceName
from shared.records.visits.audio import AudioMark, Codec, Container
from shared.records.visits.failure import RecordingRefusal
from shared.records.visits.join_plan import MOST_POINTS, JoinPlan
from shared.records.visits.lost_audio import MOST_PLACES, LostAudio

MOST_UPLOADS = 100
"""Uploads of one session, also those that were refused, expired or deleted. A day in parts of 15 minutes fits."""
MOST_UPLOADED_BYTES = 16 * 1024**3
"""Announced size of all uploads of one session: a day (86,400 s) of uncompressed stereo of 16 bits at 48 kHz is
16.6 * 10^9 bytes. Each byte is stored, decoded and recognised at the operator's cost."""
UPLOAD_OPEN_FOR = timedelta(days=7)
"""How long Cloud Storage keeps a resumable upload session."""


class RecordingStatus(StrEnum):
    AWAITED = "awaited"
    """The upload was opened, and its end was not seen."""
    RECEIVED = "received"
    REFUSED = "refused"
    """The audio was received, refused and deleted; `refusal` says why."""
    EXPIRED = "expired"
    """No audio was received before the upload session expired."""
    DELETED = "deleted"
    """A person deleted it, or cancelled its upload. Audio that still arrives is discarded."""


class TimelinePoint(Value):
    """A time in a recording, and what the clock of its recorder said."""

    start_ms: int
    """Milliseconds from the beginning of the recording."""
    captured_at: Moment


class NewUpload(Value):
    """The file that the client will upload."""

    content_type: Annotated[str, Field(max_length=200)]
    """The Content-Type of the recorder, in any usual spelling, with or without parameters: `audio/webm;codecs=opus`."""
    size_bytes: int = Field(gt=0, le=10**12)
    """Bytes."""


class Recording(Record):
    """One audio file of a session; created when its upload is opened."""

    kind: ClassVar[str] = "Recording"
    collection: ClassVar[str] = "recordings"

    session_id: Plain[Id]
    object_name: Plain[ResourceName]
    status: Plain[RecordingStatus] = RecordingStatus.AWAITED
    content_type: Plain[Code]
    """The media type, in one spelling and without parameters: `audio/wav` for `audio/x-wav`."""
    size_bytes: Plain[int]
    in_pieces: Plain[bool] = False
    """True for a live recording, whose audio comes in pieces; size and type are those of the whole once it is there."""
    sha256: Plain[Digest | None] = None
    """Of the whole, in hexadecimal, once its pieces are joined."""
    timeline: Plain[list[TimelinePoint]] = Field(default=[], max_length=MOST_POINTS)
    """Of a joined recording: its beginning, and wherever wall clock and audio run apart, as after a pause."""
    lost_audio: Clinical[Encrypted[list[LostAudio]]] = Field(default=[], max_length=MOST_PLACES)
    """What was spoken and is not in a joined recording, as the doctor declared it; in its order."""
    refusal: Plain[RecordingRefusal | None] = None
    """Why the audio was refused and deleted."""

    # Found in the content when the audio arrives; the levels of a long recording follow. Null: not known, or not
    # measurable in this format.
    container: Plain[Container | None] = None
    codec: Plain[Codec | None] = None
    channels: Plain[int | None] = None
    """Channels of the file, whatever the session's settings say."""
    sample_rate_hertz: Plain[int | None] = None
    duration_seconds: Plain[float | None] = None
    """Length of the audio that is there, not the one that the header states."""
    peak_dbfs: Plain[float | None] = None
    """Level of the loudest sample; 0 is the end of the scale. Levels are of the first two hours; null for AAC."""
    noise_dbfs: Plain[float | None] = None
    """Level of the quietest tenth."""
    clipped_share: Plain[float | None] = None
    """Share of the samples at the end of the scale, 0 to 1."""
    silence_share: Plain[float | None] = None
    """Share of the time below -55 dBFS, 0 to 1."""
    audio_quality_score: Plain[float | None] = None
    """From level, background noise and clipping, 0 to 1."""
    marks: Plain[list[AudioMark]] = []
    """What the doctor should know about the recording, with advice."""

    unmeasured: Internal[Plain[bool]] = False
    """True while the levels are still to be measured."""

    resumable_url: Internal[Encrypted[Annotated[str, Field(max_length=4_000)] | None]] = None
    """Whoever has it may write the recording, so it is shown only while it is of use, by `open_url`."""

    @property
    def awaited(self) -> bool:
        """True while its audio may still come."""
        return self.status == RecordingStatus.AWAITED and self.refusal is None

    def open_url(self, now: datetime) -> str | None:
        """The upload session that a client may go on with; None when the recording is there, or the session is over."""
        awaited = self.status == RecordingStatus.AWAITED and now - self.created_at < UPLOAD_OPEN_FOR
        return self.resumable_url if awaited else None

    @property
    def mostly_silent(self) -> bool:
        return AudioMark.MOSTLY_SILENT in self.marks

    @property
    def joined(self) -> bool:
        """True once its pieces are one recording: it takes no more."""
        return self.sha256 is not None

    def joined_as(self, stamp: Stamp, size_bytes: int, sha256: str, plan: JoinPlan, lost: list[LostAudio]) -> Self:
        """The live recording whose pieces became this WAV file."""
        timeline = [TimelinePoint(start_ms=at.recording_ms, captured_at=at.captured_at) for at in plan.timeline]
        whole = {"content_type": "audio/wav", "size_bytes": size_bytes, "sha256": sha256}
        return self.revised(stamp, **whole, timeline=timeline, lost_audio=lost)

    def deleted(self, stamp: Stamp) -> Self:
        """The recording without its audio. Raises Conflict if it is deleted already."""
        if self.status == RecordingStatus.DELETED:
            raise Conflict(ConflictCode.RECORDING_DELETED, "the recording is deleted")
        return self.revised(stamp, status=RecordingStatus.DELETED, resumable_url=None)

    @classmethod
    def path_of(cls, id: str) -> str:
        return f"sessions/{session_of(id)}/recordings/{id}"
