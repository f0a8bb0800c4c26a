"""The linters report a planted fault for each of their configured rules."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from infra.catalogue import ROOT

PACKAGES = ("shared", "infra", "local", "tools", "bench", "tests")

IMPORTS = {
    "shared.store.x1": "shared.web.api",
    "shared.store.x2": "shared.workflows.patients.patients",
    "shared.store.x3": "shared.gateways.tasks",
    "shared.vault.x": "shared.store.codec",
    "shared.records.x1": "shared.settings",
    "shared.records.x2": "shared.vault.cipher",
    "shared.records.x3": "google.cloud.kms_v1",
    "shared.render.x": "shared.gateways.storage",
    "shared.workflows.x": "shared.web.auth",
    "shared.web.x1": "shared.vault.kms",
    "shared.web.x2": "local.services.kit.identity",
    "shared.cli_x": "shared.web.api",
    "infra.x": "local.services.kit.identity",
    "local.x": "tests.support.client",
}
"""Imports, by the module that makes each, that a contract of import-linter forbids."""

SOURCES = [
    ("shared/web/x.py", "TID251", "import os\n\nvalue = os.environ['A']\n"),
    ("shared/web/x.py", "TID251", "import os as o\n\nvalue = o.getenv('A')\n"),
    ("functions/x/main.py", "TID251", "from os import environ as settings\n\nvalue = settings['A']\n"),
    ("shared/web/x.py", "TID251", "import importlib\n\nmodule = importlib.import_module('local')\n"),
    ("shared/web/x.py", "S102", "exec('import local')\n"),
    ("shared/gateways/x.py", "TID253", "from google.cloud import storage\n"),
    ("shared/workflows/x.py", "TID253", "import reportlab.platypus\n"),
    ("functions/x/main.py", "TID251", "from google.cloud import firestore\n"),
    ("functions/x/main.py", "TID251", "import firebase_admin\n"),
    ("functions/x/main.py", "TID251", "from shared.vault import kms\n"),
    ("functions/x/main.py", "TID251", "def f():\n    import tests.support.client\n"),
]
"""A file, the rule of ruff that it breaks, and its content."""

ALLOWED = [
    ("shared/settings.py", "import os\n\nvalue = os.environ['A']\n"),
    ("shared/gateways/x.py", "def client():\n    from google.cloud import storage\n\n    return storage\n"),
    ("functions/x/main.py", "from shared.web.api import Api\n\napi = Api('x')\n"),
    ("shared/records/x.py", "def path_of(id: str) -> str:\n    return id\n"),
]


@pytest.mark.parametrize(("file", "rule", "source"), SOURCES)
def test_ruff_reports_a_planted_fault(file: str, rule: str, source: str) -> None:
    assert rule in ruff(file, source)


@pytest.mark.parametrize(("file", "source"), ALLOWED)
def test_ruff_accepts_allowed_source(file: str, source: str) -> None:
    assert ruff(file, source) == set()


def ruff(file: str, source: str) -> set[str]:
    """The rules that a file with this content would break."""
    command = [sys.executable, "-m", "ruff", "check", "--select", "A,S,TID", "--output-format", "concise"]
    found = subprocess.run(
        [*command, "--stdin-filename", file, "-"], input=source, cwd=ROOT, capture_output=True, text=True, check=False
    )
    return {line.split()[1] for line in found.stdout.splitlines() if line.startswith(f"{file}:")}


def test_import_linter_reports_every_planted_import(tmp_path: Path) -> None:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=python_files_only)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for module, imported in IMPORTS.items():
        (tmp_path / f"{module.replace('.', '/')}.py").write_text(f"import {imported}\n")

    command = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    arguments = ["--no-logo", "--no-cache"]
    linted = subprocess.run(
        [sys.executable, "-c", command, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert linted.returncode == 1
    lines = [line.strip(" -").partition(" (l.")[0] for line in linted.stdout.splitlines()]
    reported = {line.partition(" -> ")[0] for line in lines if " -> " in line}
    assert set(IMPORTS) <= reported | {"shared.cli_x"}, linted.stdout
    assert "cli_x" in linted.stdout, "a module outside every layer must be reported"


def python_files_only(folder: str, names: list[str]) -> set[str]:
    return {name for name in names if not name.endswith(".py") and not (Path(folder) / name).is_dir()} | {
        "__pycache__",
        "node_modules",
    }
