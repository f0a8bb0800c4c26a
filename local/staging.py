"""Stages each function as it is deployed: main.py at the root, `shared/` and requirements.txt beside it."""

from __future__ import annotations

import os
import py_compile
import shutil
from importlib.util import cache_from_source
from pathlib import Path

from local.catalogue import ROOT, Catalogue

_IGNORED = {"__pycache__"}


def stage(function: str, build: Path, functions_root: Path = ROOT / "functions") -> Path:
    """Bring `build/<function>` up to date and return it. Only what changed is copied and compiled.

    Raises FileNotFoundError when there is no such function.
    """
    folder = build / function
    wanted = {
        Path("main.py"): functions_root / function / "main.py",
        **_tree(functions_root / function, Path()),
        **_tree(ROOT / "shared", Path("shared")),
        Path("requirements.txt"): ROOT / "requirements.txt",
    }
    _remove_others(folder, set(wanted))
    for relative, source in wanted.items():
        _update(source, folder / relative)
    return folder


def stage_all(catalogue: Catalogue, build: Path, functions_root: Path = ROOT / "functions") -> dict[str, Path]:
    """Stage every function of the catalogue; returns their folders by name."""
    return {name: stage(name, build, functions_root) for name in catalogue.functions}


def clean(build: Path) -> None:
    """Remove every staged function."""
    shutil.rmtree(build, ignore_errors=True)


def _tree(folder: Path, prefix: Path) -> dict[Path, Path]:
    """The files below `folder`, by their place in the staged folder."""
    return {prefix / file.relative_to(folder): file for file in _files(folder)}


def _files(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file() and not _IGNORED.intersection(file.parts)]


def _remove_others(folder: Path, wanted: set[Path]) -> None:
    for file in _files(folder):
        if file.relative_to(folder) not in wanted:
            _compiled(file).unlink(missing_ok=True)
            file.unlink(missing_ok=True)


def _update(source: Path, target: Path) -> None:
    content = source.read_bytes()
    if not (target.exists() and target.read_bytes() == content):
        _compiled(target).unlink(missing_ok=True)
        _replace(target, content)
    if target.suffix == ".py" and not _compiled(target).exists():
        # Unchecked: an archive changes file times, and a function that compiles everything anew starts 4 s later.
        mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
        py_compile.compile(str(target), quiet=2, invalidation_mode=mode)  # an error shows when the function starts


def _replace(target: Path, content: bytes) -> None:
    """Write in one step: another stack may be reading, or staging the same."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{os.getpid()}")
    part.write_bytes(content)
    part.replace(target)


def _compiled(file: Path) -> Path:
    return Path(cache_from_source(str(file)))
