"""`make lint-rules`: static checks of firestore.rules."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from infra.catalogue import ROOT
from tests.support.prerequisites import needs_packages

RULES = ROOT / "firestore.rules"
MAKE = shutil.which("make") or "make"
INSTALLED = "tests/rules/node_modules/.done"
needs_npm = needs_packages(Path(__file__).parent)
REDUNDANT = "match /{document=**} { allow list: if false; }\n    match /{document=**} {"


def lint(rules: Path) -> subprocess.CompletedProcess[str]:
    """`make lint-rules` with the installed packages, whatever their age: no test runs npm."""
    command = [MAKE, "--no-print-directory", f"--old-file={INSTALLED}", "lint-rules", f"RULES={rules}"]
    return subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True, timeout=300)


@needs_npm
def test_rules_pass_the_linter() -> None:
    done = lint(RULES)

    assert (done.returncode, done.stdout) == (0, ""), done.stderr


@needs_npm
@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("read, write: if false", "read: if true", "no-open-reads"),
        ("read, write: if false", "write: if true", "no-open-writes"),
        ("match /{document=**} {", REDUNDANT, "no-redundant-matches"),
        ("&& admitted();", "&& admitted(;", "Parsing error"),
    ],
)
def test_linter_reports_a_planted_fault(tmp_path: Path, old: str, new: str, finding: str) -> None:
    planted = tmp_path / RULES.name
    planted.write_text(RULES.read_text().replace(old, new))

    done = lint(planted)

    assert done.returncode != 0
    assert finding in done.stdout


def test_lint_rules_without_nodejs_names_the_prerequisite() -> None:
    command = [MAKE, "--always-make", "lint-rules"]
    bare = {"PATH": ""}
    done = subprocess.run(command, check=False, cwd=ROOT, env=bare, capture_output=True, text=True, timeout=60)

    assert done.returncode != 0
    assert "needs Node.js" in done.stdout
