"""The main story through the API: from a recorded consultation to a signed report and a paid bill."""

from __future__ import annotations

import base64
import difflib
import hashlib
import io
import json
import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from google.cloud import kms_v1
from pypdf import PdfReader

from local.demo.seed import SETTINGS
from local.demo.wer import normalise, word_error_rate
from local.samples import load
from local.stack.stack import Stack
from shared.records.reports.signed import SignedReport
from shared.store.clinic import system_clinic
from tests.support.client import Reply
from tests.support.clinics import TestClinic, open_clinic
from tests.support.journey import COMPLAINT, CORRECTED, NOTES, PARTIAL, PATIENT, PROFILE, REASON, Journey, run_journey
from tests.support.speech_synthesis import random_visit, synthesise, why_no_synthesis

FOLLOW_UP_FEE = 120_000
DOCTOR_NAME = f"{PROFILE['first_name']} {PROFILE['last_name']}"


def test_nobody_enters_without_a_token(journey: Journey) -> None:
    path = f"/patients/{journey.body('register patient')['id']}"

    journey.clinic.doctor.get(path, Authorization="").refused(401, "unauthenticated")


def test_profile_and_patient_are_read_back_as_they_were_written(journey: Journey) -> None:
    profile, patient = journey.body("read profile"), journey.body("read patient")

    assert {name: profile[name] for name in PROFILE} == PROFILE
    assert PATIENT.items() <= {**patient, "address": _given(patient["address"])}.items()
    assert journey.body("read patient by number") == patient


def test_a_session_is_paused_and_resumed(journey: Journey) -> None:
    started, paused, resumed = (journey.body(f"{verb} session") for verb in ("start", "pause", "resume"))

    assert [body["status"] for body in (started, paused, resumed)] == ["in_progress", "paused", "in_progress"]
    assert started["started_at"] <= paused["paused_at"] <= resumed["resumed_at"]
    assert [body["revision"] for body in (started, paused, resumed)] == [1, 2, 3]
    assert journey.body("read session") == resumed
    assert (resumed["chief_complaint"], resumed["session_notes"]) == (COMPLAINT, NOTES)


def test_an_interrupted_upload_goes_on_where_it_stopped(journey: Journey) -> None:
    sent, asked, rest = journey.chunks

    assert [sent.status, asked.status, rest.status] == [308, 308, 200]
    assert 0 < sent.kept == asked.kept < load("follow_up_visit").audio.stat().st_size


def test_the_transcription_is_what_was_said(journey: Journey) -> None:
    sample, heard = load("follow_up_visit"), journey.body("read transcription")

    assert heard["status"] == "completed"
    assert word_error_rate(sample.reference_text, heard["transcript_text"]) < 0.15
    assert heard["audio_duration_seconds"] == pytest.approx(sample.turns[-1].end, abs=2)
    assert heard["word_count"] == len(heard["transcript_text"].split())
    assert 0.5 < heard["confidence_score"] <= 1
    assert journey.body("read transcription of session") == heard


def test_segments_are_in_the_order_spoken_each_with_its_confidence(journey: Journey) -> None:
    segments = journey.body("read transcription")["segments"]

    starts = [segment["start_ms"] for segment in segments]
    assert [segment["number"] for segment in segments] == list(range(1, len(segments) + 1))
    assert starts == sorted(starts)
    assert all(segment["start_ms"] < segment["end_ms"] and 0 < segment["confidence"] <= 1 for segment in segments)


@pytest.mark.parametrize(("speaker", "label"), [("doctor", "practitioner"), ("patient", "patient")])
def test_each_speaker_is_heard_on_their_own_channel(journey: Journey, speaker: str, label: str) -> None:
    said = " ".join(turn.text for turn in load("follow_up_visit").turns if turn.speaker == speaker)

    heard = " ".join(s["text"] for s in journey.body("read transcription")["segments"] if s["speaker"] == label)

    assert word_error_rate(said, heard) < 0.2


def test_every_statement_of_the_draft_cites_what_was_said(journey: Journey) -> None:
    report, segments = journey.body("read report"), journey.body("read transcription")["segments"]

    numbers = {segment["number"] for segment in segments}
    assert len(report["statements"]) >= 10
    assert all(s["segments"] and set(s["segments"]) <= numbers for s in report["statements"])
    assert (report["status"], report["version"], report["corrections"]) == ("completed", 1, [])
    assert report["ai_model"].startswith("local-")


def test_what_was_not_spoken_of_reads_not_discussed(journey: Journey) -> None:
    report = journey.body("read report")

    discussed = {statement["section"] for statement in report["statements"]}
    leaves = _leaves(report)
    assert 0 < len(leaves.keys() - discussed) < len(leaves)
    assert {leaf for leaf, text in leaves.items() if text == "Not discussed"} == leaves.keys() - discussed


def test_scores_are_shares(journey: Journey) -> None:
    report = journey.body("read report")

    scores = [report[f"{name}_score"] for name in ("confidence", "quality", "completeness")]
    doubtful = sum(bool(statement["doubts"]) for statement in report["statements"])
    assert all(0 < score <= 1 for score in scores)
    assert report["quality_score"] == pytest.approx(1 - doubtful / len(report["statements"]), abs=1e-4)


