"""Reports over HTTP: who may read, correct, review and sign, ETags and concurrent requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from shared.records.reports.report import ReportStatus
from shared.records.types import new_id
from tests.support.client import ApiClient, Reply
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once, statuses
from tests.support.database import alter, end_session, plant_report
from tests.support.problems import pointers, without_trace

Call = Callable[[ApiClient, str, str], Reply]
"""An operation by a user, on a report, with an ETag."""
OPERATIONS: dict[str, Call] = {
    "get": lambda user, report, _: user.get(f"/reports/{report}"),
    "pdf": lambda user, report, _: user.pdf(f"/reports/{report}/pdf"),
    "correct": lambda user, report, etag: user.put(f"/reports/{report}", correction("Sleeps well."), etag=etag),
    "review": lambda user, report, etag: user.post(f"/reports/{report}/review", etag=etag),
    "sign": lambda user, report, etag: user.post(f"/reports/{report}/sign", {}, etag=etag),
}
CHANGES = ["correct", "review", "sign"]


def correction(text: str) -> dict[str, Any]:
    return {"edits": [{"statement_id": "s1", "text": text, "reason": "Misheard"}]}


@pytest.fixture
def report(clinic: TestClinic) -> str:
    """A drafted report of the doctor, after the visit."""
    session_id = clinic.session().body["id"]
    end_session(clinic, session_id)
    return plant_report(clinic, session_id)


@pytest.fixture(scope="module")
def draft(clinic: TestClinic) -> str:
    """A drafted report that the tests do not change."""
    return plant_report(clinic, clinic.session().body["id"])


@pytest.fixture(scope="module")
def pending(clinic: TestClinic) -> str:
    """A report that is not written yet."""
    return plant_report(clinic, clinic.session().body["id"], ReportStatus.PENDING)


@pytest.mark.parametrize("call", OPERATIONS.values(), ids=OPERATIONS)
def test_receptionist_is_refused_every_report_operation(clinic: TestClinic, draft: str, call: Call) -> None:
    refused = call(clinic.receptionist, draft, '"1"').refused(403, "forbidden")
    missing = call(clinic.receptionist, f"{new_id()}-{new_id(10)}-r1", '"1"')

    assert without_trace(refused) == without_trace(missing)
    assert b"Sleeps" not in refused.content


@pytest.mark.parametrize("call", OPERATIONS.values(), ids=OPERATIONS)
def test_stranger_gets_the_same_problem_for_a_report_and_a_missing_one(
    clinic: TestClinic, other_clinic: TestClinic, draft: str, call: Call
) -> None:
    for stranger in (clinic.other_doctor, other_clinic.doctor):
        refused = call(stranger, draft, '"1"').refused(404, "not-found")
        missing = call(stranger, f"{new_id()}-{new_id(10)}-r1", '"1"').refused(404, "not-found")

        assert without_trace(refused) == without_trace(missing)


def test_report_is_read_by_its_doctor_and_an_admin(clinic: TestClinic, draft: str) -> None:
    read = clinic.doctor.get(f"/reports/{draft}").ok()
    seen = clinic.admin.get(f"/reports/{draft}").ok()

    assert read.body == seen.body
    assert read.etag == '"1"'
    assert [statement["text"] for statement in read.body["statements"]] == ["Sleeps badly since March."]
    assert "record_key" not in read.body


def test_doctor_of_a_shared_patient_reads_and_does_not_sign(clinic: TestClinic, report: str) -> None:
    patient = report.partition("-")[0]
    alter(clinic, f"patients/{patient}", {"shared_with": [clinic.other_doctor.user_id]})
    clinic.other_doctor.put("/profile", {"first_name": "Ravi", "last_name": "Menon"}).ok()

    clinic.other_doctor.get(f"/reports/{report}").ok()
    clinic.other_doctor.post(f"/reports/{report}/sign", {}, etag='"1"').refused(403, "forbidden")

    assert clinic.doctor.get(f"/reports/{report}").ok().body["status"] == "completed"


def test_admin_without_doctor_role_corrects_and_does_not_sign(clinic: TestClinic, report: str) -> None:
    corrected = clinic.admin.put(f"/reports/{report}", correction("Sleeps well."), etag='"1"').ok()
    clinic.admin.post(f"/reports/{report}/sign", {}, etag=corrected.etag).refused(403, "forbidden")

    assert corrected.body["statements"][0]["author_id"] == clinic.admin.user_id


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize(
    ("etag", "status", "problem"),
    [("", 428, "precondition-required"), ('"9"', 412, "stale"), ('"one"', 400, "bad-request")],
)
def test_change_requires_the_current_etag(
    clinic: TestClinic, draft: str, name: str, etag: str, status: int, problem: str
) -> None:
    OPERATIONS[name](clinic.doctor, draft, etag).refused(status, problem)

    assert clinic.doctor.get(f"/reports/{draft}").ok().etag == '"1"'


def test_thirty_concurrent_corrections_with_one_etag_apply_one(clinic: TestClinic, report: str) -> None:
    path = f"/reports/{report}"

    replies = at_once(30, lambda n: clinic.doctor.put(path, correction(f"Version {n}"), etag='"1"'))

    assert statuses(replies) == {200: 1, 412: 29}
    winner = next(reply for reply in replies if reply.status == 200)
    stored = clinic.doctor.get(path).ok()
    assert stored.body == winner.body
    assert len(stored.body["corrections"]) == 1


def test_concurrent_correction_and_signature_never_sign_an_unseen_revision(clinic: TestClinic, report: str) -> None:
    calls: list[Call] = [OPERATIONS["correct"], OPERATIONS["sign"]] * 5

    replies = at_once(10, lambda n: calls[n](clinic.doctor, report, '"1"'))

    assert statuses(replies) in ({200: 1, 412: 9}, {200: 1, 409: 4, 412: 5}, {200: 1, 409: 5, 412: 4})
    assert clinic.doctor.get(f"/reports/{report}").ok().etag == '"2"'


@pytest.mark.parametrize("name", CHANGES)
def test_change_of_a_signed_report_is_a_conflict(clinic: TestClinic, report: str, name: str) -> None:
    signed = clinic.doctor.post(f"/reports/{report}/sign", {}, etag='"1"').ok()

    OPERATIONS[name](clinic.doctor, report, signed.etag).refused(409, "conflict")

    assert clinic.doctor.get(f"/reports/{report}").ok().body == signed.body


@pytest.mark.parametrize("name", ["pdf", *CHANGES])
def test_change_or_pdf_of_a_pending_report_is_a_conflict(clinic: TestClinic, pending: str, name: str) -> None:
    OPERATIONS[name](clinic.doctor, pending, '"1"').refused(409, "conflict")


def test_correction_names_every_impossible_edit(clinic: TestClinic, draft: str) -> None:
    edits = [
        {"statement_id": "s99", "text": "?", "reason": "r"},
        {"section": "nowhere", "text": "?", "reason": "r"},
        {"section": "assessment", "reason": "r"},
        {"statement_id": "s1", "text": "Fine.", "reason": "r"},
    ]

    refused = clinic.doctor.put(f"/reports/{draft}", {"edits": edits}, etag='"1"').refused(422, "invalid")

    assert pointers(refused) == {"/edits/0/statement_id", "/edits/1/section", "/edits/2/text"}
    assert clinic.doctor.get(f"/reports/{draft}").ok().etag == '"1"'


def test_correction_that_changes_nothing_keeps_version_and_review(clinic: TestClinic, report: str) -> None:
    read = clinic.doctor.get(f"/reports/{report}").ok()
    statement = read.body["statements"][0]
    same = {"statement_id": statement["id"], "section": statement["section"], "text": statement["text"], "reason": "r"}

    kept = clinic.doctor.put(f"/reports/{report}", {"edits": [same]}, etag=read.etag).ok()

    assert (kept.etag, kept.body) == (read.etag, read.body)
    assert clinic.doctor.get(f"/reports/{report}").ok().body == read.body


def test_correction_with_an_empty_text_or_an_empty_reason_is_invalid(clinic: TestClinic, draft: str) -> None:
    edits: list[dict[str, str]] = [{"statement_id": "s1", "text": "", "reason": ""}, {"statement_id": "s1", "why": "?"}]

    refused = clinic.doctor.put(f"/reports/{draft}", {"edits": edits}, etag='"1"').refused(422, "invalid")

    assert pointers(refused) == {"/edits/0/text", "/edits/0/reason", "/edits/1/why"}


def test_draft_is_printed_as_pdf(clinic: TestClinic, draft: str) -> None:
    printed = clinic.doctor.pdf(f"/reports/{draft}/pdf").ok()

    assert printed.headers["Content-Type"] == "application/pdf"
    assert printed.headers["Cache-Control"] == "no-store"
    assert printed.etag == '"1"'
    assert printed.content.startswith(b"%PDF-")


def test_concurrent_repetitions_of_a_signature_sign_once(clinic: TestClinic, report: str) -> None:
    path = f"/reports/{report}/sign"

    replies = at_once(6, lambda _: clinic.doctor.post(path, {}, etag='"1"', key="my-signature-of-today"))

    assert statuses(replies) == {200: 6}
    assert len({reply.content for reply in replies}) == 1
    assert replies[0].body["signature"]["signer_id"] == clinic.doctor.user_id
