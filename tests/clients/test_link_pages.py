"""The page of a link in a browser: at a telephone's width, by keyboard alone, without scripts, in both languages."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.catalogue import ROOT
from local.stack.stack import Stack
from tests.support.clinics import TestClinic
from tests.support.links import BORN, share
from tests.support.prerequisites import needs_packages
from tests.support.proofs import raw, signed_report

CLIENTS = ROOT / "tests" / "clients"
NODE = shutil.which("node")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

pytestmark = [
    pytest.mark.long,
    needs_packages(CLIENTS),
    pytest.mark.skipif(CHROMIUM is None, reason="install Chromium: apt-get install chromium"),
]


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A folder for the browser, whose sockets must have short paths."""
    with tempfile.TemporaryDirectory(prefix="browser") as folder:
        yield Path(folder)


@pytest.mark.parametrize("passcode", ["date_of_birth", "told_code"])
def test_a_person_opens_the_document_by_keyboard_on_a_telephone(
    stack: Stack, clinic: TestClinic, tmp_path: Path, short_path: Path, passcode: str
) -> None:
    shared = share(clinic, signed_report(clinic), passcode=passcode)
    fields = {"code": shared.code or ""} if shared.code else dict(BORN)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "TMPDIR": str(short_path),
        "PASSCODE": json.dumps(fields),
        "PICTURE": str(tmp_path / "wrong.png"),
    }
    command = [NODE or "node", str(CLIENTS / "web" / "link_page.js"), CHROMIUM or "chromium", shared.url]

    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)

    assert done.returncode == 0, done.stderr[-3000:]
    seen = json.loads(done.stdout)
    names = ["code"] if shared.code else ["day", "month", "year"]
    assert seen["order"] == ["a", *names, "button"], "the language, the fields and the button, in this order"
    assert [page["violations"] for page in seen["pages"]] == [[], []]
    assert all(page["passes"] > 10 for page in seen["pages"]), "axe-core ran"
    assert [page["language"] for page in seen["pages"]] == ["en", "hi"]
    assert all(page["width"] <= 320 for page in seen["pages"]), "nothing is wider than the screen"
    assert seen["wrong"] == "Check it and try again. Five wrong tries lock the link."
    assert seen["opened"] == {"status": 200, "type": "application/pdf"}
    assert {url for url in seen["requested"] if url.startswith("http")} == {shared.url}, "nothing is from elsewhere"
    assert raw(clinic, f"links/{shared.link_id}")["wrong_passcodes"] == 1