def test_a_correction_stands_on_its_author_instead_of_on_segments(journey: Journey) -> None:
    draft, corrected = journey.body("read report"), journey.body("correct report")

    before, after = draft["statements"][0], corrected["statements"][0]
    assert (after["id"], after["section"], after["text"]) == (before["id"], before["section"], CORRECTED)
    assert (after["segments"], after["author_id"], after["reason"]) == ([], journey.clinic.doctor.user_id, REASON)
    assert corrected["statements"][1:] == draft["statements"][1:]
    assert (corrected["version"], corrected["manually_edited"]) == (draft["version"] + 1, True)
    [correction] = corrected["corrections"]
    assert (correction["before"], correction["after"]) == (before["text"], CORRECTED)
    assert CORRECTED in corrected["generated_content"]


def test_the_doctor_reviews_and_signs(journey: Journey) -> None:
    reviewed, signed = journey.body("review report"), journey.body("sign report")

    doctor = journey.clinic.doctor.user_id
    assert (reviewed["status"], reviewed["reviewed_by"]) == ("completed", doctor)
    assert (signed["status"], signed["signed_by"], signed["version"]) == ("signed", doctor, 2)
    assert signed["signature"]["signer_name"] == DOCTOR_NAME
    assert signed["signature"]["licence_number"] == PROFILE["license_number"]
    assert journey.body("read signed report") == signed


def test_nothing_changes_a_signed_report(journey: Journey) -> None:
    doctor, path = journey.clinic.doctor, f"/reports/{journey.session_id}-r1"
    signed = journey.replies["sign report"]
    edit = {"edits": [{"statement_id": "s1", "text": "Something else.", "reason": "late"}]}

    doctor.put(path, edit, etag=signed.etag).refused(409, "conflict")
    doctor.post(f"{path}/review", key="", etag=signed.etag).refused(409, "conflict")
    doctor.post(f"{path}/sign", {}, key="", etag=signed.etag).refused(409, "conflict")
    doctor.post(f"/sessions/{journey.session_id}/generate-report").refused(409, "conflict")

    assert doctor.get(path).ok().body == signed.body


def test_the_signature_verifies_with_the_public_key_of_kms(journey: Journey, stack: Stack) -> None:
    shown = journey.body("sign report")["signature"]

    proof = _stored_proof(journey)

    key = _public_key(stack, shown["key_version"])
    key.verify(base64.b64decode(shown["signature"]), proof.canonical.encode(), ec.ECDSA(hashes.SHA256()))
    assert hashlib.sha256(proof.canonical.encode()).hexdigest() == shown["content_digest"]


def test_what_was_signed_is_what_was_reviewed(journey: Journey) -> None:
    reviewed, signature = journey.body("review report"), journey.body("sign report")["signature"]

    canonical = _stored_proof(journey).canonical

    declared = json.loads(canonical)
    assert rfc8785.dumps(declared) == canonical.encode()
    assert declared["report"]["statements"] == reviewed["statements"]
    assert declared["report"]["version"] == reviewed["version"]
    assert {name: declared[name] for name in ("signer_name", "meaning", "key_version")}.items() <= signature.items()


def test_the_pdf_of_the_signed_report_has_patient_statements_and_signer(journey: Journey) -> None:
    report, printed = journey.body("read signed report"), _text(journey.replies["export report"])

    assert f"{PATIENT['first_name']}{PATIENT['last_name']}" in printed
    assert [s["text"] for s in report["statements"] if _squeezed(s["text"]) not in printed] == []
    assert _squeezed(DOCTOR_NAME) in printed
    assert f"Meaning{report['signature']['meaning'].capitalize()}:" in printed
    assert f"Account{report['signature']['signer_id']}" in printed
    assert report["signature"]["content_digest"] in printed
    assert "DRAFT" not in printed


def test_a_report_that_is_not_signed_says_draft_on_every_page(journey: Journey) -> None:
    reply = journey.replies["export draft"]

    pages = [page.extract_text() for page in PdfReader(io.BytesIO(reply.content)).pages]
    assert all("DRAFT" in page for page in pages)
    assert journey.body("read report")["statements"][0]["text"].split()[0] in pages[0]


def test_a_completed_session_is_billed_by_the_fees_of_the_clinic(journey: Journey) -> None:
    completed, bill = journey.body("complete session"), journey.body("read bill")

    bill_date = date.fromisoformat(bill["bill_date"])
    assert completed["status"] == "completed"
    assert (bill["status"], bill["currency"], bill["total_amount"]) == ("pending", "INR", FOLLOW_UP_FEE)
    assert [item["description"] for item in bill["line_items"]] == ["Follow-up, up to 30 minutes"]
    assert bill["number"] == f"INV-{bill_date:%Y%m}-000001"
    assert date.fromisoformat(bill["due_date"]) == bill_date + timedelta(days=SETTINGS["payment_days"])


