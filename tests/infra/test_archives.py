"""Each archive works where it is deployed: in a process that sees its own folder, the packages of its
requirements.txt and nothing else."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement

from local import catalogue, staging
from local.catalogue import ROOT, EventFunction
from tests.architecture.product import HEAVY
from tests.contract.toy_functions import write_functions

CATALOGUE = catalogue.load()
LOAD = """
import sys
folder, packages, target, signature, *late = sys.argv[1:]
sys.path += [packages, folder]
import functions_framework
functions_framework.create_app(target, folder + "/main.py", signature)
standard = (packages, folder, sys.base_prefix)
files = {name: getattr(module, "__file__", None) or folder for name, module in sys.modules.items()}
outside = [name for name, file in files.items() if not file.startswith(standard)]
assert not outside, outside
early = sorted(set(sys.modules).intersection(late))
assert not early, early
"""


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with links to the installed files of what requirements.txt names, and of nothing else."""
    folder = tmp_path_factory.mktemp("packages")
    link_packages(ROOT / "requirements.txt", folder)
    return folder


def link_packages(requirements: Path, folder: Path) -> None:
    """Raises AssertionError when what is installed is not what is pinned."""
    lines = [line.partition("#")[0].strip() for line in requirements.read_text().splitlines()]
    wanted = [Requirement(line) for line in lines if line]
    for requirement in wanted:
        if requirement.marker is None or requirement.marker.evaluate():
            link(requirement, folder)


def link(requirement: Requirement, folder: Path) -> None:
    try:
        installed = distribution(requirement.name)
    except PackageNotFoundError:
        raise AssertionError(f"{requirement} is not installed") from None
    assert installed.version in requirement.specifier, f"{requirement}: {installed.version} is installed"
    for file in installed.files or []:
        if ".." not in file.parts:  # scripts are elsewhere, and no function needs them
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).symlink_to(Path(str(installed.locate_file(file))))


def load(archive: Path, packages: Path, target: str, signature: str) -> subprocess.CompletedProcess[str]:
    """Unpack an archive elsewhere and load it as the Functions Framework does when deployed."""
    folder = archive.parent / "unpacked"
    with ZipFile(archive) as packed:
        packed.extractall(folder)
    # Isolated and without site-packages: only the standard library is there of itself.
    command = [sys.executable, "-I", "-S", "-c", LOAD, str(folder), str(packages), target, signature, *HEAVY]
    return subprocess.run(command, cwd="/", env={}, check=False, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("name", CATALOGUE.functions)
def test_an_archive_loads_with_its_requirements_alone(name: str, packages: Path, tmp_path: Path) -> None:
    function = CATALOGUE.functions[name]
    archive = staging.archive(staging.stage(name, ROOT / "build"), tmp_path / f"{name}.zip")

    loaded = load(archive, packages, function.target, "cloudevent" if isinstance(function, EventFunction) else "http")

    assert loaded.returncode == 0, loaded.stderr


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("import local.catalogue", "No module named 'local'"),
        ("import pytest", "No module named 'pytest'"),
        ("import shared.nothing", "No module named 'shared.nothing'"),
        ("def main(request:", "was never closed"),
        ("import reportlab.platypus", "reportlab"),
        ("from google.cloud import tasks_v2", "google.cloud.tasks_v2"),
    ],
)
def test_what_an_archive_lacks_or_loads_too_early_is_found(
    source: str, told: str, packages: Path, tmp_path: Path
) -> None:
    toys = write_functions(tmp_path / "functions", {"notes": f"{source}\ndef main(request): ...\n"})
    folder = staging.stage("notes", tmp_path / "build", toys)

    loaded = load(staging.archive(folder, tmp_path / "notes.zip"), packages, "main", "http")

    assert loaded.returncode != 0
    assert told in loaded.stderr


@pytest.mark.parametrize(
    ("line", "told"),
    [("no-such-package==1.0", "is not installed"), ("pydantic==1.0", "pydantic==1.0: 2")],
)
def test_other_packages_than_the_pinned_ones_are_found(line: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text(f"# ours\n{line}\n")

    with pytest.raises(AssertionError, match=told):
        link_packages(tmp_path / "requirements.txt", tmp_path / "packages")
