"""A visit that is recorded live: pieces with receipts, words on another screen, and a piece that is late."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import islice, pairwise
from typing import Any
from urllib.parse import urlencode

import numpy as np
from numpy.typing import NDArray

from local.demo.client import App, DemoError
from local.demo.pieces import wav
from local.demo.show import Stages
from local.samples import Sample
from local.services.speech.audio import SAMPLE_RATE, decode

_CUTS = (0.0, 8.25, 15.6, 26.3)
"""Seconds: a piece is a turn or three of the sample's dialogue."""
_LATE = 2
"""The number of the piece that comes last."""
_JOINED_WITHIN = 60.0
"""Seconds."""


@dataclass(frozen=True)
class _Recorder:
    """A recorder of one session, with what it captured."""

    app: App
    session: str
    recording: str
    began: datetime
    pieces: Mapping[int, bytes]
    """WAV files, by number."""

    def send(self, number: int) -> Mapping[str, Any]:
        """Send a piece; returns its receipt."""
        start_ms = round(1000 * _CUTS[number - 1])
        query = {
            "recording_id": self.recording,
            "start_ms": start_ms,
            "captured_at": (self.began + timedelta(milliseconds=start_ms)).isoformat(),
            **({"ends": "recording"} if number == len(self.pieces) else {}),
        }
        path = f"/sessions/{self.session}/audio/pieces/{number}?{urlencode(query)}"
        receipt: Mapping[str, Any] = self.app.send_audio(path, self.pieces[number], "audio/wav").body
        return receipt


def record(doctor: App, stages: Stages, patient: str, sample: Sample) -> None:
    """The patient comes again, and the visit is recorded in pieces; one of them is late."""
    began = datetime.now(UTC) - timedelta(seconds=_CUTS[-1])
    new = {"patient_id": patient, "type": "followup", "recording_settings": {"channels": ["unknown"]}}
    session = str(doctor.post("/sessions", {**new, "started_at": began.isoformat()}).body["id"])
    opened = doctor.post(f"/sessions/{session}/audio", {"recorder_id": "demo-recorder", "content_type": "audio/wav"})
    captured = _captured(sample)
    pieces = [wav(captured[begin:end], SAMPLE_RATE) for begin, end in pairwise(round(at * SAMPLE_RATE) for at in _CUTS)]
    recorder = _Recorder(doctor, session, opened.body["id"], began, dict(enumerate(pieces, start=1)))
    with ThreadPoolExecutor(1) as screen:
        shown = screen.submit(lambda: list(islice(doctor.heard(session), len(pieces) - 1)))
        with stages.stage("The next visit is recorded live: each piece gets a receipt") as note:
            for number in recorder.pieces:
                if number != _LATE:
                    receipt = recorder.send(number)
                    note(f"{number}: {receipt['duration_ms'] / 1000:.1f} s, SHA-256 {receipt['sha256'][:8]}")
        with stages.stage("Another screen shows the words as they come") as note:
            for heard in shown.result():
                note(f"{heard['number']}: “{heard['text']}”")
    seen = doctor.get(f"/sessions/{session}")
    with stages.stage("It is not completed while a piece is missing") as note:
        problem = doctor.refusal(f"/sessions/{session}/complete", {}, etag=seen.etag)
        [missing] = problem["missing_audio"]
        note(f"{problem['status']}: {problem['title']}: piece {missing['numbers'][0]['first']}")
    with stages.stage("The piece arrives after all, and the pieces become one recording") as note:
        note(f"{_LATE}: “{recorder.send(_LATE)['text']}”")
        doctor.post(f"/sessions/{session}/complete", etag=doctor.get(f"/sessions/{session}").etag)
        digest = _joined(doctor, session)["sha256"]
        if digest != sha256(wav(captured, SAMPLE_RATE)).hexdigest():
            raise DemoError("the recording is not what was captured")
        note(f"{_CUTS[-1]} s, SHA-256 {digest[:8]}: exactly what was captured")


def _joined(doctor: App, session: str) -> Mapping[str, Any]:
    """The recording, as soon as it is one."""
    until = time.monotonic() + _JOINED_WITHIN
    while time.monotonic() < until:
        recording: Mapping[str, Any]
        [recording] = doctor.get(f"/sessions/{session}/recordings").body["items"]
        if recording["status"] == "received":
            return recording
        time.sleep(0.1)
    raise DemoError("the pieces did not become a recording")


def _captured(sample: Sample) -> NDArray[np.int16]:
    """The samples of the microphone: both voices in one channel."""
    voices = decode(sample.audio.read_bytes()).mean(axis=0)[: round(_CUTS[-1] * SAMPLE_RATE)]
    samples: NDArray[np.int16] = np.rint(32_767 * voices).astype("<i2")
    return samples
