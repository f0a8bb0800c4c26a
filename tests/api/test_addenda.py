"""Addenda: a signed report stays as it is, and what a doctor adds to it has a signature of its own."""

from __future__ import annotations

import io
import json

import pytest
from pypdf import PdfReader

from local.stack.stack import Stack
from shared.records.reports.addenda import MOST_ADDENDA, ReportAddenda
from shared.store.clinic import system_clinic
from shared.store.unit_of_work import UnitOfWork
from tests.support.audit import audit_of, new_trace
from tests.support.client import ApiClient, Reply
from tests.support.clinics import TestClinic, clinic_with_profile
from tests.support.concurrency import at_once, statuses
from tests.support.database import alter, plant_report
from tests.support.problems import pointers
from tests.support.proofs import put_back, raw, signed_report
from tests.support.scenarios import signed_in_earlier
from tools import google_firestore, verify_report

TEXT = "TSH of 16 September: 2.1 mIU/L, normal.\nThe dose stays."


@pytest.fixture(scope="module")
def clinic(stack: Stack) -> TestClinic:
    """One clinic for all tests of the file."""
    return clinic_with_profile(stack)


@pytest.fixture
def report(clinic: TestClinic) -> str:
    clinic.doctor.sign_in()
    return signed_report(clinic)


def add(clinic: TestClinic, report: str, text: str = TEXT, *, by: ApiClient | None = None, **more: str) -> Reply:
    """The reply to a new addendum, by default of the doctor; `more` are the key and the ETag."""
    etag = more.pop("etag", "") or clinic.admin.get(f"/reports/{report}").ok().etag
    return (by or clinic.doctor).post(f"/reports/{report}/addenda", {"text": text}, etag=etag, **more)


def verified(reply: Reply) -> verify_report.Result:
    """The offline verification of a signed copy, with the public key that it has: tests have no other."""
    content = reply.ok().content
    return verify_report.verify(content, json.loads(content)["public_key"].encode())


def text_of(pdf: Reply) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf.ok().content)).pages)


def test_an_addendum_stands_on_every_rendering_and_the_report_stays(clinic: TestClinic, report: str) -> None:
    path, (trace, header) = f"/reports/{report}", new_trace()
    before, copy = clinic.doctor.get(path).ok(), clinic.doctor.get(f"{path}/signed").ok().body

    first = clinic.doctor.post(f"{path}/addenda", {"text": TEXT}, etag=before.etag, **header).ok(201)
    second = add(clinic, report, "She was told by telephone.").ok(201)

    read = clinic.doctor.get(path).ok()
    assert read.body == second.body
    assert [one["number"] for one in read.body["addenda"]] == [1, 2]
    assert read.body["addenda"][:1] == first.body["addenda"]
    assert (read.body["addenda"][0]["text"], read.body["addenda"][0]["signature"]["meaning"]) == (TEXT, "author")
    changing = {"addenda", "addenda_count", "amended_at", "revision", "updated_at", "updated_by"}
    assert {name for name, value in read.body.items() if before.body[name] != value} <= changing
    assert clinic.doctor.get(f"{path}/addenda").ok().body["addenda"] == read.body["addenda"]
    copied = clinic.doctor.get(f"{path}/signed").ok()
    assert {**copied.body, "addenda": []} == copy
    result = verified(copied)
    assert result.problems == []
    assert [one["text"] for one in result.addenda] == [TEXT, "She was told by telephone."]
    printed = text_of(clinic.doctor.pdf(f"{path}/pdf"))
    assert all(words in printed for words in ("Addendum 1", "Addendum 2", "The dose stays."))
    (entry,) = audit_of(clinic, trace)
    assert (entry["action"], entry["outcome"]) == ("report.amend", "done")


def test_a_repeated_request_adds_once(clinic: TestClinic, report: str) -> None:
    etag = clinic.doctor.get(f"/reports/{report}").ok().etag

    first, again = (add(clinic, report, key="add-once-key", etag=etag).ok(201) for _ in range(2))

    assert again.headers["Idempotent-Replayed"] == "true"
    assert first.body == again.body
    assert clinic.doctor.get(f"/reports/{report}").ok().body["addenda_count"] == 1


def test_of_two_at_once_one_is_stale(clinic: TestClinic, report: str) -> None:
    etag = clinic.doctor.get(f"/reports/{report}").ok().etag

    replies = at_once(2, lambda number: add(clinic, report, f"Addendum {number}", etag=etag))

    assert statuses(replies) == {201: 1, 412: 1}
    assert clinic.doctor.get(f"/reports/{report}").ok().body["addenda_count"] == 1


