"""Exports of reports: files made in the background and fetched by signed URLs; of a signed report always the same."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
import urllib3
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from docx import Document
from pypdf import PdfReader

from local.stack.environment import EXPORTS_BUCKET, QUEUES
from shared.records.reports.exporting import Export
from shared.records.reports.report import ReportStatus
from shared.records.types import new_id
from tests.support import crashes as support
from tests.support.audit import audit_of, new_trace
from tests.support.client import ApiClient, Reply
from tests.support.clinics import TestClinic
from tests.support.database import alter, plant_report
from tests.support.pdf_signatures import verdict
from tests.support.problems import pointers
from tests.support.proofs import forge, resigned, signed_report, stored_proof
from tools.verify_report import verify

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
ALL = ("pdf", "docx", "json")


@pytest.fixture(scope="module")
def signed(clinic: TestClinic) -> str:
    """A signed report that the tests do not change."""
    return signed_report(clinic)


@pytest.fixture(scope="module")
def draft(clinic: TestClinic) -> str:
    """A drafted report that the tests do not change."""
    return plant_report(clinic, str(clinic.session().body["id"]))


def ask(user: ApiClient, report: str, formats: Sequence[object] = ALL, **more: str) -> Reply:
    return user.post(f"/reports/{report}/export", {"formats": list(formats)}, **more)


def exported(clinic: TestClinic, report: str, formats: Sequence[str] = ALL) -> dict[str, Any]:
    """The export of a report, once it ended."""
    asked = ask(clinic.doctor, report, formats).ok(202).body
    support.converge(clinic.stack)
    found: dict[str, Any] = clinic.doctor.get(path_of(asked)).ok().body
    return found


def path_of(export: dict[str, Any]) -> str:
    return f"/reports/{export['report_id']}/exports/{export['id']}"


def files(export: dict[str, Any]) -> dict[str, bytes]:
    """What the URLs of an export give, by format."""
    return {link["format"]: fetch(link["url"]).data for link in export["links"]}


def fetch(url: str, method: str = "GET") -> urllib3.BaseHTTPResponse:
    return urllib3.request(method, url, retries=False)


def pages(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]


def words(docx: bytes) -> str:
    """The text of a Word document, with the headers of its pages."""
    document = Document(io.BytesIO(docx))
    stories: list[Any] = [document, *(section.header for section in document.sections)]
    return "\n".join(text.text or "" for story in stories for text in story._element.iter(f"{{{WORD}}}t"))


# Signed reports


def test_a_signed_report_is_exported_with_a_pdf_signature_by_the_clinics_certificate(clinic: TestClinic) -> None:
    report = signed_report(clinic)
    printed = clinic.doctor.pdf(f"/reports/{report}/pdf").ok().content

    export = exported(clinic, report)

    made, copy = files(export)["pdf"], json.loads(files(export)["json"])
    assert (export["status"], export["signed"], export["report_version"]) == ("completed", True, 1)
    assert made == printed
    assert verdict(made).good
    certificate = x509.load_der_x509_certificate(verdict(made).certificate)
    public = certificate.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    assert public == copy["public_key"]
    assert "Banyan" in certificate.subject.rfc4514_string()
    assert verify(json.dumps(copy).encode(), copy["public_key"].encode()).problems == []
    assert copy == clinic.doctor.get(f"/reports/{report}/signed").ok().body


def test_the_same_bytes_are_given_again_in_each_export_and_as_the_pdf(clinic: TestClinic, signed: str) -> None:
    first, second = exported(clinic, signed, ["pdf"]), exported(clinic, signed)

    assert first["id"] != second["id"]
    assert files(first)["pdf"] == files(second)["pdf"] == clinic.doctor.pdf(f"/reports/{signed}/pdf").ok().content


def test_the_word_document_says_that_it_is_a_copy_and_of_what(clinic: TestClinic, signed: str) -> None:
    proof = stored_proof(clinic, signed)

    text = words(files(exported(clinic, signed))["docx"])

    assert hashlib.sha256(proof.canonical.encode()).hexdigest() in text
    assert "copy" in text
    assert "Sleeps badly since March." in text


def test_findings_are_printed_on_request_in_a_signed_pdf_of_its_own(clinic: TestClinic, signed: str) -> None:
    plain = files(exported(clinic, signed, ["pdf"]))["pdf"]

    asked = clinic.doctor.post(f"/reports/{signed}/export", {"formats": ["pdf"], "findings": True}).ok(202).body
    support.converge(clinic.stack)
    export = clinic.doctor.get(path_of(asked)).ok().body

    assert (asked["findings"], export["status"]) == (True, "completed")
    assert files(export)["pdf"] != plain
    assert verdict(files(export)["pdf"]).good
    assert files(export)["pdf"] == clinic.doctor.pdf(f"/reports/{signed}/pdf?findings=true").ok().content
    assert plain == clinic.doctor.pdf(f"/reports/{signed}/pdf").ok().content


def test_the_files_have_the_sizes_digests_and_names_that_the_export_says(clinic: TestClinic, signed: str) -> None:
    export = exported(clinic, signed)

    for link, content in zip(export["links"], files(export).values(), strict=True):
        response = fetch(link["url"])
        assert (link["size_bytes"], link["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
        assert response.headers["Content-Type"] == link["media_type"]
        assert response.headers["Content-Disposition"] == f'attachment; filename="{link["filename"]}"'
        assert link["filename"].startswith(clinic.doctor.get(f"/reports/{signed}").ok().body["report_number"])
        assert fetch(link["url"], "DELETE").status == fetch(link["url"].partition("?")[0]).status == 403
        assert fetch(link["url"].replace(f".{link['format']}?", ".txt?")).status == 403
        assert "X-Goog-Expires=300" in link["url"]


def test_report_and_audit_say_who_exported_what_and_when(clinic: TestClinic) -> None:
    report, (trace, header) = signed_report(clinic), new_trace()
    before = clinic.doctor.get(f"/reports/{report}").ok()

    export = ask(clinic.admin, report, ["json"], **header).ok(202).body
    support.converge(clinic.stack)
    after = clinic.doctor.get(f"/reports/{report}").ok()

    assert (before.body["exported_formats"], before.body["last_exported_by"]) == ([], None)
    assert (after.body["exported_formats"], after.body["last_exported_by"]) == (["json"], clinic.admin.user_id)
    assert after.body["last_exported_at"] > before.body["updated_at"]
    assert after.etag == before.etag
    [entry] = audit_of(clinic, trace)
    assert (entry["action"], entry["actor_id"]) == ("export.request", clinic.admin.user_id)
    assert {f"exports/{export['id']}", f"reports/{report}"} <= set(entry["documents"])


def test_a_file_that_is_got_at_once_is_an_export_too(clinic: TestClinic) -> None:
    report, (trace, header) = signed_report(clinic), new_trace()
    support.converge(clinic.stack)

    for form in ("json", "pdf", "docx"):
        clinic.doctor.get(f"/reports/{report}/{form}", **header).ok()
    after = clinic.doctor.get(f"/reports/{report}").ok().body

    assert (after["exported_formats"], after["last_exported_by"]) == (["json", "pdf", "docx"], clinic.doctor.user_id)
    assert [entry["action"] for entry in audit_of(clinic, trace)] == ["report.export"] * 3


def test_a_report_with_a_forged_signature_is_not_exported(clinic: TestClinic) -> None:
    report = signed_report(clinic)
    forge(clinic, report, stored_proof(clinic, report).canonical, b"forged")

    export = exported(clinic, report)

    assert (export["status"], export["error_code"], export["links"]) == ("failed", "signature_invalid", [])
    clinic.doctor.get(f"/reports/{report}/json").refused(500, "signature-invalid")


def test_another_signed_text_gets_a_pdf_of_its_own(clinic: TestClinic) -> None:
    """The kept PDF is found by the digest of what was signed."""
    report = signed_report(clinic)
    first = files(exported(clinic, report, ["pdf"]))["pdf"]
    forge(clinic, report, *resigned(stored_proof(clinic, report), report_number="REP-20269999"))

    second = files(exported(clinic, report, ["pdf"]))["pdf"]

    assert "REP-20269999" in pages(second)[0]
    assert first != second
    assert verdict(second).good


# Drafts


def test_each_page_of_a_drafts_pdf_and_its_json_say_that_it_is_not_signed(clinic: TestClinic) -> None:
    report = plant_report(clinic, str(clinic.session().body["id"]))
    edits = [{"section": "assessment", "text": f"Sleeps {n} hours. " + "Rests. " * 60} for n in range(12)]
    clinic.doctor.put(f"/reports/{report}", {"edits": edits}, etag='"1"').ok()

    export = exported(clinic, report)

    pdf, said = pages(files(export)["pdf"]), json.loads(files(export)["json"])
    assert (export["signed"], export["report_version"]) == (False, 2)
    assert len(pdf) > 1
    assert all("DRAFT" in page and "not signed" in page for page in pdf)
    assert b"/ByteRange" not in files(export)["pdf"]
    assert "not signed" in words(files(export)["docx"])
    assert said["state"] == "draft, not signed"
    assert [one["text"] for one in said["report"]["statements"]][1] == edits[0]["text"].strip()
    assert clinic.doctor.get(f"/reports/{report}/json").ok().body == said


def test_files_stay_as_they_were_made_when_the_draft_is_corrected(clinic: TestClinic) -> None:
    report = plant_report(clinic, str(clinic.session().body["id"]))
    export = exported(clinic, report)
    before = files(export)

    edit = {"edits": [{"statement_id": "s1", "text": "Sleeps well.", "reason": "Misheard"}]}
    clinic.doctor.put(f"/reports/{report}", edit, etag='"1"').ok()
    later = exported(clinic, report)

    assert files(clinic.doctor.get(path_of(export)).ok().body) == before
    assert (export["report_version"], later["report_version"]) == (1, 2)
    assert "Sleeps well." in pages(files(later)["pdf"])[0]


# Refusals


@pytest.mark.parametrize("formats", [[], ["pdf", "pdf"], ["word"], ["pdf", 7], "pdf", None])
def test_formats_are_checked(clinic: TestClinic, draft: str, formats: object) -> None:
    reply = clinic.doctor.post(f"/reports/{draft}/export", {"formats": formats})

    assert all(pointer.startswith("/formats") for pointer in pointers(reply.refused(422, "invalid")))


def test_a_key_is_required_and_a_repeated_request_is_one_export(clinic: TestClinic, draft: str) -> None:
    key = new_id()

    first, again = (ask(clinic.doctor, draft, key=key).ok(202) for _ in range(2))

    assert first.body["id"] == again.body["id"]
    assert clinic.doctor.post(f"/reports/{draft}/export", {"formats": ["pdf"]}, key="").status == 400


@pytest.mark.parametrize("status", [ReportStatus.PENDING, ReportStatus.FAILED])
def test_a_report_that_is_not_written_is_not_exported(clinic: TestClinic, status: ReportStatus) -> None:
    report = plant_report(clinic, str(clinic.session().body["id"]), status)

    refused = ask(clinic.doctor, report).refused(409, "conflict")

    assert refused.body["code"] == "report_not_ready"
    clinic.doctor.get(f"/reports/{report}/json").refused(409, "conflict")


def test_an_export_fails_if_the_report_is_written_anew_before_it_runs(clinic: TestClinic) -> None:
    report = plant_report(clinic, str(clinic.session().body["id"]))
    with support.paused(clinic.stack, "exports"):
        export = ask(clinic.doctor, report).ok(202).body
        alter(clinic, f"reports/{report}", {"status": "pending"})
    support.converge(clinic.stack)

    failed = clinic.doctor.get(path_of(export)).ok().body

    assert (failed["status"], failed["error_code"]) == ("failed", "report_not_ready")
    assert support.documents(clinic.id)[f"progress/{failed['session_id']}"]["export"] == "failed"


def test_who_may_not_read_the_report_neither_exports_nor_fetches_it(
    clinic: TestClinic, other_clinic: TestClinic, draft: str, signed: str
) -> None:
    export = exported(clinic, draft)
    strangers = [(clinic.receptionist, 403), (clinic.other_doctor, 404), (other_clinic.doctor, 404)]

    for stranger, status in strangers:
        for reply in (ask(stranger, draft), stranger.get(path_of(export)), stranger.get(f"/reports/{draft}/json")):
            assert reply.status == status
    for wrong in (f"/reports/{signed}/exports/{export['id']}", f"/reports/{draft}/exports/{draft}"):
        clinic.doctor.get(wrong).refused(404, "not-found")
    clinic.admin.get(path_of(export)).ok()


def test_a_colleague_with_whom_the_report_alone_is_shared_exports_it_until_it_is_withdrawn(clinic: TestClinic) -> None:
    report, colleague = signed_report(clinic), clinic.other_doctor
    share = {"doctor_id": colleague.user_id, "level": "read"}
    etag = clinic.doctor.get(f"/reports/{report}").etag
    shared = clinic.doctor.post(f"/reports/{report}/share", share, etag=etag).ok()
    export = ask(colleague, report, key=(key := new_id())).ok(202).body
    support.converge(clinic.stack)

    got = colleague.get(path_of(export)).ok().body
    clinic.doctor.delete(f"/reports/{report}/share/{colleague.user_id}", etag=shared.etag).ok()

    assert verdict(files(got)["pdf"]).good
    colleague.get(path_of(export)).refused(404, "not-found")
    ask(colleague, report, key=key).refused(404, "not-found")


def test_a_report_is_named_by_its_number_too(clinic: TestClinic) -> None:
    session = clinic.session().body["id"]
    written = {"statements": [{"section": "assessment", "text": "Sleeps well."}]}
    number = clinic.doctor.post(f"/sessions/{session}/report", written).ok(201).body["report_number"]

    export = ask(clinic.doctor, number).ok(202).body

    assert export["report_id"] == f"{session}-r1"
    clinic.doctor.get(f"/reports/{number}/exports/{export['id']}").ok()


# Time


def test_files_are_no_longer_given_when_they_are_deleted(clinic: TestClinic, draft: str) -> None:
    export = exported(clinic, draft)
    stored = support.documents(clinic.id)[f"exports/{export['id']}"]
    alter(clinic, f"exports/{export['id']}", {"files_until": stored["files_until"] - timedelta(days=8)})

    late = clinic.doctor.get(path_of(export)).ok().body

    assert (late["status"], late["links"]) == ("completed", [])
    assert [one["format"] for one in late["files"]] == list(ALL)


def test_the_exports_of_a_report_are_listed_with_their_digests(clinic: TestClinic) -> None:
    report = signed_report(clinic)
    support.converge(clinic.stack)
    made = exported(clinic, report, ["json"])

    first = clinic.doctor.get(f"/reports/{report}/exports?page_size=1").ok().body
    rest = clinic.doctor.get(f"/reports/{report}/exports?page_token={first['next_page_token']}").ok().body

    listed = [*first["items"], *rest["items"]]
    assert [one["id"] for one in listed] == [made["id"], f"{report}-v1a0"]
    assert [(one["formats"], one["automatic"], one["status"]) for one in listed] == [
        (["json"], False, "completed"),
        (["pdf"], True, "completed"),
    ]
    assert [one["created_by"] for one in listed] == [clinic.doctor.user_id] * 2
    assert listed[0]["files"] == made["files"]
    assert "links" not in listed[0]
    clinic.other_doctor.get(f"/reports/{report}/exports").refused(404, "not-found")
    clinic.receptionist.get(f"/reports/{report}/exports").refused(403, "forbidden")


# Repeated deliveries


def deliver(clinic: TestClinic, export: dict[str, Any]) -> int:
    """Deliver the task of an export again."""
    body = {"clinic_id": clinic.id, "export_id": export["id"], "attempt": 1}
    headers = [("Content-Type", "application/json"), clinic.stack.authorization("export_report")]
    return clinic.stack.functions.request("export_report", "POST", "/", headers, json.dumps(body).encode()).status


def objects(clinic: TestClinic, export: dict[str, Any]) -> list[str]:
    """The files of an export in the bucket, by the ends of their names."""
    blobs = support.bucket_of(clinic.stack, EXPORTS_BUCKET).list_blobs(
        prefix=f"clinics/{clinic.id}/exports/{export['id']}/"
    )
    return [blob.name.rpartition("/")[2] for blob in blobs]


def test_a_repeated_delivery_changes_nothing(clinic: TestClinic, signed: str) -> None:
    export = exported(clinic, signed)
    before = support.documents(clinic.id)

    assert deliver(clinic, export) == 204

    assert support.documents(clinic.id) == before
    assert objects(clinic, export) == ["r2.docx", "r2.json", "r2.pdf"]


def test_a_delivery_before_the_commit_of_its_request_is_refused(clinic: TestClinic, draft: str) -> None:
    assert deliver(clinic, {"id": f"{draft}-{new_id(10)}"}) == 503


def test_an_export_whose_task_was_lost_is_made_by_the_sweep_or_fails_at_its_deadline(
    clinic: TestClinic, draft: str
) -> None:
    with support.paused(clinic.stack, "exports"):
        lost, late = (ask(clinic.doctor, draft).ok(202).body for _ in range(2))
        support.queues_of(clinic.stack).purge_queue(name=f"{QUEUES}/exports")
    for export, age in ((lost, Export.policy.stalled_after), (late, Export.policy.deadline)):
        past = support.documents(clinic.id)[f"exports/{export['id']}"]["requested_at"] - age - timedelta(minutes=1)
        alter(clinic, f"exports/{export['id']}", {"updated_at": past, "requested_at": past})

    assert clinic.stack.schedules.tick("sweep_stalled") == 204
    support.converge(clinic.stack)

    ended = [clinic.doctor.get(path_of(export)).ok().body for export in (lost, late)]
    assert [one["status"] for one in ended] == ["completed", "failed"]
    assert ended[1]["error_code"] == "deadline_exceeded"
