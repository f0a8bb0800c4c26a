"""Psychotherapy notes: reports for their author alone, whatever others may do with the patient."""

from __future__ import annotations

import io
from typing import Any

import pytest
from docx import Document
from pypdf import PdfReader

from local.stack.stack import Stack
from tests.support.audit import audit_of, new_trace
from tests.support.client import Reply
from tests.support.clinics import TestClinic, clinic_with_profile
from tests.support.database import alter
from tests.support.links import BORN, enter, share
from tests.support.proofs import sign, signed_report

SECTION = {"id": "process", "title": "Process", "required": True}
TEXT = "She spoke of her father for the first time."
MARK = "Psychotherapy notes"
EDIT = {"edits": [{"statement_id": "s1", "text": "She spoke of her mother.", "reason": "misheard"}]}


@pytest.fixture(scope="module")
def clinic(stack: Stack) -> TestClinic:
    """One clinic for all tests of the file."""
    return clinic_with_profile(stack)


@pytest.fixture(scope="module")
def template(clinic: TestClinic) -> Reply:
    """A template of psychotherapy notes, of the doctor."""
    new = {"name": "Process notes", "sections": [SECTION], "psychotherapy_notes": True}
    return clinic.doctor.post("/templates", new).ok(201)


def written(clinic: TestClinic, template_id: str) -> Reply:
    """A report by hand of a new visit, whose patient the colleague sees, and may change."""
    session = clinic.session(template_id=template_id).body
    patient = f"/patients/{session['patient_id']}"
    etag = clinic.doctor.get(patient).ok().etag
    path = f"{patient}/doctors/{clinic.other_doctor.user_id}"
    clinic.doctor.put(path, {"level": "write"}, etag=etag).ok()
    statements = [{"section": "process", "text": TEXT}]
    return clinic.doctor.post(f"/sessions/{session['id']}/report", {"statements": statements}).ok(201)


def test_a_report_is_marked_by_its_template_and_keeps_the_mark(clinic: TestClinic, template: Reply) -> None:
    made = written(clinic, template.body["id"])
    child = clinic.doctor.post(
        "/templates", {"name": "Child", "parent": {"template_id": template.body["id"], "version": 1}}
    ).ok(201)

    without = {"name": "Process notes", "sections": [SECTION]}
    path = f"/templates/{template.body['id']}"
    ordinary = clinic.doctor.put(path, without, etag=template.etag).ok()
    kept = clinic.doctor.get(f"/reports/{made.body['id']}").ok()
    again = clinic.doctor.post(
        f"/sessions/{made.body['session_id']}/report",
        {"statements": [{"section": "process", "text": "Anew."}], "replace": True},
    ).ok(201)
    later = written(clinic, template.body["id"])
    sign(clinic, again.body["id"], again.etag)
    signed = clinic.doctor.get(f"/reports/{again.body['id']}").ok()
    new = clinic.doctor.post(f"/reports/{again.body['id']}/new-version", {"reason": "x"}, etag=signed.etag).ok(201)
    clinic.doctor.put(path, {**without, "psychotherapy_notes": True}, etag=ordinary.etag).ok()

    marks = [one.body["psychotherapy_notes"] for one in (template, child, ordinary)]
    assert marks == [True, True, False]
    assert [one.body["psychotherapy_notes"] for one in (made, kept, again, later, signed, new)] == [
        *(True, True, True, False, True, True)
    ]


def test_what_was_signed_as_such_stays_so_whatever_is_stored_beside_it(clinic: TestClinic, template: Reply) -> None:
    report = written(clinic, template.body["id"])
    id = report.body["id"]
    sign(clinic, id, report.etag)

    alter(clinic, f"reports/{id}", {"psychotherapy_notes": False})

    assert clinic.doctor.get(f"/reports/{id}").ok().body["psychotherapy_notes"] is True


