"""Stages and packs each function for deployment: main.py at the root, `shared/` and requirements.txt beside it.

A requirements.txt in the folder of a function holds further requirements of this function alone.
"""

from __future__ import annotations

import marshal
import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib.util import MAGIC_NUMBER, cache_from_source, source_hash
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile, ZipInfo

from infra.catalogue import ROOT, Catalogue

_IGNORED = {"__pycache__"}
_UNCHECKED = (0b01).to_bytes(4, "little")
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip archive can store
_UNIX = 3
_READABLE_FILE = 0o100644


def stage(function: str, build: Path, functions_root: Path = ROOT / "functions") -> Path:
    """Update `build/<function>` and return it. Only changed files are copied and compiled.

    Raises FileNotFoundError when the function does not exist.
    """
    folder = build / function
    own = _tree(functions_root / function, Path())
    requirements = [ROOT / "requirements.txt", own.pop(Path("requirements.txt"), None)]
    sources = {
        Path("main.py"): [functions_root / function / "main.py"],
        **{relative: [source] for relative, source in {**own, **_tree(ROOT / "shared", Path("shared"))}.items()},
        Path("requirements.txt"): [file for file in requirements if file is not None],
    }
    _remove_others(folder, set(sources))
    for relative, parts in sources.items():
        _update(parts, folder / relative)
    return folder


def stage_all(catalogue: Catalogue, build: Path, functions_root: Path = ROOT / "functions") -> dict[str, Path]:
    """Stage every function of the catalogue. Returns the folders by name."""
    return {name: stage(name, build, functions_root) for name in catalogue.functions}


def archive_all(folders: Mapping[str, Path], archives: Path) -> dict[str, Path]:
    """Pack each staged folder into `archives/<name>.zip` and delete other archives. Returns the archives by name."""
    archives.mkdir(parents=True, exist_ok=True)
    packed = {name: archive(folder, archives / f"{name}.zip") for name, folder in folders.items()}
    for file in set(archives.glob("*.zip")) - set(packed.values()):
        file.unlink()
    return packed


def archive(folder: Path, target: Path) -> Path:
    """Pack a staged folder for deployment and return `target`. Equal content gives equal bytes.

    Compiled code is left out: the buildpack compiles with the Python that will run it. Nothing is compressed, because
    the output of zlib differs between its versions.
    """
    content = BytesIO()
    with ZipFile(content, "w") as packed:
        for file in sorted(_files(folder)):
            entry = ZipInfo(file.relative_to(folder).as_posix(), _EPOCH)
            entry.create_system = _UNIX
            entry.external_attr = _READABLE_FILE << 16
            packed.writestr(entry, file.read_bytes())
    _replace(target, content.getvalue())
    return target


def clean(build: Path) -> None:
    """Delete every staged function and all archives."""
    shutil.rmtree(build, ignore_errors=True)


def _tree(folder: Path, prefix: Path) -> dict[Path, Path]:
    """The files below `folder`, by path in the staged folder."""
    return {prefix / file.relative_to(folder): file for file in _files(folder)}


def _files(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file() and not _IGNORED.intersection(file.parts)]


def _remove_others(folder: Path, expected: set[Path]) -> None:
    for file in _files(folder):
        if file.relative_to(folder) not in expected:
            if file.suffix == ".py":
                _compiled(file).unlink(missing_ok=True)
            file.unlink(missing_ok=True)


def _update(sources: Sequence[Path], target: Path) -> None:
    content = b"".join(source.read_bytes() for source in sources)
    if not (target.exists() and target.read_bytes() == content):
        if target.suffix == ".py":  # not for data beside a module of the same name
            _compiled(target).unlink(missing_ok=True)
        _replace(target, content)
    if target.suffix == ".py" and not _compiled(target).exists():
        with suppress(SyntaxError, ValueError):  # the error is reported when the function starts
            _replace(_compiled(target), _compile(content))


@cache
def _compile(source: bytes) -> bytes:
    """The content of a compiled file. Most sources are in every function, so each is compiled only once.

    Unchecked (PEP 552): an archive changes file times, and a function that recompiles everything starts 4 s later.
    The file name is left out: the import system fills in the path.
    """
    code = compile(source, "", "exec", dont_inherit=True)
    return MAGIC_NUMBER + _UNCHECKED + source_hash(source) + marshal.dumps(code)


def _replace(target: Path, content: bytes) -> None:
    """Write atomically: another stack may read or stage the same file."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{os.getpid()}")
    part.write_bytes(content)
    part.replace(target)


def _compiled(file: Path) -> Path:
    return Path(cache_from_source(str(file)))
