"""The content of each function's archive. test_archives.py tests that each archive loads by itself."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.util import cache_from_source
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

import pytest

from infra import catalogue, staging
from infra.catalogue import ROOT
from infra.requirements import pinned
from tests.support.toy_functions import write_functions

CATALOGUE = catalogue.load()


@pytest.fixture
def toys(tmp_path: Path) -> Path:
    return write_functions(tmp_path / "functions", {"notes": "VALUE = 1\ndef main(request): ...\n"})


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("build")


@pytest.mark.parametrize("name", CATALOGUE.functions)
def test_an_archive_is_the_staged_sources(name: str, build: Path, tmp_path: Path) -> None:
    folder = staging.stage(name, build)
    assert {"main.py", "shared", "requirements.txt"} <= {entry.name for entry in folder.iterdir()}
    with ZipFile(staging.archive(folder, tmp_path / f"{name}.zip")) as packed:
        content = {Path(entry): packed.read(entry) for entry in packed.namelist()}
    sources = {file for file in files(folder) if "__pycache__" not in file.parts}
    assert content == {file: (folder / file).read_bytes() for file in sources}
    assert content[Path("shared/settings.py")] == (ROOT / "shared" / "settings.py").read_bytes()


def test_a_function_has_its_own_requirements_besides_those_of_all(tmp_path: Path) -> None:
    shared = (ROOT / "requirements.txt").read_text()

    staged = {name: staging.stage(name, tmp_path) / "requirements.txt" for name in ("on_audio_uploaded", "bills")}

    assert staged["bills"].read_text() == shared
    assert staged["on_audio_uploaded"].read_text().startswith(shared)
    assert "soundfile==" in staged["on_audio_uploaded"].read_text()
    assert not {one.name for one in pinned(staged["bills"])} & {"numpy", "soundfile"}


@pytest.mark.parametrize("name", ["bills", "payment_webhook"])
def test_only_functions_that_print_have_fonts(name: str, build: Path, tmp_path: Path) -> None:
    """A function that issues a receipt and prints none knows what could be printed."""
    with ZipFile(staging.archive(staging.stage(name, build), tmp_path / f"{name}.zip")) as packed:
        content = set(packed.namelist())
    fonts = {f"shared/render/fonts/{file.name}" for file in (ROOT / "shared" / "render" / "fonts").iterdir()}

    assert content & fonts == (fonts if CATALOGUE.functions[name].prints else set())
    assert "shared/render/coverage.txt" in content
    assert CATALOGUE.functions["bills"].prints


def files(folder: Path) -> set[Path]:
    """The files below a folder, also those behind links, as paths in it."""
    return {
        Path(place, name).relative_to(folder) for place, _, names in os.walk(folder, followlinks=True) for name in names
    }


def test_only_changed_files_are_copied_and_compiled(toys: Path, tmp_path: Path) -> None:
    folder = staging.stage("notes", tmp_path / "build", toys)
    before = times(folder)
    staging.stage("notes", tmp_path / "build", toys)
    assert times(folder) == before
    (toys / "notes" / "main.py").write_text("VALUE = 2\ndef main(request): ...\n")
    staging.stage("notes", tmp_path / "build", toys)
    changed = {file for file, time in times(folder).items() if before[file] != time}
    assert {file.relative_to(folder).parts[0] for file in changed} == {"main.py", "__pycache__"}


def times(folder: Path) -> dict[Path, int]:
    return {folder / file: (folder / file).stat().st_mtime_ns for file in files(folder)}


def test_a_changed_source_runs(toys: Path, tmp_path: Path) -> None:
    for value in [1, 2]:
        (toys / "notes" / "main.py").write_text(f"VALUE = {value}\ndef main(request): ...\n")
        folder = staging.stage("notes", tmp_path / "build", toys)
        printed = subprocess.run(
            [sys.executable, "-c", "import main; print(main.VALUE)"], cwd=folder, capture_output=True, check=True
        )
        assert int(printed.stdout) == value


def test_a_deleted_source_is_deleted_from_the_stage(toys: Path, tmp_path: Path) -> None:
    extra = toys / "notes" / "extra.py"
    extra.write_text("")
    staged = staging.stage("notes", tmp_path / "build", toys) / "functions" / "notes" / "extra.py"
    assert staged.exists()
    extra.unlink()
    staging.stage("notes", tmp_path / "build", toys)
    assert not staged.exists()
    assert not Path(cache_from_source(str(staged))).exists()


@pytest.mark.parametrize("change", [partial(Path.write_text, data="VALUE = 2\n"), Path.unlink])
def test_what_another_python_compiled_of_an_old_source_is_deleted(
    toys: Path, tmp_path: Path, change: Callable[[Path], object]
) -> None:
    extra = toys / "notes" / "extra.py"
    extra.write_text("VALUE = 1\n")
    staged = staging.stage("notes", tmp_path / "build", toys) / "functions" / "notes" / "extra.py"
    others = [staged.parent / "__pycache__" / f"{name}.cpython-39.pyc" for name in ("extra", "extra_pages")]
    for other in others:
        other.write_bytes(b"compiled")

    change(extra)
    staging.stage("notes", tmp_path / "build", toys)

    assert [other.exists() for other in others] == [False, True]


def test_a_function_imports_its_other_modules_by_their_path_in_the_repository(toys: Path, tmp_path: Path) -> None:
    (toys / "notes" / "main.py").write_text("from functions.notes import pages\nVALUE = pages.VALUE\n")
    (toys / "notes" / "pages.py").write_text("VALUE = 3\n")

    folder = staging.stage("notes", tmp_path / "build", toys)

    command = [sys.executable, "-c", "import main; print(main.VALUE, main.pages.__name__)"]
    printed = subprocess.run(command, cwd=folder, capture_output=True, check=True, text=True).stdout
    assert printed.split() == ["3", "functions.notes.pages"]
    with ZipFile(staging.archive(folder, tmp_path / "notes.zip")) as packed:
        assert "functions/notes/pages.py" in packed.namelist()


def test_compiled_code_stays_valid_when_an_archive_changes_the_times(toys: Path, tmp_path: Path) -> None:
    folder = staging.stage("notes", tmp_path / "build", toys)
    sources = [folder / file for file in files(folder) if file.suffix == ".py"]
    assert folder / "shared" / "settings.py" in sources
    for source in sources:
        compiled = Path(cache_from_source(str(source))).read_bytes()
        assert int.from_bytes(compiled[4:8], "little") == 0b01, "unchecked: valid for any file time"


def test_a_missing_function_is_not_staged(toys: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        staging.stage("nothing", tmp_path / "build", toys)


def test_staging_creates_only_the_function_folders_and_what_they_share(toys: Path, tmp_path: Path) -> None:
    folder = staging.stage("notes", tmp_path / "build", toys)
    assert sorted(entry.name for entry in (tmp_path / "build").iterdir()) == [".lock", ".shared", "notes"]
    assert (folder / "shared").resolve() == (tmp_path / "build" / ".shared").resolve()


def test_two_processes_stage_one_after_the_other(toys: Path, tmp_path: Path) -> None:
    build = tmp_path / "build"
    staging.stage("notes", build, toys)
    (toys / "notes" / "main.py").write_text("VALUE = 2\ndef main(request): ...\n")

    with (build / ".lock").open() as lock, ThreadPoolExecutor(1) as other:
        fcntl.flock(lock, fcntl.LOCK_EX)  # as another process
        staged = other.submit(staging.stage, "notes", build, toys)
        with pytest.raises(TimeoutError):
            staged.result(timeout=0.2)
        assert "VALUE = 1" in (build / "notes" / "main.py").read_text()
        fcntl.flock(lock, fcntl.LOCK_UN)

        assert "VALUE = 2" in (staged.result(timeout=60) / "main.py").read_text()


def test_a_copy_of_the_shared_code_is_replaced_by_the_link(toys: Path, tmp_path: Path) -> None:
    old = tmp_path / "build" / "notes" / "shared"
    old.mkdir(parents=True)
    (old / "removed.py").write_text("")

    folder = staging.stage("notes", tmp_path / "build", toys)

    assert (folder / "shared").is_symlink()
    assert files(folder / "shared").isdisjoint({Path("removed.py")})


def test_a_staged_file_that_another_program_changed_is_mended(toys: Path, tmp_path: Path) -> None:
    folder = staging.stage("notes", tmp_path / "build", toys)
    for file in ("main.py", "shared/settings.py"):
        whole = (folder / file).read_bytes()
        (folder / file).write_bytes(b"# another\n")
        Path(cache_from_source(str(folder / file))).unlink()
        assert (staging.stage("notes", tmp_path / "build", toys) / file).read_bytes() == whole
        assert Path(cache_from_source(str(folder / file))).exists()


def test_the_same_content_packs_to_the_same_bytes(toys: Path, tmp_path: Path) -> None:
    """Also with other file times, modes and directory order, and without compiled code."""
    first = staging.archive(staging.stage("notes", tmp_path / "first", toys), tmp_path / "first.zip")
    folder = staging.stage("notes", tmp_path / "second", toys)
    for time, file in enumerate(sorted((folder / file for file in files(folder)), reverse=True)):
        if file.suffix == ".pyc":
            file.unlink()
        else:
            moved = file.rename(file.with_suffix(".moved"))
            moved.chmod(0o600)
            os.utime(moved, (time, time))
            moved.rename(file)
    assert staging.archive(folder, tmp_path / "second.zip").read_bytes() == first.read_bytes()


def test_an_archive_does_not_depend_on_the_machine_or_the_version_of_zlib(toys: Path, tmp_path: Path) -> None:
    archive = staging.archive(staging.stage("notes", tmp_path / "build", toys), tmp_path / "notes.zip")
    with ZipFile(archive) as packed:
        entries = packed.infolist()
    paths = [Path(entry.filename) for entry in entries]
    assert paths == sorted(paths)
    assert {entry.compress_type for entry in entries} == {ZIP_STORED}
    assert {(entry.date_time, entry.create_system, oct(entry.external_attr >> 16)) for entry in entries} == {
        ((1980, 1, 1, 0, 0, 0), 3, "0o100644")
    }


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    sources = {"notes": "VALUE = 1\n", "letters": "VALUE = 1\n"}
    return write_functions(tmp_path / "functions", sources)


def test_a_changed_function_changes_only_its_own_archive(pair: Path, tmp_path: Path) -> None:
    before = archives(pair, tmp_path)
    (pair / "notes" / "main.py").write_text("VALUE = 2\n")
    after = archives(pair, tmp_path)
    assert {name for name in before if before[name] != after[name]} == {"notes"}


def test_changed_shared_code_changes_every_archive(pair: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "repository"
    shutil.copytree(ROOT / "shared", root / "shared", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "requirements.txt", root)
    monkeypatch.setattr(staging, "ROOT", root)
    before = archives(pair, tmp_path)
    assert archives(pair, tmp_path) == before
    (root / "shared" / "settings.py").write_text("# another\n")
    after = archives(pair, tmp_path)
    assert {name for name in before if before[name] != after[name]} == {"notes", "letters"}


def test_the_archive_of_a_removed_function_is_deleted(pair: Path, tmp_path: Path) -> None:
    archives(pair, tmp_path)
    folder = staging.stage("notes", tmp_path / "build", pair)
    staging.archive_all({"notes": folder}, tmp_path / "archives")
    assert [file.name for file in (tmp_path / "archives").iterdir()] == ["notes.zip"]


def archives(functions: Path, tmp_path: Path) -> dict[str, bytes]:
    folders = {folder.name: staging.stage(folder.name, tmp_path / "build", functions) for folder in functions.iterdir()}
    return {name: file.read_bytes() for name, file in staging.archive_all(folders, tmp_path / "archives").items()}
