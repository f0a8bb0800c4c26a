"""The speech engine: Whisper in its own process, so that the endpoint keeps answering during a transcription."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from local.services.speech import weights
from local.services.speech.audio import SAMPLE_RATE, AudioError, Samples, decode
from local.services.speech.cache import TranscriptCache
from local.services.speech.transcript import Job, Transcript, Word

_START_SECONDS = 120.0
"""The time limit for loading the model."""

_CACHED_SECONDS = 0.5
"""The time of a cached transcription. No real recogniser answers before its caller has stored the operation's name."""


class AudioTooLong(AudioError):
    """The recording is longer than the limit of the call."""


class EngineStopped(Exception):
    """The engine's process ended before it had a result."""


class Engine:
    """Transcribes one recording at a time. Its process starts at first use and ends with `stop` or with this process.

    Transcripts are cached: most tests transcribe the same recordings again.
    """

    def __init__(self, model: weights.Model | None = None, cache_folder: Path | None = None) -> None:
        """Use `model`; the default is the model named in the environment. With a folder, transcripts outlive this."""
        self.model = model or weights.chosen()
        self._turn = threading.Lock()
        self._starting = threading.Lock()
        self._process: Any = None
        self._pipe: Connection | None = None
        self._stopped = False
        self._cache = TranscriptCache(self.model, cache_folder)

    def warm_up(self) -> None:
        """Start the process and load the model. Raises WeightsError or EngineStopped."""
        with self._turn:
            self._started()

    def transcribe(self, job: Job) -> Transcript:
        """Wait for our turn, then for the words. Raises AudioError, WeightsError or EngineStopped."""
        with self._turn:
            if cached := self._cache.get(job):
                time.sleep(_CACHED_SECONDS)
                return cached
            transcript = self._ask(self._started(), job)
            self._cache.put(job, transcript)
            return transcript

    def stop(self) -> None:
        """End the process for good, even during a transcription, which then raises EngineStopped."""
        with self._starting:
            self._stopped = True
        if self._process is not None:
            self._process.terminate()
            self._process.join()

    def _started(self) -> Connection:
        if self._pipe is not None and self._process.is_alive():
            return self._pipe
        self._pipe = None
        pipe = self._start()
        self._receive(pipe, _START_SECONDS)
        self._pipe = pipe
        return pipe

    def _start(self) -> Connection:
        paths = weights.locate(self.model)  # here, because a download may take longer than a start
        context = multiprocessing.get_context("spawn")
        pipe, worker_pipe = context.Pipe()
        process = context.Process(
            target=_work, args=(worker_pipe, self.model, paths), name="speech engine", daemon=True
        )
        with self._starting:
            if self._stopped:
                raise EngineStopped("The speech engine was stopped.")
            process.start()
            self._process = process
        worker_pipe.close()  # so that each process sees the end of the other as the end of the pipe
        return pipe

    def _ask(self, pipe: Connection, job: Job) -> Transcript:
        try:
            pipe.send(job)
        except OSError as error:
            raise EngineStopped("The speech engine stopped.") from error
        transcript: Transcript = self._receive(pipe, None)
        return transcript

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


def _work(pipe: Connection, model: weights.Model, paths: weights.Paths) -> None:
    """The main function of the process: answers each `Job` with a `Transcript` or an error until the pipe ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the stack, which stops this process
    with contextlib.suppress(EOFError, ConnectionError):
        try:
            whisper = _load(model, paths)
        except weights.WeightsError as error:
            pipe.send(error)
            return
        pipe.send("ready")
        while True:
            pipe.send(_answer(whisper, pipe.recv()))


def _answer(whisper: Any, job: Job) -> Transcript | AudioError:
    try:
        return _transcribe(whisper, job)
    except AudioError as error:
        return error


def _load(model: weights.Model, paths: weights.Paths) -> Any:
    os.environ["HF_HUB_OFFLINE"] = "1"
    files = weights.load(model, paths)
    from faster_whisper import WhisperModel
    from tqdm import tqdm  # type: ignore[import-untyped]

    tqdm.set_lock(threading.RLock())  # faster_whisper uses tqdm, whose default lock would outlive a terminated process
    # One thread per channel is twice as fast as all threads on one channel after the other.
    cores = os.cpu_count() or 1
    return WhisperModel(model.name, device="cpu", compute_type="int8", cpu_threads=1, num_workers=cores, files=files)


def _transcribe(whisper: Any, job: Job) -> Transcript:
    samples = decode(job.audio, job.raw)
    seconds = samples.shape[1] / SAMPLE_RATE
    if seconds > job.longest:
        raise AudioTooLong(f"The audio lasts {seconds:.1f} s; at most {job.longest:g} s are allowed here.")
    if not job.per_channel:
        samples = samples.mean(axis=0, keepdims=True)
    with ThreadPoolExecutor(len(samples)) as threads:
        channels = threads.map(lambda channel: _words(whisper, channel, job.language), samples)
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
