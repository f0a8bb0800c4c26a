"""The draft of the report, its correction, review and signature, and its PDF."""

from __future__ import annotations

import io
from typing import Any

from pypdf import PdfReader

from tests.journeys.visit.pdf_text import printed_text, without_spaces
from tests.support.journey import COMPLAINT, CORRECTED, DOCTOR_NAME, NOTES, PATIENT, PROFILE, REASON, Journey


def test_every_statement_of_the_draft_cites_segments_notes_or_a_consent_record(journey: Journey) -> None:
    report, segments = journey.body("read report"), journey.body("read transcription")["segments"]

    numbers = {segment["number"] for segment in segments}
    assert len(report["statements"]) >= 10
    notes = {note["number"]: note["text"] for note in report["notes"]}
    assert all(s["segments"] or s["notes"] or s["consent_id"] for s in report["statements"])
    assert all(set(s["segments"]) <= numbers and set(s["notes"]) <= notes.keys() for s in report["statements"])
    assert list(notes.values()) == [COMPLAINT, NOTES]
    assert (report["status"], report["version"], report["corrections"]) == ("completed", 1, [])
    assert report["ai_model"].startswith("local-")
    written_with = report["template_id"], report["template_version"], len(report["prompt_hash"])
    assert written_with == ("shipped-consultation", 1, 64)


def test_section_without_statements_reads_not_discussed_or_not_assessed(journey: Journey) -> None:
    report = journey.body("read report")

    discussed = {statement["section"] for statement in report["statements"]}
    leaves = _leaves(report)
    assert 0 < len(leaves.keys() - discussed) < len(leaves)
    unfilled = {leaf: text for leaf, text in leaves.items() if text in ("Not discussed", "Not assessed")}
    assert unfilled.keys() == leaves.keys() - discussed
    assert unfilled == {one["section"]: one["reads"] for one in report["unfilled"]}


def test_scores_are_between_0_and_1(journey: Journey) -> None:
    report = journey.body("read report")

    scores = [report[f"{name}_score"] for name in ("confidence", "quality", "completeness")]
    assert all(0 < score <= 1 for score in scores)
    assert report["quality_score"] == min(report["support_score"], report["completeness_score"])
    assert report["scores_checks_version"] == report["checks_version"]


def test_every_statement_says_what_it_is(journey: Journey) -> None:
    report = journey.body("read report")

    kinds = {statement["kind"] for statement in report["statements"] if not statement["consent_id"]}
    assert {"said_by_patient", "planned"} <= kinds
    assert None not in kinds


def test_the_consent_of_the_report_is_that_of_the_record(journey: Journey) -> None:
    report, given = journey.body("read report"), journey.body("give consent")

    [about] = [one for one in report["statements"] if "onsent" in one["text"]]
    assert (about["kind"], about["consent_id"], about["section"]) == (None, given["consents"][0]["id"], "consent")
    assert about["text"].startswith("Consent to recording and processing by AI models: given verbally by the patient")
    assert (about["doubts"], about["segments"]) == ([], [])


def test_corrected_statement_names_its_author_and_keeps_its_segments(journey: Journey) -> None:
    draft, corrected = journey.body("read report"), journey.body("correct report")

    before, after = draft["statements"][0], corrected["statements"][0]
    assert (after["id"], after["section"], after["text"]) == (before["id"], before["section"], CORRECTED)
    evidence = before["segments"], before["notes"]
    assert (after["segments"], after["notes"]) == evidence != ([], [])
    assert (after["author_id"], after["reason"]) == (journey.clinic.doctor.user_id, REASON)
    assert corrected["statements"][1:] == draft["statements"][1:]
    assert (corrected["version"], corrected["manually_edited"]) == (draft["version"] + 1, True)
    [correction] = corrected["corrections"]
    assert (correction["before"], correction["after"]) == (before["text"], CORRECTED)
    assert CORRECTED in corrected["generated_content"]


def test_doctor_reviews_and_signs_the_report(journey: Journey) -> None:
    reviewed, signed = journey.body("review report"), journey.body("sign report")

    doctor = journey.clinic.doctor.user_id
    assert (reviewed["status"], reviewed["reviewed_by"]) == ("completed", doctor)
    assert (signed["status"], signed["signed_by"], signed["version"]) == ("signed", doctor, 2)
    assert signed["signature"]["signer_name"] == DOCTOR_NAME
    assert signed["signature"]["licence_number"] == PROFILE["licence_number"]
    assert journey.body("read signed report") == signed


def test_signed_report_cannot_be_changed(journey: Journey) -> None:
    doctor, path = journey.clinic.doctor, f"/reports/{journey.session_id}-r1"
    signed = journey.replies["sign report"]
    edit = {"edits": [{"statement_id": "s1", "text": "Something else.", "reason": "late"}]}

    doctor.put(path, edit, etag=signed.etag).refused(409, "conflict")
    doctor.post(f"{path}/review", key="", etag=signed.etag).refused(409, "conflict")
    doctor.post(f"{path}/sign", {}, key="", etag=signed.etag).refused(409, "conflict")
    doctor.post(f"/sessions/{journey.session_id}/generate-report").refused(409, "conflict")

    exported = {"last_exported_at": journey.body("read signed report")["last_exported_at"]}
    assert {**doctor.get(path).ok().body, **exported} == {**signed.body, **exported}


def test_pdf_of_a_signed_report_has_patient_statements_and_signer(journey: Journey) -> None:
    report, printed = journey.body("read signed report"), printed_text(journey.replies["export report"])

    assert f"{PATIENT['first_name']}{PATIENT['last_name']}" in printed
    assert [s["text"] for s in report["statements"] if without_spaces(s["text"]) not in printed] == []
    assert without_spaces(DOCTOR_NAME) in printed
    assert f"Meaning{report['signature']['meaning'].capitalize()}:" in printed
    assert f"Account{report['signature']['signer_id']}" in printed
    assert report["signature"]["content_digest"] in printed
    assert "DRAFT" not in printed


def test_pdf_of_an_unsigned_report_is_marked_draft_on_every_page(journey: Journey) -> None:
    reply = journey.replies["export draft"]

    pages = [page.extract_text() for page in PdfReader(io.BytesIO(reply.content)).pages]
    assert all("DRAFT" in page for page in pages)
    assert journey.body("read report")["statements"][0]["text"].split()[0] in pages[0]


def _leaves(report: dict[str, Any]) -> dict[str, str]:
    """The text in `generated_content` of each section without subsections and of each subsection, by id."""
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
