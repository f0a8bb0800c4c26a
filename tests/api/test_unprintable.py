"""A character without a glyph is refused before a document is issued, and named; drafts may have it."""

from __future__ import annotations

import pytest

from local.services.razorpay import events
from local.stack.stack import Stack
from tests.api.billing.helpers import LINE, act, draft, issued, pay
from tests.api.billing.online_helpers import connect, deliver, now, payment
from tests.support import crashes
from tests.support.client import Reply
from tests.support.clinics import TestClinic, clinic_with_profile
from tests.support.database import end_session, plant_report
from tests.support.problems import pointers
from tests.support.proofs import sign, signed_report
from tests.support.visits import set_clinic

BOX = "\U0001f642"
NAMED = "cannot be printed: U+1F642 SLIGHTLY SMILING FACE"


@pytest.fixture(scope="module")
def clinic(stack: Stack) -> TestClinic:
    return clinic_with_profile(stack)


def unprintable(reply: Reply, *places: str) -> None:
    """The reply refuses these texts, and names the character."""
    body = reply.refused(409, "conflict").body
    assert body["code"] == "characters_not_printable"
    assert pointers(reply) == set(places)
    assert {error["detail"] for error in body["errors"]} == {NAMED}


def named(clinic: TestClinic, patient_id: str, name: str) -> None:
    """Give a patient another first name."""
    path = f"/patients/{patient_id}"
    clinic.doctor.send("PATCH", path, {"first_name": name}, etag=clinic.doctor.get(path).etag).ok()


def corrected(clinic: TestClinic, report: str, text: str) -> str:
    """The ETag of a report after the doctor has written this in it."""
    edit = {"edits": [{"section": "assessment", "text": text}]}
    path = f"/reports/{report}"
    return clinic.doctor.put(path, edit, etag=clinic.doctor.get(path).etag).ok().etag


def test_a_bill_is_issued_once_it_can_be_printed(clinic: TestClinic) -> None:
    patient = clinic.patient().body["id"]
    named(clinic, patient, f"Ananya {BOX}")
    written = draft(clinic, patient=patient, notes=f"Thank you {BOX}").ok(201)
    path = f"/bills/{written.body['id']}"

    unprintable(act(clinic.receptionist, written, "issue"), "/patient/name", "/notes")
    unprintable(clinic.receptionist.get(f"{path}/pdf"), "/patient/name", "/notes")
    unprintable(clinic.receptionist.get(f"/patients/{patient}/statement/pdf"), "/patient/name")

    named(clinic, patient, "Ananya")
    kept = clinic.receptionist.send("PATCH", path, {"notes": "Thank you"}, etag=written.etag).ok()
    assert kept.body["number"] is None
    assert act(clinic.receptionist, kept, "issue").ok().body["number"]


def test_receipts_credit_notes_and_replacements_are_refused_too(clinic: TestClinic) -> None:
    bill = issued(clinic, 1_000)

    unprintable(pay(clinic, bill, 400, reference=f"A-{BOX}"), "/reference")
    unprintable(act(clinic.receptionist, bill, "credit-note", {"amount": 1, "reason": BOX + " x"}), "/reason")
    other = {"line_items": [{**LINE, "description": f"Form {BOX}"}], "reason": "Wrong fee."}
    unprintable(act(clinic.receptionist, bill, "amend", other), "/lines/0/description")

    assert now(clinic, bill).body["outstanding_amount"] == 1_000
    pay(clinic, bill, 400, reference="A-1").ok(201)


def test_money_that_the_provider_has_moved_is_booked_under_the_name_of_the_bill(own_clinic: TestClinic) -> None:
    connect(own_clinic)
    bill = issued(own_clinic, 1_000)
    named(own_clinic, bill.body["patient_id"], f"Ananya {BOX}")

    assert deliver(own_clinic, events.captured(payment(bill, 1_000))) == 204

    (booked,) = now(own_clinic, bill).body["payment_history"]
    path = f"/bills/{bill.body['id']}/documents/{booked['receipt_number']}"
    assert b"<pdfaid:part>" in own_clinic.receptionist.get(path).ok().content, "no character is a box"
    assert b"<pdfaid:part>" in own_clinic.receptionist.get(f"/bills/{bill.body['id']}/pdf").ok().content


def test_a_bill_that_would_be_issued_at_once_stays_a_draft(own_clinic: TestClinic) -> None:
    set_clinic(own_clinic, bill_issue="at_once")
    patient = own_clinic.patient().body["id"]
    named(own_clinic, patient, f"Ananya {BOX}")
    session = own_clinic.session(patient_id=patient)
    own_clinic.doctor.post(f"/sessions/{session.body['id']}/complete", etag=session.etag).ok()

    path = f"/bills/{session.body['id']}-bill"
    bill = own_clinic.until(lambda: own_clinic.doctor.get(path), lambda reply: reply.status == 200)

    assert bill.body["status"] == "draft"
    unprintable(act(own_clinic.receptionist, bill, "issue"), "/patient/name")


def test_a_report_is_signed_once_it_can_be_printed(clinic: TestClinic) -> None:
    report = plant_report(clinic, str(clinic.session().body["id"]))
    etag = corrected(clinic, report, f"Smiles {BOX}.")
    end_session(clinic, report.removesuffix("-r1"))
    clinic.doctor.sign_in()
    path = f"/reports/{report}"

    refused = clinic.doctor.post(f"{path}/sign", {}, etag=etag)
    unprintable(refused, *pointers(refused))
    assert [pointer.partition("/sections/")[0] for pointer in pointers(refused)] == [""]
    unprintable(clinic.doctor.pdf(f"{path}/pdf"), *pointers(refused))
    unprintable(clinic.doctor.post(f"{path}/export", {"formats": ["pdf"]}), *pointers(refused))
    assert clinic.doctor.get(f"{path}/docx").ok().content, "a program that reads it has fonts of its own"

    (changed,) = [one for one in clinic.doctor.get(path).body["statements"] if BOX in one["text"]]
    edit = {"edits": [{"statement_id": changed["id"], "text": "Smiles."}]}
    sign(clinic, report, clinic.doctor.put(path, edit, etag=clinic.doctor.get(path).etag).ok().etag)


def test_what_is_added_to_a_signed_report_can_be_printed(clinic: TestClinic) -> None:
    clinic.doctor.sign_in()
    report = signed_report(clinic)
    path = f"/reports/{report}"
    etag = clinic.doctor.get(path).etag

    added = clinic.doctor.post(f"{path}/addenda", {"text": f"Better.\n{BOX}"}, etag=etag)
    unprintable(added, "/lines/1")
    unprintable(clinic.doctor.post(f"{path}/new-version", {"reason": f"Wrong {BOX}"}, etag=etag), "/reason")
    clinic.doctor.post(f"{path}/addenda", {"text": "Better."}, etag=etag).ok(201)


def test_an_export_of_a_draft_that_got_a_strange_character_meanwhile_fails_with_the_reason(clinic: TestClinic) -> None:
    report = plant_report(clinic, str(clinic.session().body["id"]))
    with crashes.paused(clinic.stack, "exports"):
        asked = clinic.doctor.post(f"/reports/{report}/export", {"formats": ["pdf"]}).ok(202).body
        corrected(clinic, report, f"Smiles {BOX}.")
    crashes.converge(clinic.stack)

    found = clinic.doctor.get(f"/reports/{report}/exports/{asked['id']}").ok().body
    assert (found["status"], found["error_code"]) == ("failed", "characters_not_printable")
