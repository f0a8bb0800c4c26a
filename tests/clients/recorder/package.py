"""The package of the recorder, and its programs."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from infra.catalogue import ROOT
from tests.support.browser import NODE

RECORDER = ROOT / "clients" / "recorder"
CLIENTS = ROOT / "tests" / "clients"


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program of the package's development packages in its folder: no test runs npm."""
    command = [NODE, str(RECORDER / "node_modules" / ".bin" / program), *arguments]
    return subprocess.run(command, cwd=RECORDER, capture_output=True, text=True, timeout=300, check=False)


def build(folder: Path, *options: str, output: str = "dist") -> Path:
    """Compile the package into another folder, as `npm run build` does it in its own. Returns the folder."""
    shutil.copy(RECORDER / "package.json", folder)
    compiled = run("tsc", *options, "--outDir", str(folder / output))
    assert (compiled.returncode, compiled.stdout) == (0, "")
    return folder
