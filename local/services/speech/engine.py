"""The engine: Whisper in a process of its own, so that the endpoint keeps answering while it listens."""

from __future__ import annotations

import contextlib
import hashlib
import multiprocessing
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from typing import Any

from local.services.speech import weights
from local.services.speech.audio import SAMPLE_RATE, AudioError, RawFormat, Samples, decode

_START_SECONDS = 120.0
"""The longest that loading the model may take."""

_REMEMBERING_SECONDS = 0.5
"""How long a recording that was heard before takes; no recogniser answers before its caller has noted the call."""


class AudioTooLong(AudioError):
    """The recording is longer than the call allows."""


class EngineStopped(Exception):
    """The engine's process ended before it had an answer."""


@dataclass(frozen=True)
class Listening:
    """What to transcribe, and how."""

    audio: bytes
    per_channel: bool = False
    """Transcribe each channel on its own; otherwise all are mixed into one."""
    language: str = "en"
    """A language as Whisper names it."""
    raw: RawFormat | None = None
    longest: float = float("inf")
    """Refuse recordings of more seconds."""


@dataclass(frozen=True)
class Word:
    text: str
    start: float
    """Seconds from the beginning of the recording."""
    end: float
    confidence: float
    """The model's probability, 0 to 1."""


@dataclass(frozen=True)
class Transcript:
    channels: tuple[tuple[Word, ...], ...]
    """The words of each channel in order; one channel when they were mixed."""
    seconds: float
    """The length of the recording."""


class Engine:
    """Transcribes one recording at a time. Its process starts on first use and ends with `stop` or with ours.

    It remembers what it heard: a recording that is played again, as in most tests, is not listened to again.
    """

    def __init__(self, model: weights.Model | None = None) -> None:
        """Use `model`; by default the one that the environment chooses."""
        self.model = model or weights.chosen()
        self._turn = threading.Lock()
        self._starting = threading.Lock()
        self._process: Any = None
        self._pipe: Connection | None = None
        self._stopped = False
        self._heard: dict[Listening, Transcript] = {}

    def warm_up(self) -> None:
        """Start the process and load the model. Raises WeightsError or EngineStopped."""
        with self._turn:
            self._started()

    def transcribe(self, listening: Listening) -> Transcript:
        """Wait for our turn, then for the words. Raises AudioError, WeightsError or EngineStopped."""
        same = replace(listening, audio=hashlib.sha256(listening.audio).digest())
        with self._turn:
            if same in self._heard:
                time.sleep(_REMEMBERING_SECONDS)
            else:
                self._heard[same] = self._ask(self._started(), listening)
            return self._heard[same]

    def stop(self) -> None:
        """End the process for good, whatever it is doing; who waits for it gets EngineStopped."""
        with self._starting:
            self._stopped = True
        if self._process is not None:
            self._process.terminate()
            self._process.join()

    def _started(self) -> Connection:
        if self._pipe is not None and self._process.is_alive():
            return self._pipe
        self._pipe = None
        ours = self._start()
        self._receive(ours, _START_SECONDS)
        self._pipe = ours
        return ours

    def _start(self) -> Connection:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_work, args=(theirs, self.model), name="speech engine", daemon=True)
        with self._starting:
            if self._stopped:
                raise EngineStopped("The speech engine was stopped.")
            process.start()
            self._process = process
        theirs.close()  # so that we see the end of the process as the end of the pipe, and it sees ours
        return ours

    def _ask(self, pipe: Connection, listening: Listening) -> Any:
        try:
            pipe.send(listening)
        except OSError as error:
            raise EngineStopped("The speech engine stopped.") from error
        return self._receive(pipe, None)

    def _receive(self, pipe: Connection, seconds: float | None) -> Any:
        try:
            if not pipe.poll(seconds):
                self._process.terminate()
                raise EngineStopped(f"The speech engine did not start within {seconds} seconds.")
            answer = pipe.recv()
        except (EOFError, OSError) as error:
            raise EngineStopped("The speech engine stopped.") from error
        if isinstance(answer, Exception):
            raise answer
        return answer


def _work(pipe: Connection, model: weights.Model) -> None:
    """The process: answers each `Listening` with a `Transcript` or an error until the pipe ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the stack, which stops us
    with contextlib.suppress(EOFError, ConnectionError):
        try:
            whisper = _load(model)
        except weights.WeightsError as error:
            pipe.send(error)
            return
        pipe.send("ready")
        while True:
            pipe.send(_answer(whisper, pipe.recv()))


def _answer(whisper: Any, listening: Listening) -> Transcript | AudioError:
    try:
        return _transcribe(whisper, listening)
    except AudioError as error:
        return error


def _load(model: weights.Model) -> Any:
    os.environ["HF_HUB_OFFLINE"] = "1"
    files = weights.load(model)
    from faster_whisper import WhisperModel
    from tqdm import tqdm  # type: ignore[import-untyped]

    tqdm.set_lock(threading.RLock())  # faster_whisper uses it; its own lock would outlive a process that is ended
    # A thread a channel is twice as fast as all threads on one channel after the other.
    cores = os.cpu_count() or 1
    return WhisperModel(model.name, device="cpu", compute_type="int8", cpu_threads=1, num_workers=cores, files=files)


def _transcribe(whisper: Any, listening: Listening) -> Transcript:
    samples = decode(listening.audio, listening.raw)
    seconds = samples.shape[1] / SAMPLE_RATE
    if seconds > listening.longest:
        raise AudioTooLong(f"The audio lasts {seconds:.1f} s; at most {listening.longest:g} s are allowed here.")
    if not listening.per_channel:
        samples = samples.mean(axis=0, keepdims=True)
    with ThreadPoolExecutor(len(samples)) as threads:
        channels = threads.map(lambda channel: _words(whisper, channel, listening.language), samples)
        return Transcript(tuple(channels), seconds)


def _words(whisper: Any, channel: Samples, language: str) -> tuple[Word, ...]:
    from faster_whisper import BatchedInferencePipeline

    # Without the voice filter Whisper hears sentences in silence; conditioning on earlier text makes it repeat itself.
    pipeline = BatchedInferencePipeline(whisper)
    segments, _ = pipeline.transcribe(
        channel,
        language=language,
        beam_size=5,
        batch_size=8,
        vad_filter=True,
        word_timestamps=True,
        condition_on_previous_text=False,
    )
    words = (word for segment in segments for word in segment.words or ())
    return tuple(Word(word.word.strip(), float(word.start), float(word.end), float(word.probability)) for word in words)
