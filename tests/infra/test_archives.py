"""Each archive loads as deployed: in a process that can import its own folder and the packages of its
requirements.txt only."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement

from infra import catalogue, staging
from infra.catalogue import ROOT, EventFunction
from infra.requirements import pinned
from tests.architecture.product import HEAVY
from tests.support.thorough import sample
from tests.support.toy_functions import write_functions

pytestmark = pytest.mark.long

CATALOGUE = catalogue.load()
LOAD = """
import json, os, sys, traceback
packages, *late = sys.argv[1:]
sys.path.append(packages)
import functions_framework
import google.cloud.firestore  # every function needs it, so it is loaded once

def load(folder, target, signature):
    sys.path.append(folder)
    functions_framework.create_app(target, folder + "/main.py", signature)
    standard = (packages, folder, sys.base_prefix)
    files = {name: getattr(module, "__file__", None) or folder for name, module in sys.modules.items()}
    outside = [name for name, file in files.items() if not file.startswith(standard)]
    assert not outside, outside
    early = sorted(set(sys.modules).intersection(late))
    assert not early, early
    return "it loads"

for line in sys.stdin:
    read, write = os.pipe()
    if os.fork() == 0:
        try:
            result = load(*json.loads(line))
        except BaseException:
            result = traceback.format_exc()
        os.write(write, result.encode())
        os._exit(0)
    os.close(write)
    with open(read) as result:
        print(json.dumps(result.read()), flush=True)
    os.wait()
"""
Load = Callable[[Path, str, str], str]


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with links to the installed files of the packages in requirements.txt only."""
    folder = tmp_path_factory.mktemp("packages")
    link_packages(ROOT / "requirements.txt", folder)
    return folder


def link_packages(requirements: Path, folder: Path) -> None:
    """Raises AssertionError if an installed version is not the pinned one."""
    for requirement in pinned(requirements):
        if requirement.marker is None or requirement.marker.evaluate():
            link(requirement, folder)


def link(requirement: Requirement, folder: Path) -> None:
    try:
        installed = distribution(requirement.name)
    except PackageNotFoundError:
        raise AssertionError(f"{requirement} is not installed") from None
    assert installed.version in requirement.specifier, f"{requirement}: {installed.version} is installed"
    packages = str(installed.locate_file(""))
    files = [str(file) for file in installed.files or [] if ".." not in file.parts]  # without scripts
    for parent in {os.path.dirname(file) for file in files}:  # noqa: PTH120 - 20,000 path objects take a second
        (folder / parent).mkdir(parents=True, exist_ok=True)
    for file in files:
        os.symlink(f"{packages}/{file}", f"{folder}/{file}")  # noqa: PTH211


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("build")


def unpack(archive: Path, folder: Path, kept: Path) -> None:
    """Unpack an archive. Equal `shared/` of other archives is kept, with what Python compiled of it, and linked."""
    with ZipFile(archive) as packed:
        shared = [name for name in packed.namelist() if name.startswith("shared/")]
        same = kept / sha256(repr([(name, packed.read(name)) for name in shared]).encode()).hexdigest()
        if not same.exists():
            packed.extractall(same, shared)
        packed.extractall(folder, set(packed.namelist()).difference(shared))
    (folder / "shared").symlink_to(same / "shared")


@pytest.fixture(scope="module")
def load(packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Load]:
    """Loads an archive with a target and a signature, as the deployed Functions Framework does. Returns the outcome.

    Each archive is loaded in its own process.
    """
    # Isolated and without site-packages: only the standard library can be imported.
    command = [sys.executable, "-I", "-S", "-c", LOAD, str(packages), *HEAVY]
    with subprocess.Popen(command, cwd="/", env={}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as loader:
        assert loader.stdin and loader.stdout
        orders, answers = loader.stdin, loader.stdout
        shared = tmp_path_factory.mktemp("shared")

        def loaded(archive: Path, target: str, signature: str) -> str:
            folder = archive.parent / "unpacked"  # not the folder where it was staged
            unpack(archive, folder, shared)
            print(json.dumps([str(folder), target, signature]), file=orders, flush=True)
            result: str = json.loads(answers.readline())
            return result

        yield loaded


@pytest.mark.parametrize("name", sample([*CATALOGUE.functions], 12))
def test_an_archive_loads_with_its_requirements_only(name: str, load: Load, tmp_path: Path) -> None:
    function = CATALOGUE.functions[name]
    archive = staging.archive(staging.stage(name, ROOT / "build"), tmp_path / f"{name}.zip")

    result = load(archive, function.target, "cloudevent" if isinstance(function, EventFunction) else "http")

    assert result == "it loads"


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("import local.catalogue", "No module named 'local'"),
        ("import pytest", "No module named 'pytest'"),
        ("import shared.nothing", "No module named 'shared.nothing'"),
        ("def main(request:", "was never closed"),
        ("import reportlab.platypus", "reportlab"),
        ("from google.cloud import storage", "google.cloud.storage"),
    ],
)
def test_a_missing_or_early_import_is_found(source: str, fault: str, load: Load, build: Path, tmp_path: Path) -> None:
    toys = write_functions(tmp_path / "functions", {"notes": f"{source}\ndef main(request): ...\n"})
    folder = staging.stage("notes", build, toys)

    assert fault in load(staging.archive(folder, tmp_path / "notes.zip"), "main", "http")


@pytest.mark.parametrize(
    ("line", "message"),
    [("no-such-package==1.0", "is not installed"), ("pydantic==1.0", "pydantic==1.0: 2")],
)
def test_a_package_that_is_not_pinned_is_found(line: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text(f"# ours\n{line}\n")

    with pytest.raises(AssertionError, match=message):
        link_packages(tmp_path / "requirements.txt", tmp_path / "packages")
