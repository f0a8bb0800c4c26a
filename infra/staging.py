"""Stages and packs each function for deployment: main.py at the root, `shared/` and requirements.txt beside it.

The other modules of a function keep their path in the repository, `functions/<name>/`, so main.py imports them by one
name everywhere: `functions.patients.consents`. A requirements.txt in the folder of a function holds further
requirements of this function alone. Only functions that print have the fonts, which are most of the bytes.
"""

from __future__ import annotations

import fcntl
import marshal
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from importlib.util import MAGIC_NUMBER, cache_from_source, source_hash
from io import BytesIO
from pathlib import Path
from threading import Lock
from zipfile import ZipFile, ZipInfo

from infra.catalogue import ROOT, Catalogue, load

_MAIN = "main.py"
_IGNORED = {"__pycache__"}
_UNCHECKED = (0b01).to_bytes(4, "little")
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip archive can store
_UNIX = 3
_READABLE_FILE = 0o100644
_SHARED, _WITH_FONTS = ".shared", ".shared_with_fonts"
"""The folders in `build` with staged copies of `shared/`, to one of which every staged function links."""
_FONTS = "render/fonts/"

_STAGING = Lock()
"""Held by the one thread of this process that writes: functions start at the same time."""
_LOCK = ".lock"
"""The file in `build` that is locked by the one process that stages or packs: stacks and checks run side by side."""
_State = tuple[int, int, int] | None
_STAGED: dict[str, tuple[list[_State], _State, _State]] = {}
"""By staged file: the states of its sources, its own, and that of its compiled file, when this process staged it."""


def stage(function: str, build: Path, functions_root: Path = ROOT / "functions") -> Path:
    """Update `build/<function>` and return it. Only changed files are copied and compiled.

    All functions have the same `shared/`, but for the fonts, so each folder has a link to one of two copies in `build`:
    thousands of files less.
    Raises FileNotFoundError when the function does not exist.
    """
    with _alone(build):
        return _stage(function, build, functions_root)


@contextmanager
def _alone(build: Path) -> Iterator[None]:
    """No other thread or process changes the staged functions in the block."""
    build.mkdir(parents=True, exist_ok=True)
    with _STAGING, (build / _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # until the file is closed
        yield


def _stage(function: str, build: Path, functions_root: Path) -> Path:
    folder = build / function
    own = _tree(functions_root / function)
    requirements = [str(ROOT / "requirements.txt"), own.pop("requirements.txt", None)]
    prints = function in _printing()
    shared = build / (_WITH_FONTS if prints else _SHARED)
    parts = _tree(ROOT / "shared").items()
    _update_folder(shared, {name: [source] for name, source in parts if prints or not name.startswith(_FONTS)})
    sources = {
        _MAIN: [str(functions_root / function / _MAIN)],
        **{_place_of(name, function): [source] for name, source in own.items()},
        "requirements.txt": [file for file in requirements if file is not None],
    }
    _update_folder(folder, sources)
    _link(folder / "shared", Path("..", shared.name))
    return folder


def _place_of(name: str, function: str) -> str:
    """Where a file of a function's folder is staged: data beside main.py, modules by their path in the repository."""
    return f"functions/{function}/{name}" if name.endswith(".py") and name != _MAIN else name


@cache
def _printing() -> frozenset[str]:
    """The functions that print, by the catalogue of this repository."""
    return frozenset(name for name, function in load().functions.items() if function.prints)


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
    with _alone(folder.parent), ZipFile(content, "w") as packed:
        for file in sorted(map(Path, _tree(folder, through_links=True).values())):
            entry = ZipInfo(file.relative_to(folder).as_posix(), _EPOCH)
            entry.create_system = _UNIX
            entry.external_attr = _READABLE_FILE << 16
            packed.writestr(entry, file.read_bytes())
    _replace(target, content.getvalue())
    return target


def clean(build: Path) -> None:
    """Delete every staged function and all archives."""
    shutil.rmtree(build, ignore_errors=True)


def _tree(folder: Path, *, through_links: bool = False) -> dict[str, str]:
    """The files below `folder`, by path in it. Strings: a start of a function looks at a thousand files."""
    found, beginning = {}, len(str(folder)) + 1
    for place, folders, names in os.walk(folder, followlinks=through_links):
        folders[:] = [name for name in folders if name not in _IGNORED]
        found.update({f"{place}/{name}"[beginning:]: f"{place}/{name}" for name in names})
    return found


def _update_folder(folder: Path, sources: Mapping[str, Sequence[str]]) -> None:
    """Make `folder` consist of these files, each of which is made of its sources."""
    found = _tree(folder)
    for file in (Path(found[name]) for name in found.keys() - sources.keys()):
        if file.suffix == ".py":
            _forget_compiled(file)
        file.unlink(missing_ok=True)
    for name, parts in sources.items():
        _update(parts, f"{folder}/{name}")


def _link(link: Path, target: Path) -> None:
    """Make a relative link to a folder. Earlier versions had a copy in its place."""
    if link.is_symlink() and link.readlink() == target:
        return
    if link.is_dir() and not link.is_symlink():
        shutil.rmtree(link)
    part = link.with_name(f".{link.name}.{os.getpid()}")
    part.unlink(missing_ok=True)
    part.symlink_to(target, target_is_directory=True)
    part.replace(link)


def _update(sources: Sequence[str], target: str) -> None:
    """Bring a staged file up to date. One that this process has staged from the same sources is not read again."""
    if _STAGED.get(target) == (made_of := [*map(_state, sources)], *_states(target)):
        return
    _copy([Path(source) for source in sources], Path(target))
    _STAGED[target] = (made_of, *_states(target))


def _copy(sources: Sequence[Path], target: Path) -> None:
    content = b"".join(source.read_bytes() for source in sources)
    if not (target.exists() and target.read_bytes() == content):
        if target.suffix == ".py":  # not for data beside a module of the same name
            _forget_compiled(target)
        _replace(target, content)
    if target.suffix == ".py" and not _compiled(target).exists():
        with suppress(SyntaxError, ValueError):  # the error is reported when the function starts
            _replace(_compiled(target), _compile(content))


def _states(target: str) -> tuple[_State, _State]:
    """Those of a staged file and of its compiled file."""
    return _state(target), _state(cache_from_source(target)) if target.endswith(".py") else None


def _state(file: str) -> _State:
    """What a write to a file changes; None without the file."""
    try:
        found = os.stat(file)  # noqa: PTH116 - a path object costs more than the call
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


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


def _forget_compiled(file: Path) -> None:
    """Delete what any version of Python compiled of a file: it is unchecked, so that version would run the old one."""
    for compiled in file.parent.joinpath("__pycache__").glob(f"{file.stem}.*.pyc"):
        compiled.unlink(missing_ok=True)


def _compiled(file: Path) -> Path:
    return Path(cache_from_source(str(file)))
