"""A cache of transcripts, in memory and, if LOCAL_SPEECH_CACHE names a folder, on disk as well.

Only tests set LOCAL_SPEECH_CACHE; `make run` and `make demo` do not. Processes may share the folder.
"""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from dataclasses import asdict
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from local.services.speech.transcript import Job, Transcript, Word
from local.services.speech.weights import Model

_SOURCES = ("audio.py", "ogg.py", "engine.py", "transcript.py", "cache.py")
_PACKAGES = ("av", "ctranslate2", "faster-whisper", "numpy", "onnxruntime", "tokenizers")
"""The code that determines a transcript, in addition to the model."""


def chosen_folder() -> Path | None:
    """The folder that LOCAL_SPEECH_CACHE names; None if it is not set or empty."""
    name = os.environ.get("LOCAL_SPEECH_CACHE")
    return Path(name) if name else None


class TranscriptCache:
    """The transcripts of one model, by recording, parameters and the code that determines the result."""

    def __init__(self, model: Model, folder: Path | None = None) -> None:
        """Use memory alone without a folder."""
        self._model = model
        self._folder = folder
        self._known: dict[str, Transcript] = {}

    def get(self, job: Job) -> Transcript | None:
        """The stored transcript; None if there is none, or if its file is damaged."""
        key = self._key(job)
        if key not in self._known and (stored := self._read(key)):
            self._known[key] = stored
        return self._known.get(key)

    def put(self, job: Job, transcript: Transcript) -> None:
        key = self._key(job)
        self._known[key] = transcript
        if self._folder is None:
            return
        content = json.dumps(asdict(transcript)).encode()
        self._folder.mkdir(parents=True, exist_ok=True)
        unfinished = self._folder / f"{uuid.uuid4().hex}.new"  # a name of its own: another process may store the same
        unfinished.write_bytes(_digest(content).encode() + b"\n" + content)
        unfinished.replace(self._folder / key)

    def _read(self, key: str) -> Transcript | None:
        if self._folder is None:
            return None
        try:
            digest, _, content = (self._folder / key).read_bytes().partition(b"\n")
        except FileNotFoundError:
            return None
        return _transcript(json.loads(content)) if digest == _digest(content).encode() else None

    def _key(self, job: Job) -> str:
        files = {name: file.sha256 for name, file in self._model.files.items()}
        parameters = {**asdict(job), "audio": _digest(job.audio)}
        return _digest(json.dumps([parameters, self._model.name, files, _code()], sort_keys=True).encode())


def _transcript(data: Any) -> Transcript:
    return Transcript(tuple(tuple(Word(**word) for word in channel) for channel in data["channels"]), data["seconds"])


@cache
def _code() -> list[str]:
    sources = [_digest(Path(__file__).with_name(name).read_bytes()) for name in _SOURCES]
    return sources + [f"{name} {version(name)}" for name in _PACKAGES]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
