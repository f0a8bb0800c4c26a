"""The example of live recording in docs/api.md, as a shell runs it."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from infra.catalogue import ROOT
from tests.support.clinics import TestClinic
from tests.support.live import piece_of

PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")


def block(pattern: str) -> str:
    found = re.search(pattern, PAGE, re.M | re.S)
    assert found is not None, f"docs/api.md has no {pattern}"
    return found[1]


def test_the_example_of_live_recording_runs(clinic: TestClinic, tmp_path: Path) -> None:
    helpers = "\n".join(block(rf"^({name}\(\) {{[^\n]*)$") for name in ("field", "api"))
    for number in (1, 2):
        (tmp_path / f"piece{number}.wav").write_bytes(piece_of(number))
    values = {"API": clinic.doctor.base, "TOKEN": clinic.doctor.token, "SESSION": str(clinic.session().body["id"])}

    script = f"set -eu\n{helpers}\n{block(r'^```sh live$(.*?)^```$')}"
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env={**os.environ, **values},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr
    length, _, again, recordings = done.stdout.splitlines()
    assert (length, again) == ("2000", "1")
    assert "'state': 'ended'" in recordings
