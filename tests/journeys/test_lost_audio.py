"""Audio that was lost, from the recorder to the paper: the transcript, the report and what is printed all say it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
import soundfile
import urllib3
from docx import Document
from numpy.typing import NDArray
from pypdf import PdfReader

from local.stack.stack import Stack
from tests.support import crashes as support
from tests.support.clinics import TestClinic, clinic_with_profile
from tests.support.live import opened, send_piece
from tests.support.proofs import sign
from tests.support.visits import set_clinic

REASON = "The battery was empty."
PIECE_SECONDS = 2
MISSING = 2
"""The number of the piece that never comes; the end of the recorder is lost too."""
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}t"


@pytest.fixture(scope="module")
def clinic(stack: Stack) -> TestClinic:
    clinic = clinic_with_profile(stack)
    set_clinic(clinic, bill_issue="by_desk")
    return clinic


@pytest.fixture(autouse=True)
def _quiet(stack: Stack) -> Iterator[None]:
    with support.quiet(stack):
        yield


@pytest.fixture(scope="module")
def session(clinic: TestClinic) -> str:
    """A completed session that was recorded in pieces; its report is drafted."""
    session_id = str(clinic.session().body["id"])
    recording = str(opened(clinic.doctor, session_id).ok(201).body["id"])
    for number, body in pieces().items():
        send_piece(clinic.doctor, recording, number, body, start_ms=1000 * PIECE_SECONDS * (number - 1)).ok(201)
    path = f"/sessions/{session_id}"
    etag = clinic.doctor.get(path).etag
    clinic.doctor.post(f"{path}/complete", {}, key="", etag=etag).refused(409, "audio-missing")
    last = max(pieces())
    lost = {"recording_id": recording, "numbers": [MISSING], "end_after": last, "reason": REASON}
    clinic.doctor.post(f"{path}/audio/lost", lost).ok()
    clinic.doctor.post(f"{path}/complete", {}, key="", etag=etag).ok()
    support.converge(clinic.stack)
    assert clinic.report(session_id).body["status"] == "completed"
    return session_id


def pieces() -> dict[int, bytes]:
    """A short visit in two pieces, between which one is missing."""
    samples, rate = soundfile.read(io.BytesIO(support.short_recording()), dtype="int16", always_2d=True)
    seam = PIECE_SECONDS * rate
    return {MISSING - 1: wav_file(samples[:seam], rate), MISSING + 1: wav_file(samples[seam:], rate)}


def wav_file(samples: NDArray[Any], rate: int) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format="WAV", subtype="PCM_16")
    return file.getvalue()


def said(session: str, doctor: str) -> list[dict[str, Any]]:
    """What is known of each place, without the time of the declaration."""
    declared = {"recording_id": f"{session}-a1", "places": 1, "reason": REASON, "declared_by": doctor}
    end = int(1000 * soundfile.info(io.BytesIO(support.short_recording())).duration)
    return [
        {**declared, "start_ms": 1000 * PIECE_SECONDS * (MISSING - 1), "seconds": float(PIECE_SECONDS)},
        {**declared, "start_ms": end, "seconds": None},
    ]


def without_times(lost: list[dict[str, Any]]) -> list[dict[str, Any]]:
    assert all(one["declared_at"] for one in lost)
    return [{name: value for name, value in one.items() if name != "declared_at"} for one in lost]


def printed(clinic: TestClinic, report: str) -> dict[str, str]:
    """The text of the report as PDF and as Word document, by format."""
    asked = clinic.doctor.post(f"/reports/{report}/export", {"formats": ["pdf", "docx"]}).ok(202).body
    support.converge(clinic.stack)
    links = clinic.doctor.get(f"/reports/{report}/exports/{asked['id']}").ok().body["links"]
    files = {link["format"]: urllib3.request("GET", link["url"], retries=False).data for link in links}
    pages = PdfReader(io.BytesIO(files["pdf"])).pages
    words = Document(io.BytesIO(files["docx"]))._element.iter(WORD)
    text = {"pdf": "\n".join(page.extract_text() for page in pages), "docx": "\n".join(one.text or "" for one in words)}
    return {form: " ".join(found.split()) for form, found in text.items()}


def must_say(text: str) -> None:
    for part in ("Part of the visit was lost", "0:02 of recording 1", "2 seconds are missing", REASON):
        assert part.lower() in text.lower()
    assert "nobody knows how much is missing" in text


def test_transcription_transcript_of_the_visit_and_report_have_it(clinic: TestClinic, session: str) -> None:
    transcription = clinic.doctor.get(f"/transcriptions/{session}-t1").ok().body
    visit = clinic.doctor.get(f"/sessions/{session}/transcription").ok().body
    report = clinic.doctor.get(f"/reports/{session}-r1").ok().body

    expected = said(session, clinic.doctor.user_id)
    assert without_times(transcription["lost_audio"]) == expected
    assert without_times(visit["transcriptions"][0]["lost_audio"]) == expected
    assert without_times(report["lost_audio"]) == expected
    must_say(report["generated_content"])


def test_it_is_printed_of_the_draft_and_of_the_signed_report(clinic: TestClinic, session: str) -> None:
    report = f"{session}-r1"
    draft = printed(clinic, report)
    current = clinic.doctor.get(f"/reports/{report}").ok()
    sign(clinic, report, etag=current.etag)
    signed = printed(clinic, report)

    for text in (*draft.values(), *signed.values()):
        must_say(text)
