"""Live recordings whose pieces are stored as the server stores them, before they are joined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO

import numpy as np
import soundfile
from numpy.typing import NDArray

from local.services.speech import tones
from local.services.speech.tones import Spoken
from local.stack.environment import AUDIO_BUCKET, PIECES_BUCKET
from shared.gateways import pieces
from shared.records.record import Stamp
from shared.records.visits.live.accounts import LiveAudio
from shared.records.visits.live.piece import LivePiece, LiveWord, TextStatus
from shared.records.visits.live.ranges import ranges_of
from shared.records.visits.live.recorded import LiveRecording
from shared.records.visits.session import Session
from shared.store.clinic import Clinic, system_clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.visits.object_names import piece_name, recording_name
from tests.support import crashes as support
from tests.support.clinics import TestClinic
from tools.openapi.live_factories import RECORDER_ID, live_piece, live_recording

PIECE_SECONDS = 10
_A_COMMIT = 200
BEGAN = datetime.now(UTC) - timedelta(hours=4)


@dataclass
class Live:
    """A live recording of a session, and what was acknowledged of it."""

    clinic: TestClinic
    session_id: str
    contents: dict[int, bytes] = field(default_factory=dict)
    """The stored bytes of each piece."""

    @property
    def worker(self) -> Clinic:
        return system_clinic(self.clinic.id, "test")

    @property
    def recording_id(self) -> str:
        return f"{self.session_id}-a1"

    @property
    def name(self) -> str:
        return recording_name(self.clinic.id, self.session_id, self.recording_id)

    def joined(self) -> bytes | None:
        """The recording that was made; None if there is none."""
        blob = support.bucket_of(self.clinic.stack, AUDIO_BUCKET).blob(self.name)
        return bytes(blob.download_as_bytes()) if blob.exists() else None

    def left(self) -> list[str]:
        """The objects in the bucket of pieces."""
        blobs = support.bucket_of(self.clinic.stack, PIECES_BUCKET).list_blobs(prefix=f"{self.name}/")
        return sorted(blob.name.removeprefix(f"{self.name}/") for blob in blobs)


@dataclass(frozen=True)
class Sent:
    """A piece as a client sends it."""

    number: int
    start_ms: int
    samples: NDArray[np.int16]
    form: str = ""
    """A format of libsndfile; empty: samples alone, as those of a WAV file are stored."""


def cut(
    spoken: Sequence[Spoken], seconds: int, overlap_ms: int = 0, form: str = "", piece_seconds: int = PIECE_SECONDS
) -> list[Sent]:
    """The audio of spoken words in pieces, each of which begins a little before the end of the one before it."""
    audio = np.rint(tones.encode(spoken, seconds) * 32_767).astype("<i2")
    rate, sent = tones.ENCODED_RATE, []
    for number, begin in enumerate(range(0, seconds, piece_seconds), start=1):
        start = max(0, 1000 * begin - overlap_ms)
        samples = audio[start * rate // 1000 : (begin + piece_seconds) * rate]
        sent.append(Sent(number, start, samples, form))
    return sent


def received(clinic: TestClinic, sent: Sequence[Sent], words: dict[int, list[LiveWord]] | None = None) -> Live:
    """A running session with a live recording whose recorder has ended, and of which these pieces arrived."""
    session_id = str(clinic.session(recording_settings={"channels": ["unknown"]}).body["id"])
    live = Live(clinic, session_id)
    stored = [_stored(live, one, (words or {}).get(one.number, [])) for one in sent]
    last = max(one.number for one in sent)
    account = LiveRecording(
        recording_id=live.recording_id,
        recorder_id=RECORDER_ID,
        opened_at=BEGAN,
        received=ranges_of(one.number for one in sent),
        last_piece=last,
        duration_ms=sum(one.duration_ms for one in stored),
        last_received_at=BEGAN,
    )

    def opened(work: UnitOfWork) -> None:
        session = work.get(Session.ref(session_id))
        work.save(session.amended(uploads=1))
        work.create(live_recording(live.recording_id, session_id, work.stamp, object_name=live.name))
        audio = LiveAudio.empty(session_id, work.stamp)
        work.create(audio.amended(recordings=[account], events=len(stored)))

    live.worker.perform("test.open", opened)
    for begin in range(0, len(stored), _A_COMMIT):
        page = stored[begin : begin + _A_COMMIT]

        def committed(work: UnitOfWork, page: Sequence[LivePiece] = page) -> None:
            for one in page:
                work.create(one)

        live.worker.perform("test.receive", committed)
    return live


def _stored(live: Live, sent: Sent, words: list[LiveWord]) -> LivePiece:
    content = sent.samples.tobytes() if not sent.form else _file(sent)
    digest = sha256(content).hexdigest()
    live.contents[sent.number] = content
    found = pieces.create(
        piece_name(live.clinic.id, live.session_id, live.recording_id, sent.number),
        content,
        "application/octet-stream",
        digest,
    )
    at = BEGAN + timedelta(milliseconds=sent.start_ms)
    return live_piece(
        live.recording_id,
        sent.number,
        Stamp("system", at),
        start_ms=sent.start_ms,
        duration_ms=1000 * len(sent.samples) // tones.ENCODED_RATE,
        sample_rate_hertz=tones.ENCODED_RATE,
        frames=len(sent.samples),
        bare=not sent.form,
        data_bytes=len(content),
        data_sha256=digest,
        generation=found.generation,
        text_status=TextStatus.RECOGNISED if words else TextStatus.NO_SPEECH,
        text=" ".join(word.text for word in words),
        words=words,
    )


def _file(sent: Sent) -> bytes:
    file = BytesIO()
    soundfile.write(file, sent.samples, tones.ENCODED_RATE, format=sent.form, subtype="PCM_16")
    return file.getvalue()
