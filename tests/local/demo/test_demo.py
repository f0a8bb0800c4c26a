"""`python -m local demo`, as `make demo` runs it: its own process on its own stack."""

from __future__ import annotations

import contextlib
import math
import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from pypdf import PdfReader

from infra.catalogue import ROOT
from local.demo.seed import SETTINGS
from local.samples import load
from local.services.speech.audio import SAMPLE_RATE, decode
from tests.support.pdf_signatures import verdict
from tools import verify_report

pytestmark = pytest.mark.long

TIMEOUT = 300.0
"""Seconds."""
CORRECTED = re.compile(r" \+ (.+?) I heard “(\w+)”, the recogniser “(\w+)”")


@dataclass(frozen=True)
class Demo:
    """A completed run of the demo."""

    code: int
    output: str
    """The output, with all white space as single blanks."""
    folder: Path
    started: set[psutil.Process]
    """Every process that it started."""

    def pdf(self, name: str) -> str:
        """The text of the only PDF with this prefix, with white space as single blanks."""
        [path] = self.folder.glob(f"out/{name}-*.pdf")
        return _flat("".join(page.extract_text() for page in PdfReader(path).pages))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return play(tmp_path_factory.mktemp("demo"))


def play(folder: Path, environment: Mapping[str, str] | None = None) -> Demo:
    command = [sys.executable, "-m", "local", "demo", "--state", str(folder / "state"), "--out", str(folder / "out")]
    started: set[psutil.Process] = set()
    with (folder / "output").open("w") as output:
        run = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **(environment or {})}, stdout=output, stderr=output
        )
    watched = psutil.Process(run.pid)
    deadline = time.monotonic() + TIMEOUT
    try:
        while run.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(psutil.NoSuchProcess):
                started.update(watched.children(recursive=True))
            with contextlib.suppress(subprocess.TimeoutExpired):
                run.wait(0.2)
    finally:
        run.terminate()
        code = run.wait(60)
    return Demo(code, _flat((folder / "output").read_text()), folder, started)


def test_the_demo_succeeds_and_prints_the_paths_of_its_pdfs(demo: Demo) -> None:
    assert demo.code == 0, demo.output
    files = sorted(demo.folder.glob("out/*"))

    assert [path.name.partition("-")[0] for path in files] == ["bill", "report", "report", "shared", "signed"]
    assert all(str(path) in demo.output for path in files)
    assert "word error rate" in demo.output
    assert "local-extractive" in demo.output


def test_the_signed_report_has_the_doctors_corrections(demo: Demo) -> None:
    corrections = CORRECTED.findall(demo.output)

    report = demo.pdf("report")

    assert corrections
    for statement, right, wrong in corrections:
        assert statement in report
        assert right in statement
        assert wrong not in report
    assert "Electronically signed" in report


def test_the_signer_is_confirmed_and_the_signature_verifies_offline(demo: Demo) -> None:
    [copy] = demo.folder.glob("out/signed-*.json")

    result = verify_report.verify(copy.read_bytes())

    assert result.problems == []
    assert (result.payload["signer_id"], result.payload["identity_confirmed_by"]) == ("demo-doctor", "demo-admin")
    assert "confirms her name and licence number" in demo.output
    assert "Account demo-doctor, confirmed by demo-admin" in demo.output


def test_the_exported_pdf_has_a_pdf_signature_of_the_clinic(demo: Demo) -> None:
    [exported] = demo.folder.glob("out/report-*.pdf")

    assert verdict(exported.read_bytes()).good
    assert f"as a PDF reader does valid, {SETTINGS['name']}" in demo.output


def test_a_visitor_sees_a_refused_role_a_found_patient_a_doubt_and_an_undone_mistake(demo: Demo) -> None:
    assert re.search(r"finds her as 'anania rau' PAT-\d{8}", demo.output)
    assert "cancels it by mistake, and undoes that cancelled → in_progress" in demo.output
    assert "may not read the report 403: Your role does not allow this" in demo.output
    assert re.search(r"checks a statement that the report doubts “.+?” heard uncertainly → heard: “.+?”", demo.output)


def test_the_bill_is_sent_opened_reminded_of_paid_in_parts_and_the_books_are_right(demo: Demo) -> None:
    steps = ["sends the bill by a link to +91", "sees what is owed", "reminds of the bill 1 reminder, reminded"]
    found = [
        demo.output.find(step) for step in (*steps, "records two payments", "The operator verifies the clinic's books")
    ]

    assert -1 not in found
    assert found == sorted(found)