@pytest.mark.parametrize("is_signed", [False, True])
def test_nobody_but_the_author_reads_changes_or_exports_them(
    clinic: TestClinic, template: Reply, *, is_signed: bool
) -> None:
    made = written(clinic, template.body["id"])
    id, patient = made.body["id"], made.body["patient_id"]
    path, session = f"/reports/{id}", f"/sessions/{made.body['session_id']}"
    if is_signed:
        sign(clinic, id, made.etag)
    etag = clinic.doctor.get(path).ok().etag
    own = clinic.doctor.pdf(f"{path}/pdf").ok()
    export = clinic.doctor.post(f"{path}/export", {"formats": ["json"]}).ok(202).body["id"]
    reads = ["", "/pdf", "/docx", "/json", "/doubts", "/addenda", "/versions", "/exports", f"/exports/{export}"]
    trace, header = new_trace()

    for other in (clinic.other_doctor, clinic.admin):
        replies = [other.get(f"{path}{suffix}") for suffix in reads]
        replies += [
            other.get(f"{session}/report", **header),
            other.get(f"{path}/signed"),
            other.post(f"{path}/export", {"formats": ["pdf"]}),
            other.put(path, EDIT, etag=etag),
            other.post(f"{path}/review", key="", etag=etag),
            other.post(f"{path}/rewrite", {}, etag=etag),
            other.post(f"{session}/report", {"statements": [{"section": "process", "text": "x"}], "replace": True}),
        ]
        for reply in replies:
            assert "psychotherapy notes" in reply.refused(403, "forbidden").body["detail"]
    refused = audit_of(clinic, trace)
    assert [entry["outcome"] for entry in refused] == ["forbidden"] * 2

    assert MARK in text_of(own)
    listed = clinic.admin.get(f"/patients/{patient}/reports").ok().body["items"]
    assert [(one["id"], one["psychotherapy_notes"]) for one in listed] == [(id, True)]
    last = clinic.other_doctor.get(f"/patients/{patient}/last-visit").ok().body["last_visit"]
    assert last is None


def text_of(pdf: Reply) -> str:
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(pdf.content)).pages]
    assert all(MARK in page for page in pages), "each page says it"
    return " ".join(pages)


def test_lists_show_others_no_text_of_them(clinic: TestClinic, template: Reply) -> None:
    made = written(clinic, template.body["id"])
    edit: dict[str, Any] = {**EDIT, "correction_notes": "She said mother."}
    edit["edits"][0]["statement_id"] = made.body["statements"][0]["id"]
    clinic.doctor.put(f"/reports/{made.body['id']}", edit, etag=made.etag).ok()
    path = f"/reports?patient_id={made.body['patient_id']}"

    of_author, of_admin = (user.get(path).ok().body["items"][0] for user in (clinic.doctor, clinic.admin))

    assert (of_author["correction_notes"], of_admin["correction_notes"]) == ("She said mother.", None)
    assert of_admin["psychotherapy_notes"] is True


def test_they_are_never_shared(clinic: TestClinic, template: Reply) -> None:
    made = written(clinic, template.body["id"])
    path = f"/reports/{made.body['id']}"
    sign(clinic, made.body["id"], made.etag)
    etag = clinic.doctor.get(path).ok().etag
    shares: list[dict[str, Any]] = [
        {"recipient": {"kind": "patient"}, "purpose": "patient_request", "channel": "sms"},
        {"doctor_id": clinic.other_doctor.user_id, "level": "read"},
    ]

    for body in shares:
        refused = clinic.doctor.post(f"{path}/share", body, etag=etag).refused(409, "conflict")
        assert refused.body["code"] == "psychotherapy_notes"
        clinic.admin.post(f"{path}/share", body, etag=etag).refused(403, "forbidden")


def test_a_link_opens_none_that_were_marked_since(clinic: TestClinic) -> None:
    report = signed_report(clinic)
    shared = share(clinic, report)
    alter(clinic, f"reports/{report}", {"psychotherapy_notes": True})

    assert enter(shared.url, BORN).status == 410


def test_the_word_document_says_it_too(clinic: TestClinic, template: Reply) -> None:
    made = written(clinic, template.body["id"])

    document = Document(io.BytesIO(clinic.doctor.get(f"/reports/{made.body['id']}/docx").ok().content))

    texts = [text.text or "" for text in document.element.body.iter("{*}t")]
    assert MARK in texts
    footer = "".join(text.text or "" for text in document.sections[0].footer._element.iter("{*}t"))
    assert MARK in footer
