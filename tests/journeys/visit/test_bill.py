"""The bill of the session, its payments, and its PDF."""

from __future__ import annotations

from datetime import date, timedelta

from local.demo.seed import SETTINGS
from tests.journeys.visit.pdf_text import printed_text, without_spaces
from tests.support.clinics import TestClinic
from tests.support.journey import DOCTOR_NAME, PARTIAL, PATIENT, Journey

FOLLOW_UP_FEE = 120_000
"""Paise."""


def test_completed_session_is_billed_by_the_fees_of_the_clinic(journey: Journey) -> None:
    completed, bill = journey.body("complete session"), journey.body("read bill")

    bill_date = date.fromisoformat(bill["bill_date"])
    assert completed["status"] == "completed"
    assert (bill["status"], bill["currency"], bill["total_amount"]) == ("pending", "INR", FOLLOW_UP_FEE)
    assert [item["description"] for item in bill["line_items"]] == ["Follow-up, up to 30 minutes"]
    assert bill["number"] == f"BOS-{bill_date:%Y%m}-000001"
    assert date.fromisoformat(bill["due_date"]) == bill_date + timedelta(days=SETTINGS["payment_days"])


def test_bill_numbers_have_no_gap(journey: Journey, second_journey: Journey) -> None:
    first, second = (visit.body("read bill")["number"] for visit in (journey, second_journey))

    assert int(second[-6:]) == int(first[-6:]) + 1


def test_bill_accepts_payments_up_to_its_outstanding_amount(journey: Journey) -> None:
    part, rest = journey.body("pay part"), journey.body("pay rest")

    assert (part["status"], part["outstanding_amount"]) == ("partially_paid", FOLLOW_UP_FEE - PARTIAL)
    journey.replies["pay too much"].refused(422, "invalid")
    assert (rest["status"], rest["outstanding_amount"]) == ("paid", 0)
    assert [payment["amount"] for payment in rest["payment_history"]] == [PARTIAL, FOLLOW_UP_FEE - PARTIAL]


def test_pdf_of_a_bill_has_number_patient_lines_and_payments(journey: Journey) -> None:
    bill, printed = journey.body("pay rest"), printed_text(journey.replies["export bill"])

    for expected in (
        bill["number"],
        "Follow-up, up to 30 minutes",
        DOCTOR_NAME,
        SETTINGS["name"],
        PATIENT["last_name"],
    ):
        assert without_spaces(str(expected)) in printed
    assert "1,200.00" in printed
    assert "500.00" in printed


def test_session_without_a_fee_creates_a_draft_that_needs_pricing(clinic: TestClinic) -> None:
    started = clinic.session(type="emergency")
    path = f"/sessions/{started.body['id']}"
    clinic.doctor.post(f"{path}/complete", key="", etag=started.etag).ok()

    bill_path = f"/bills/{started.body['id']}-bill"
    bill = clinic.until(lambda: clinic.receptionist.get(bill_path), lambda reply: reply.status == 200)

    assert (bill.body["status"], bill.body["needs_pricing"], bill.body["number"]) == ("draft", True, None)
    assert (bill.body["total_amount"], bill.body["line_items"]) == (0, [])
    payment = {"amount": 100, "method": "cash"}
    clinic.receptionist.post(f"{bill_path}/payment", payment, etag=bill.etag).refused(409, "conflict")