def test_a_visit_is_recorded_live_and_a_late_piece_is_waited_for(demo: Demo) -> None:
    recorded, _, rest = demo.output.partition("Another screen shows the words as they come")
    shown, _, ended = rest.partition("It is not completed while a piece is missing")

    assert re.search(
        r"each piece gets a receipt 1: 8\.2 s, SHA-256 [0-9a-f]{8} → 3: 10\.7 s, SHA-256 [0-9a-f]{8}", recorded
    )
    assert re.search(r"1: “Good morning.+?” → 3: “What are the low days like.+?”", shown)
    assert "409: Not all audio has arrived: piece 2" in ended
    assert re.search(r"2: “Good morning, doctor.+?” → 26\.3 s, SHA-256 [0-9a-f]{8}: exactly what was captured", ended)


def test_a_referral_letter_is_drafted_from_the_same_visit(demo: Demo) -> None:
    assert re.search(r"a referral letter of the same visit REP-\d{8} → \d+ statements, a referral", demo.output)


def test_a_doubt_and_an_omission_are_found_and_resolved_before_the_signature(demo: Demo) -> None:
    refused, _, rest = demo.output.partition(
        "Her signature is refused while they are open 409: Doubts must be resolved"
    )
    resolved, _, signed = rest.partition("signs in again, and signs it")

    assert "mistypes a dose" in refused
    assert "doubt drug not in evidence: melatonin" in resolved
    assert "doubt number not in evidence: 150 mg" in resolved
    assert "omission dose: sertraline, 100 mg" in resolved
    assert "melatonin: “She told me at the door, after the recording.”" in resolved
    assert "0 are open" in resolved
    assert "KMS key version" in signed
    assert "Takes melatonin at night." in demo.pdf("report")
    [copy] = demo.folder.glob("out/signed-*.json")
    signed_report = verify_report.verify(copy.read_bytes()).payload["report"]
    assert [one["how"] for one in signed_report["resolutions"]][-1] == "confirmed"
    assert {one["reason"] for one in signed_report["resolutions"]} >= {"She told me at the door, after the recording."}


def test_times_are_of_the_clinic_and_the_visit_has_its_true_length(demo: Demo) -> None:
    assert re.search(r"reviews the report at \d\d:\d\d:\d\d IST", demo.output)
    minutes = re.search(r"completes the session (\d+) min", demo.output)
    assert minutes
    assert int(minutes[1]) >= 3  # the recording has 2:47


def test_the_bill_is_paid(demo: Demo) -> None:
    bill = demo.pdf("bill")

    number = re.search(r"BOS-\d{6}-\d{6}", demo.output)
    assert number
    assert number[0] in bill
    assert "₹1,200.00" in bill
    assert "Outstanding ₹0.00" in demo.output
    assert "1 bills, 3 entries. The books are right." in demo.output


def test_the_demo_prints_its_costs(demo: Demo) -> None:
    recording = decode(load("follow_up_visit").audio.read_bytes())
    channels, seconds = len(recording), math.ceil(recording.shape[1] / SAMPLE_RATE)

    totals = re.search(r" total ([\d,]+) ([\d,]+) (\d+) (\d+) ([\d,]+) ([\d,]+) ", demo.output)

    assert totals
    reads, writes, kms, audio, tokens_in, tokens_out = (int(total.replace(",", "")) for total in totals.groups())
    assert reads > writes > kms > 0
    assert audio == seconds * channels
    assert tokens_in > 0
    assert tokens_out > 0


def test_the_demo_leaves_no_process_and_no_data(demo: Demo) -> None:
    alive = [process for process in demo.started if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]

    assert len(demo.started) > 10, "too few processes seen: the speech engine and one per function must be among them"
    assert alive == []
    assert list((demo.folder / "state" / "demo").iterdir()) == []


def test_without_java_the_demo_on_googles_emulator_names_the_package_to_install(tmp_path: Path) -> None:
    failed = play(tmp_path, {"FIRESTORE": "google", "JAVA_HOME": str(tmp_path)})

    assert failed.code == 2
    assert "needs Java 17" in failed.output
    assert "Traceback" not in failed.output
    assert not any(process.is_running() for process in failed.started)


def test_an_invalid_state_folder_is_a_clear_failure(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file, not a folder")

    failed = play(tmp_path)

    assert failed.code == 1
    assert str(tmp_path / "state") in failed.output
    assert "Traceback" not in failed.output


def _flat(text: str) -> str:
    return " ".join(text.split())
