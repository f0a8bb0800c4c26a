"""The statement of account of a patient: all of it or none, in a period, on paper in the patient's language."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from typing import Any

from pypdf import PdfReader

from shared.records.billing.statement import MOST_STATED
from tests.api.billing.helpers import act, draft, issued, pay
from tests.support.call_counts import calls_when_repeated, commit, query, reads
from tests.support.client import Reply
from tests.support.clinics import TestClinic
from tests.support.problems import pointers
from tools import google_firestore


def statement(clinic: TestClinic, patient: str, period: str = "") -> Any:
    return clinic.receptionist.get(f"/patients/{patient}/statement{period}").ok().body


def account(clinic: TestClinic, patient: str, period: str = "") -> dict[str, Any]:
    (found,) = statement(clinic, patient, period)["accounts"]
    result: dict[str, Any] = found
    return result


def rows(found: dict[str, Any]) -> list[tuple[str, int, int]]:
    return [(entry["entry_kind"], entry["amount"], entry["balance"]) for entry in found["entries"]]


def billed(clinic: TestClinic) -> tuple[str, Reply]:
    """A patient with a bill of 1,000 that was paid in part yesterday, and another bill of 500."""
    patient = clinic.patient().body["id"]
    bill = issued(clinic, 1_000, patient=patient)
    yesterday = (date.fromisoformat(bill.body["bill_date"]) - timedelta(1)).isoformat()
    paid = pay(clinic, bill, 400, received_on=yesterday).ok(201)
    issued(clinic, 500, patient=patient)
    draft(clinic, 900, patient=patient).ok(201)
    return patient, paid


def test_a_statement_has_every_entry_of_every_bill_by_day(clinic: TestClinic) -> None:
    patient, paid = billed(clinic)
    act(clinic.receptionist, paid, "credit-note", {"amount": 100, "reason": "Shorter."}).ok(201)

    found = account(clinic, patient)

    assert rows(found) == [
        ("payment", -400, -400),
        ("charge", 1_000, 600),
        ("charge", 500, 1_100),
        ("credit", -100, 1_000),
    ]
    assert (found["opening_balance"], found["closing_balance"], found["currency"]) == (0, 1_000, "INR")
    assert found["aged"] == {
        "not_due": 1_000,
        "overdue_1_to_30": 0,
        "overdue_31_to_60": 0,
        "overdue_61_to_90": 0,
        "overdue_over_90": 0,
        "credit": 0,
    }
    assert found["entries"][1]["bill_number"] == paid.body["number"]
    assert found["entries"][0]["document"] == paid.body["payment_history"][0]["receipt_number"]


def test_a_period_opens_with_what_was_before_it(clinic: TestClinic) -> None:
    patient, paid = billed(clinic)
    day = date.fromisoformat(paid.body["bill_date"])

    today = account(clinic, patient, f"?first_day={day}&last_day={day}")
    before = account(clinic, patient, f"?last_day={day - timedelta(1)}")

    assert (today["opening_balance"], [amount for _, amount, _ in rows(today)]) == (-400, [1_000, 500])
    assert (before["closing_balance"], before["aged"]["credit"]) == (-400, 400)


def test_a_patient_without_bills_has_no_account(clinic: TestClinic) -> None:
    patient = clinic.patient().body["id"]

    found = statement(clinic, patient)

    assert (found["accounts"], found["patient"]["id"]) == ([], patient)
    assert clinic.receptionist.get(f"/patients/{patient}/statement/pdf").ok().content.startswith(b"%PDF-")


def test_a_wrong_period_is_refused(clinic: TestClinic) -> None:
    patient = clinic.patient().body["id"]

    for period, wrong in (
        ("?first_day=2026-02-01&last_day=2026-01-31", {""}),
        ("?first_day=2199-01-01", {"first_day"}),
        ("?first_day=yesterday&last_day=1700-01-01", {"first_day", "last_day"}),
    ):
        for suffix in ("", "/pdf"):
            refused = clinic.receptionist.get(f"/patients/{patient}/statement{suffix}{period}")
            assert pointers(refused.refused(422, "invalid")) == wrong


def test_strangers_get_no_statement(clinic: TestClinic, other_clinic: TestClinic) -> None:
    patient, _ = billed(clinic)

    for stranger in (clinic.other_doctor, other_clinic.admin):
        for suffix in ("", "/pdf"):
            stranger.get(f"/patients/{patient}/statement{suffix}").refused(404, "not-found")
    assert clinic.doctor.get(f"/patients/{patient}/statement").ok().body["accounts"]


def test_a_ledger_that_is_too_long_is_refused_and_not_cut(own_clinic: TestClinic) -> None:
    bill = issued(own_clinic, 1_000)
    patient, client = bill.body["patient_id"], google_firestore.client()
    ledger = client.collection("clinics", own_clinic.id, "ledger")
    entry = ledger.document(f"{bill.body['id']}-e1").get().to_dict() or {}
    for start in range(0, MOST_STATED, 250):
        batch = client.batch()
        for number in range(start, start + 250):
            batch.set(ledger.document(f"{bill.body['id']}-x{number}"), entry)
        batch.commit()

    for suffix in ("", "/pdf"):
        refused = own_clinic.receptionist.get(f"/patients/{patient}/statement{suffix}").refused(409, "conflict")
        assert refused.body["code"] == "statement_too_long"


def test_the_paper_is_in_the_patients_language_under_the_clinics_letterhead(clinic: TestClinic) -> None:
    patient, _ = billed(clinic)
    path = f"/patients/{patient}"
    language = {"preferred_language": "hi"}

    english = clinic.receptionist.get(f"{path}/statement/pdf").ok()
    clinic.doctor.send("PATCH", path, language, etag=clinic.doctor.get(path).etag).ok()
    hindi = clinic.receptionist.get(f"{path}/statement/pdf").ok()

    text = PdfReader(BytesIO(english.content)).pages[0].extract_text()
    for part in (
        "Statement of Account",
        "Opening balance ₹0.00",
        "Closing balance ₹11.00",
        "Not yet due ₹11.00",
        "BOS-",
    ):
        assert part in text
    assert "statement-PAT-" in english.headers["Content-Disposition"]
    metadata = PdfReader(BytesIO(hindi.content)).metadata
    assert metadata is not None
    assert str(metadata.title).startswith("खाता विवरण (Statement of Account)")


def test_a_statement_reads_all_entries_and_all_bills_at_once(clinic: TestClinic) -> None:
    patient, _ = billed(clinic)

    for suffix in ("", "/pdf"):
        calls = calls_when_repeated(
            clinic,
            "patients",
            lambda suffix=suffix: clinic.receptionist.get(f"/patients/{patient}/statement{suffix}").ok(),  # type: ignore[misc]
        )
        assert calls == [reads(3), query(3), reads(2), commit(2)]
