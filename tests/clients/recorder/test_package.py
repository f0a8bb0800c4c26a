"""The recorder's package: its linter, its own tests, and what an app gets."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clients.recorder.package import RECORDER, build, run
from tests.support.browser import NODE
from tests.support.prerequisites import needs_packages

APP = """
declare const auth: { currentUser: { getIdToken(refresh: boolean): Promise<string> } | null };
declare const current: string;
declare function show(number: number, text: string | null | undefined): void;
declare function render(state: string, reason: string | null): void;
declare function warn(number: number, reason: string): void;
declare function warnOfDisk(kind: string): void;
declare function warnOfMicrophone(kind: string): void;
declare function askToTakeOver(): Promise<Recorder>;
declare function uploadAsRecording(session: string, wav: Blob): Promise<void>;
"""
"""What the example takes from its app."""

pytestmark = [pytest.mark.long, needs_packages(RECORDER)]


def test_the_sources_pass_the_linter() -> None:
    linted = run("eslint", "--max-warnings", "0", ".")

    assert (linted.returncode, linted.stdout) == (0, ""), linted.stdout


def test_the_pure_parts_pass_their_tests(tmp_path: Path) -> None:
    folder = build(tmp_path, "--project", "test", output="build")
    tests = sorted(map(str, folder.glob("build/test/*.test.js")))

    done = subprocess.run([NODE, "--test", *tests], capture_output=True, text=True, timeout=300, check=False)

    assert done.returncode == 0, done.stdout[-3000:]
    assert len(tests) == len(list(RECORDER.glob("test/*.test.ts"))) > 0


def test_the_built_package_has_what_it_exports_and_needs_no_other(built: Path) -> None:
    package: dict[str, Any] = json.loads((built / "package.json").read_text())
    assert [file for file in exported(package["exports"]) if not (built / file).is_file()] == []
    assert "dependencies" not in package
    for module in built.glob("dist/*.js"):
        imported = [line for line in module.read_text().splitlines() if line.startswith(("import ", "export * from"))]
        assert all(' from "./' in line for line in imported), module
    assert "import" not in (built / "dist" / "capture-processor.js").read_text().replace("imports", "")


def test_the_example_of_the_readme_compiles(built: Path, tmp_path: Path) -> None:
    (example,) = re.findall(r"```ts\n(.*?)```", (RECORDER / "README.md").read_text(), re.S)
    package = tmp_path / "node_modules" / "@synapseai" / "recorder"
    shutil.copytree(built, package)
    (tmp_path / "app.mts").write_text(APP + example)

    options = ["--strict", "--module", "nodenext", "--target", "es2022", "--lib", "es2022,dom"]
    compiled = run("tsc", "--noEmit", *options, str(tmp_path / "app.mts"))

    assert (compiled.returncode, compiled.stdout) == (0, "")


def exported(entry: object) -> Iterator[str]:
    if isinstance(entry, dict):
        for value in entry.values():
            yield from exported(value)
    else:
        yield str(entry)
