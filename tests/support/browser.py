"""A page in a browser, which a script of tests/clients drives."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

NODE = shutil.which("node") or "node"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
needs_chromium = pytest.mark.skipif(not CHROMIUM, reason="install Chromium: apt-get install chromium")


class AppError(Exception):
    """An error in the page; the argument is its code."""


class Browser:
    """A page and its calls. `close` ends the browser."""

    def __init__(self, folder: Path, script: Path, *arguments: str) -> None:
        environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": str(folder)}
        self._log = folder / "log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [NODE, str(script), CHROMIUM, *arguments],
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self._read()

    def call(self, call: str, *parameters: object) -> Any:
        """The result of a function of the page. Raises AppError if the function throws."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps([call, *parameters]) + "\n")
        self._process.stdin.flush()
        result = self._read()
        if "error" in result:
            raise AppError(result["error"])
        return result.get("value")

    def close(self) -> None:
        """End the browser: it exits when its standard input is closed."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(30)

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, self._log.read_text()[-2000:]
        result: dict[str, Any] = json.loads(line)
        return result