def test_who_adds_and_when(clinic: TestClinic, other_clinic: TestClinic, report: str) -> None:
    etag = clinic.doctor.get(f"/reports/{report}").ok().etag
    body = {"doctor_id": clinic.other_doctor.user_id, "level": "write"}
    shared = clinic.doctor.post(f"/reports/{report}/share", body, etag=etag).ok()

    add(clinic, report, by=clinic.other_doctor, etag=shared.etag).refused(403, "forbidden")
    add(clinic, report, by=clinic.admin, etag=shared.etag).refused(403, "forbidden")
    add(clinic, report, by=clinic.receptionist, etag=shared.etag).refused(403, "forbidden")
    add(clinic, report, by=other_clinic.doctor, etag=shared.etag).refused(404, "not-found")
    add(clinic, report, etag=etag).refused(412, "stale")
    clinic.doctor.post(f"/reports/{report}/addenda", {"text": TEXT}).refused(428, "precondition-required")
    clinic.doctor.post(f"/reports/{report}/addenda", {"text": TEXT}, key="", etag=shared.etag).refused(
        400, "bad-request"
    )
    for text in ("", " \n ", "x" * 5_001):
        assert pointers(add(clinic, report, text, etag=shared.etag).refused(422, "invalid")) == {"/text"}
    signed_in_earlier(clinic, clinic.doctor, seconds_ago=330)
    add(clinic, report, etag=shared.etag).refused(401, "fresh-sign-in-required")
    clinic.doctor.sign_in()

    assert clinic.doctor.get(f"/reports/{report}").ok().etag == shared.etag
    assert clinic.other_doctor.get(f"/reports/{report}/addenda").ok().body["addenda"] == []


def test_a_draft_is_corrected_and_takes_no_addendum(clinic: TestClinic) -> None:
    report = plant_report(clinic, str(clinic.session().body["id"]))

    refused = add(clinic, report).refused(409, "conflict")

    assert refused.body["code"] == "report_not_signed"
    assert clinic.doctor.get(f"/reports/{report}/addenda").ok().body["addenda"] == []


def test_a_report_has_a_limited_number_of_addenda(clinic: TestClinic, report: str) -> None:
    add(clinic, report).ok(201)

    def fill(work: UnitOfWork) -> None:
        one = work.get(ReportAddenda.ref(report))
        work.save(one.amended(signed=one.signed * MOST_ADDENDA))

    system_clinic(clinic.id, "planted").perform("report.amend", fill)
    alter(clinic, f"reports/{report}", {"addenda_count": MOST_ADDENDA})

    # The bound comes before the verification, which would find that these are copies.
    assert add(clinic, report, etag='"3"').refused(409, "conflict").body["code"] == "too_many_addenda"


@pytest.mark.parametrize("fault", ["swapped", "exchanged", "missing", "deleted", "altered"])
def test_an_altered_addendum_is_refused(clinic: TestClinic, report: str, fault: str) -> None:
    other = signed_report(clinic, patient_id=report.partition("-")[0])
    for one in (report, report, other):
        add(clinic, one).ok(201)

    def change(work: UnitOfWork) -> None:
        mine, others = work.get(ReportAddenda.ref(report)), work.get(ReportAddenda.ref(other))
        first, second = mine.signed
        bytes_ = {
            "swapped": [others.signed[0], second],
            "exchanged": [second, first],
            "missing": [first],
            "deleted": [second],
            "altered": [first.model_copy(update={"canonical": first.canonical.replace("normal", "raised")}), second],
        }[fault]
        work.save(mine.amended(signed=bytes_))

    system_clinic(clinic.id, "forged").perform("report.amend", change)
    if fault == "deleted":
        alter(clinic, f"reports/{report}", {"addenda_count": 1})

    for path in ("", "/addenda", "/signed", "/pdf"):
        clinic.doctor.get(f"/reports/{report}{path}").refused(500, "signature-invalid")
    add(clinic, report, etag='"4"').refused(500, "signature-invalid")


def test_addenda_that_are_gone_are_missed(clinic: TestClinic, report: str) -> None:
    add(clinic, report).ok(201)
    document = f"reports/{report}/bodies/addenda"
    kept = raw(clinic, document)

    alter(clinic, document, {"live": False})
    assert len(clinic.doctor.get(f"/reports/{report}").ok().body["addenda"]) == 1, "a mark deletes no signature"
    google_firestore.client().document(f"clinics/{clinic.id}/{document}").delete()

    clinic.doctor.get(f"/reports/{report}").refused(500, "signature-invalid")
    put_back(clinic, document, kept)
    clinic.doctor.get(f"/reports/{report}").ok()
