"""Live text: from the last byte of a piece to its text on a second screen, and many sessions at once.

The engine takes a planted time, so what is measured beside it is the product's own. One session is followed as a second
screen would; then many sessions send a piece of ten seconds every ten seconds, each from its own recorder, to one
process of the function.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from statistics import median, quantiles
from threading import Event, Thread
from urllib.parse import urlencode

import psutil
import urllib3

from bench.measure import Comparison
from bench.population import bodies
from local.demo.client import App
from local.demo.consent import CONSENT
from local.demo.pieces import digest_of, wav
from local.demo.seed import SETTINGS, sign_up, token
from local.services.speech.script import Change
from local.services.speech.service import SpeechService
from local.services.speech.tones import ENCODED_RATE, Spoken, encode
from local.stack.stack import Stack
from shared.records.types import Role, new_id
from shared.workflows.clinic import opening

ENGINE_SECONDS = 0.4
"""Planted: how much longer the engine takes for a piece than the recogniser of tones."""
OWN_SECONDS = 0.3
"""What the product may add to the engine's own time, in the median."""
SESSIONS = 50
"""That record at once; one more is followed by another screen."""
PIECE_SECONDS = 10
PIECES = 6
"""Of each session, when all send at once: the first of them warms the process up."""
MEMORY_BOUND = 1.1
"""The process after the last round against after the second."""
_TIMEOUT = 60
_http = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(_TIMEOUT), maxsize=2 * SESSIONS, block=False)


@dataclass(frozen=True)
class Recorder:
    """A session with its live recording, and the doctor who records it."""

    url: str
    token: str
    session_id: str
    recording_id: str

    def send(self, number: int, audio: bytes) -> float:
        """Send a piece; returns the seconds until the answer. Raises AssertionError if it is refused."""
        headers = {**self._headers, "Content-Type": "audio/wav", "Content-Digest": digest_of(audio)}
        sent = {
            "recording_id": self.recording_id,
            "start_ms": 1000 * PIECE_SECONDS * (number - 1),
            "captured_at": datetime.now(UTC).isoformat(),
        }
        path = f"{self.url}/api/v1/sessions/{self.session_id}/audio/pieces/{number}?{urlencode(sent)}"
        start = time.perf_counter()
        answer = _http.request("POST", path, body=audio, headers=headers)
        seconds = time.perf_counter() - start
        assert answer.status == 201, answer.data
        assert answer.json()["text_status"] == "recognised", answer.data
        return seconds

    def texts(self, opened: Event) -> Iterator[float]:
        """The times at which another screen gets the text of each piece, by its stream."""
        path = f"{self.url}/api/v1/sessions/{self.session_id}/transcript/live"
        with closing(_http.request("GET", path, headers=self._headers, preload_content=False)) as stream:
            opened.set()
            for line in stream:
                if line.startswith(b"data: "):
                    assert json.loads(line[6:])["text"]
                    yield time.perf_counter()

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@dataclass(frozen=True)
class Crowd:
    """What many sessions at once saw."""

    seconds: Sequence[float]
    """From the last byte of each piece to its receipt and text."""
    memory: tuple[float, float]
    """Bytes of the function's process after the second and after the last round."""

    def percentile(self, percent: int) -> float:
        return quantiles(self.seconds, n=100)[percent - 1]


def compare(rounds: int, stack: Stack, note: Callable[[str], None]) -> list[Comparison]:
    """The product's own time against OWN_SECONDS, and its memory. Raises AssertionError if a piece is refused."""
    with stack.service(SpeechService).script.hearing_tones():
        recorders = list(_recorders(stack, SESSIONS + 1))
        own = _own_seconds(recorders[0], rounds, stack)
        crowd = _crowd(recorders[1:], stack)
    delays = f"{median(crowd.seconds):.2f} s in the median, {crowd.percentile(95):.2f} s in 95 of 100"
    note(
        f"{len(recorders) - 1} sessions at once, {len(crowd.seconds)} pieces of {PIECE_SECONDS} s, none refused: "
        f"receipt and text after {delays} (the engine's {ENGINE_SECONDS} s among them)"
    )
    before, after = crowd.memory
    return [
        Comparison("text on a second screen, without the engine", own, OWN_SECONDS, 1.0),
        Comparison(f"{len(recorders) - 1} sessions at once: memory", after, before, MEMORY_BOUND),
    ]


def _own_seconds(recorder: Recorder, rounds: int, stack: Stack) -> float:
    """The median from the last byte of a piece to its text on another screen, less the engine's own time."""
    shown: list[float] = []
    opened, done = Event(), Event()

    def follow() -> None:
        shown.extend(islice(recorder.texts(opened), rounds + 1))
        done.set()

    Thread(target=follow, daemon=True).start()
    opened.wait(_TIMEOUT)
    sent = []
    for number in range(1, rounds + 2):
        _plant(stack, 1)
        sent.append(time.perf_counter())
        recorder.send(number, _piece(number))
    assert done.wait(_TIMEOUT), "a text did not come"
    waits = [at - begin for begin, at in zip(sent, shown, strict=True)]
    return median(waits[1:]) - ENGINE_SECONDS


def _crowd(recorders: Sequence[Recorder], stack: Stack) -> Crowd:
    """Each recorder sends a piece every PIECE_SECONDS; their beginnings are spread."""
    _plant(stack, PIECES * len(recorders))
    memory: dict[int, float] = {}

    def record(place: int) -> list[float]:
        begin = time.perf_counter() + PIECE_SECONDS * place / len(recorders)
        found = []
        for number in range(1, PIECES + 1):
            time.sleep(max(0.0, begin + PIECE_SECONDS * (number - 1) - time.perf_counter()))
            found.append(recorders[place].send(number, _piece(place + number)))
            if place == len(recorders) - 1:
                process = psutil.Process(stack.functions.process_of("live_audio"))
                memory[number] = process.memory_info().rss
        return found[1:]

    with ThreadPoolExecutor(len(recorders)) as threads:
        seconds = [one for found in threads.map(record, range(len(recorders))) for one in found]
    return Crowd(seconds, (memory[2], memory[PIECES]))


def _plant(stack: Stack, pieces: int) -> None:
    stack.service(SpeechService).script.plant_for_recognize(*[Change(seconds=ENGINE_SECONDS)] * pieces)


def _piece(seed: int) -> bytes:
    """A WAV file of words."""
    words = [Spoken(word=(7 * seed + place) % 48, voice=0, start=0.5 * place) for place in range(2 * PIECE_SECONDS - 1)]
    return wav((32_767 * encode(words, PIECE_SECONDS)).astype("<i2"), ENCODED_RATE)


def _recorders(stack: Stack, count: int) -> Iterator[Recorder]:
    """Sessions of one clinic, each with its own doctor and patient."""
    clinic_id = new_id(12)
    emails = {f"bench-doctor-{place}": f"doctor{place}@clinic.example" for place in range(count)}
    sign_up(clinic_id, emails)
    opening.open_clinic(clinic_id, SETTINGS, {user_id: (email, [Role.DOCTOR]) for user_id, email in emails.items()})
    for user_id, patient in zip(emails, bodies(count, allow_duplicate=True), strict=True):
        signed_in = token(user_id, clinic_id)
        app = App(stack.url, signed_in)
        patient_id = app.post("/patients", patient).body["id"]
        app.post(f"/patients/{patient_id}/consents", CONSENT)
        session_id = app.post("/sessions", {"patient_id": patient_id}).body["id"]
        opened = app.post(f"/sessions/{session_id}/audio", {"recorder_id": new_id()}).body
        yield Recorder(stack.url, signed_in, session_id, opened["id"])