def test_bill_numbers_have_no_gap(journey: Journey, second_journey: Journey) -> None:
    first, second = (transaction.body("read bill")["number"] for transaction in (journey, second_journey))

    assert int(second[-6:]) == int(first[-6:]) + 1


def test_payments_are_taken_until_nothing_is_owed(journey: Journey) -> None:
    part, rest = journey.body("pay part"), journey.body("pay rest")

    assert (part["status"], part["outstanding_amount"]) == ("partially_paid", FOLLOW_UP_FEE - PARTIAL)
    journey.replies["pay too much"].refused(422, "invalid")
    assert (rest["status"], rest["outstanding_amount"]) == ("paid", 0)
    assert [payment["amount"] for payment in rest["payment_history"]] == [PARTIAL, FOLLOW_UP_FEE - PARTIAL]


def test_the_pdf_of_the_bill_has_number_patient_lines_and_payments(journey: Journey) -> None:
    bill, printed = journey.body("pay rest"), _text(journey.replies["export bill"])

    for expected in (
        bill["number"],
        "Follow-up, up to 30 minutes",
        DOCTOR_NAME,
        SETTINGS["name"],
        PATIENT["last_name"],
    ):
        assert _squeezed(str(expected)) in printed
    assert "1,200.00" in printed
    assert "500.00" in printed


def test_a_visit_without_a_fee_leaves_a_draft_that_needs_pricing(clinic: TestClinic) -> None:
    started = clinic.session(type="emergency")
    path = f"/sessions/{started.body['id']}"
    clinic.doctor.post(f"{path}/complete", key="", etag=started.etag).ok()

    bill_path = f"/bills/{started.body['id']}-bill"
    bill = clinic.until(lambda: clinic.receptionist.get(bill_path), lambda reply: reply.status == 200)

    assert (bill.body["status"], bill.body["needs_pricing"], bill.body["number"]) == ("draft", True, None)
    assert (bill.body["total_amount"], bill.body["line_items"]) == (0, [])
    payment = {"amount": 100, "method": "cash"}
    clinic.receptionist.post(f"{bill_path}/payment", payment, etag=bill.etag).refused(409, "conflict")


@pytest.mark.skipif(bool(why_no_synthesis()), reason=why_no_synthesis() or "never")
def test_a_visit_that_was_just_made_up_goes_through_the_whole_story(
    stack: Stack, tmp_path: Path, record_property: Any
) -> None:
    seed = random.randrange(10**6)
    record_property("seed", seed)
    visit = random_visit(seed)
    audio = synthesise(visit.turns, tmp_path).read_bytes()

    journey = run_journey(open_clinic(stack), audio, "audio/flac")

    heard = journey.body("read transcription")["transcript_text"]
    assert word_error_rate(visit.reference_text, heard) < 0.25, visit
    written = {word for s in journey.body("read report")["statements"] for word in normalise(s["text"])}
    recognised = _as_heard(visit.medication, heard) | _as_heard(str(visit.dose_mg), heard)
    assert recognised, (visit, heard)
    assert recognised <= written, (visit, heard)
    assert {word for word in written if word.isdigit()} <= set(normalise(heard)), (visit, heard)
    assert journey.body("sign report")["status"] == "signed"
    assert journey.body("pay rest")["status"] == "paid"


def _given(value: dict[str, Any]) -> dict[str, Any]:
    """An object without the fields that nobody filled in."""
    return {name: part for name, part in value.items() if part is not None}


def _leaves(report: dict[str, Any]) -> dict[str, str]:
    """From each place for statements to its text, as `generated_content` has it."""
    texts: dict[str, str] = {}
    blocks = report["generated_content"].split("\n\n")
    for section, block in zip(report["sections"], blocks, strict=True):
        title, _, text = block.partition("\n")
        assert title == section["title"].upper()
        if not section["subsections"]:
            texts[section["id"]] = text
        for part, line in zip(section["subsections"], text.split("\n"), strict=False):
            texts[f"{section['id']}.{part['id']}"] = line.removeprefix(f"{part['title']}: ")
    return texts


def _stored_proof(journey: Journey) -> SignedReport:
    """The signed bytes as the operator of the platform finds them in the database."""
    clinic = system_clinic(journey.clinic.id, "test")
    return clinic.perform("report.verify", lambda work: work.get(SignedReport.ref(f"{journey.session_id}-r1")))


def _public_key(stack: Stack, version: str) -> ec.EllipticCurvePublicKey:
    client = kms_v1.KeyManagementServiceClient(
        client_options={"api_endpoint": stack.client_environment()["KMS_ENDPOINT"]}
    )
    key = serialization.load_pem_public_key(client.get_public_key(name=version).pem.encode())
    assert isinstance(key, ec.EllipticCurvePublicKey)
    return key


def _text(reply: Reply) -> str:
    """The words of a PDF without the spaces between them: lines break where they must."""
    return _squeezed("".join(page.extract_text() for page in PdfReader(io.BytesIO(reply.content)).pages))


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _as_heard(word: str, heard: str) -> set[str]:
    """The word of the transcript that is like one that was said; none when it was not recognised at all."""
    return set(difflib.get_close_matches(word, normalise(heard), n=1, cutoff=0.6))
