"""Each function deploys as an archive of its own: what is in it, and that it loads on its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.util import cache_from_source
from pathlib import Path

import pytest

from local import catalogue, staging
from local.catalogue import ROOT, EventFunction
from tests.architecture.product import HEAVY
from tests.contract.toy_functions import write_functions

CATALOGUE = catalogue.load()
LOAD = """
import sys
sys.path.insert(0, ".")
import functions_framework
functions_framework.create_app(sys.argv[1], "main.py", sys.argv[2])
outside = [module.__name__ for module in sys.modules.values()
           if (getattr(module, "__file__", None) or "").startswith(sys.argv[3] + "/")
           and "site-packages" not in module.__file__]
assert not outside, outside
early = sorted(set(sys.modules).intersection(sys.argv[4:]))
assert not early, early
"""


@pytest.fixture
def toys(tmp_path: Path) -> Path:
    return write_functions(tmp_path / "functions", {"notes": "VALUE = 1\ndef main(request): ...\n"})


@pytest.mark.parametrize("name", CATALOGUE.functions)
def test_a_staged_function_loads_elsewhere_without_the_repository(name: str, tmp_path: Path) -> None:
    folder = staging.stage(name, tmp_path / "build")
    assert {"main.py", "shared", "requirements.txt"} <= {entry.name for entry in folder.iterdir()}
    elsewhere = shutil.copytree(folder, tmp_path / "elsewhere")
    function = CATALOGUE.functions[name]
    signature = "cloudevent" if isinstance(function, EventFunction) else "http"
    loaded = load(elsewhere, function.target, signature)
    assert loaded.returncode == 0, loaded.stderr


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("import local.catalogue", "No module named 'local'"),
        ("from google.cloud import tasks_v2", "google.cloud.tasks_v2"),
        ("import reportlab.platypus", "reportlab"),
    ],
)
def test_a_function_that_reaches_outside_or_loads_too_much_is_found(fault: str, told: str, tmp_path: Path) -> None:
    toy = write_functions(tmp_path / "functions", {"notes": f"{fault}\ndef main(request): ...\n"})
    loaded = load(staging.stage("notes", tmp_path / "build", toy), "main", "http")
    assert loaded.returncode != 0
    assert told in loaded.stderr.splitlines()[-1]


def load(folder: Path, target: str, signature: str) -> subprocess.CompletedProcess[str]:
    """Load a staged function in a new process that sees this folder, the installed packages and nothing else."""
    command = [sys.executable, "-I", "-c", LOAD, target, signature, str(ROOT), *HEAVY]
    return subprocess.run(command, cwd=folder, env={}, check=False, capture_output=True, text=True, timeout=60)


def test_only_what_changed_is_copied_and_compiled(toys: Path, tmp_path: Path) -> None:
    folder = staging.stage("notes", tmp_path / "build", toys)
    before = times(folder)
    staging.stage("notes", tmp_path / "build", toys)
    assert times(folder) == before
    (toys / "notes" / "main.py").write_text("VALUE = 2\ndef main(request): ...\n")
    staging.stage("notes", tmp_path / "build", toys)
    changed = {file for file, time in times(folder).items() if before[file] != time}
    assert {file.relative_to(folder).parts[0] for file in changed} == {"main.py", "__pycache__"}


def times(folder: Path) -> dict[Path, int]:
    return {file: file.stat().st_mtime_ns for file in folder.rglob("*") if file.is_file()}


def test_a_changed_source_is_what_runs(toys: Path, tmp_path: Path) -> None:
    for value in [1, 2]:
        (toys / "notes" / "main.py").write_text(f"VALUE = {value}\ndef main(request): ...\n")
        folder = staging.stage("notes", tmp_path / "build", toys)
        printed = subprocess.run(
            [sys.executable, "-c", "import main; print(main.VALUE)"], cwd=folder, capture_output=True, check=True
        )
        assert int(printed.stdout) == value


def test_a_removed_source_is_removed(toys: Path, tmp_path: Path) -> None:
    extra = toys / "notes" / "extra.py"
    extra.write_text("")
    folder = staging.stage("notes", tmp_path / "build", toys)
    assert (folder / "extra.py").exists()
    extra.unlink()
    staging.stage("notes", tmp_path / "build", toys)
    assert not (folder / "extra.py").exists()
    assert not Path(cache_from_source(str(folder / "extra.py"))).exists()


def test_compiled_code_stays_valid_when_an_archive_changes_the_times(toys: Path, tmp_path: Path) -> None:
    folder = staging.stage("notes", tmp_path / "build", toys)
    for source in folder.rglob("*.py"):
        compiled = Path(cache_from_source(str(source))).read_bytes()
        assert int.from_bytes(compiled[4:8], "little") == 0b01, "checked by nothing: valid whatever the time"


def test_a_function_that_is_not_there_is_not_staged(toys: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        staging.stage("nothing", tmp_path / "build", toys)


def test_staging_leaves_nothing_else_beside_the_functions(toys: Path, tmp_path: Path) -> None:
    staging.stage("notes", tmp_path / "build", toys)
    assert [entry.name for entry in (tmp_path / "build").iterdir()] == ["notes"]
