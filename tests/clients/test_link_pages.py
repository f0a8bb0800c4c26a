"""The page of a link in a browser: at a telephone's width, by keyboard alone, without scripts, in both languages."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.catalogue import ROOT
from local.stack.stack import Stack
from tests.api.billing.helpers import issued
from tests.api.scheduling.helpers import a_time, book
from tests.support.clinics import TestClinic
from tests.support.links import BORN, invite, share, share_bill
from tests.support.prerequisites import needs_packages
from tests.support.proofs import raw, signed_report
from tests.support.qr import read_png
from tests.support.visits import set_sealed

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


def browse(home: Path, short_path: Path, arguments: list[str], **environment: str) -> Any:
    """What a script of `web/` saw in the browser."""
    script, *rest = arguments
    command = [NODE or "node", str(CLIENTS / "web" / script), CHROMIUM or "chromium", *rest]
    variables = {"PATH": os.environ["PATH"], "HOME": str(home), "TMPDIR": str(short_path), **environment}
    done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


@pytest.mark.parametrize("passcode", ["date_of_birth", "told_code"])
def test_a_person_opens_the_document_by_keyboard_on_a_telephone(
    stack: Stack, clinic: TestClinic, tmp_path: Path, short_path: Path, passcode: str
) -> None:
    shared = share(clinic, signed_report(clinic), passcode=passcode)
    fields = {"code": shared.code or ""} if shared.code else dict(BORN)
    more = {"PASSCODE": json.dumps(fields), "PICTURE": str(tmp_path / "wrong.png")}

    seen = browse(tmp_path, short_path, ["link_page.js", shared.url], **more)

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


def test_a_patient_answers_an_appointment_by_keyboard_on_a_telephone(
    clinic: TestClinic, tmp_path: Path, short_path: Path
) -> None:
    patient = str(clinic.silent_patient().body["id"])
    booked = book(clinic, patient, a_time() + timedelta(days=7)).ok(201)
    invited = invite(clinic, booked)

    seen = browse(tmp_path, short_path, ["appointment_page.js", invited.url, BORN["year"]])

    assert [page["violations"] for page in seen["pages"]] == [[]] * 8
    assert all(page["passes"] > 10 for page in seen["pages"]), "axe-core ran"
    assert [page["language"] for page in seen["pages"]] == ["en"] * 4 + ["hi"] * 4
    assert all(page["width"] <= 320 for page in seen["pages"]), "nothing is wider than the screen"
    assert seen["first"] == ["a", "confirm", "other_time"]
    # A date field has parts of its own, which the Tab key visits.
    assert list(dict.fromkeys(seen["second"])) == ["a", "day1", "part1", "day2", "part2", "wish"]
    assert seen["named"] == 1
    assert seen["wrong"] == "Check the year and try again. Five wrong tries lock the link."
    assert seen["asked"] == "Your request was sent"
    assert seen["confirmed"] == "Your appointment is confirmed."
    assert {url for url in seen["requested"] if url.startswith("http")} == {invited.url}
    found = clinic.receptionist.get(f"/appointments/{invited.id}").ok().body
    assert (found["status"], found["other_time_request"]["wish"]) == ("confirmed", "After work")


def test_a_patient_opens_a_bill_on_a_telephone_and_its_code_is_read_from_the_screen(
    clinic: TestClinic, tmp_path: Path, short_path: Path
) -> None:
    set_sealed(clinic, upi_id="banyan@okaxis")
    shared = share_bill(clinic, issued(clinic, 120_000, 20_050).body["id"])
    more = {"PASSCODE": json.dumps(dict(BORN)), "PICTURE": str(tmp_path / "bill")}

    seen = browse(tmp_path, short_path, ["bill_page.js", shared.url], **more)

    assert [page["violations"] for page in seen["pages"]] == [[], []]
    assert all(page["passes"] > 10 for page in seen["pages"]), "axe-core ran"
    assert [page["width"] <= wide for page, wide in zip(seen["pages"], (320, 390), strict=True)] == [True, True]
    assert [page["heading"] for page in seen["pages"]] == ["Your bill", "आपका बिल"]
    assert [page["owed"] for page in seen["pages"]] == ["₹1,400.50"] * 2
    assert [page["paper"] for page in seen["pages"]] == [{"status": 200, "type": "application/pdf"}] * 2
    for page, language in zip(seen["pages"], ("en", "hi"), strict=True):
        assert read_png((tmp_path / f"bill-{language}.png").read_bytes()) == [page["upi"]]
        assert page["upi"].startswith("upi://pay?pa=banyan@okaxis&")
    fetched = {url.partition("?")[0] for url in seen["requested"] if url.startswith("http")}
    assert fetched == {shared.url}, "nothing is from elsewhere"
