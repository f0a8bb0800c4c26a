"""The ledger over HTTP: payments, reversals, refunds, credits, claims and amendments, each booked once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from shared.records.billing.bill import Bill
from shared.records.billing.payments import PaymentMethod
from shared.records.money import MOST
from shared.records.types import local_date
from shared.render.formats import money
from tests.api.billing.helpers import LINE, act, altered, draft, entries, issued, pay
from tests.journeys.visit.pdf_text import printed_text
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once, statuses
from tests.support.free_times import free_time
from tests.support.problems import pointers
from tests.support.visits import set_clinic


def test_every_booking_is_an_entry_and_the_account_follows(clinic: TestClinic) -> None:
    bill = issued(clinic, 150_000)

    part = pay(clinic, bill, 50_000).ok(201)
    credited = act(clinic.receptionist, part, "credit-note", {"amount": 20_000, "reason": "Shorter."}).ok(201)
    back = act(
        clinic.receptionist, credited, "refund", {"amount": 10_000, "method": "cash", "reason": "Paid too much."}
    ).ok(201)
    rest = act(clinic.receptionist, back, "write-off", {"reason": "Hardship."}).ok()

    assert entries(clinic, bill) == [
        ("charge", 150_000),
        ("payment", 50_000),
        ("credit", 20_000),
        ("credit", 10_000),
        ("refund", 10_000),
        ("write_off", 80_000),
    ]
    assert (rest.body["status"], rest.body["outstanding_amount"], rest.body["paid_amount"]) == ("paid", 0, 40_000)


def test_receipts_and_credit_notes_have_their_own_numbers_and_print_as_issued(own_clinic: TestClinic) -> None:
    bill = issued(own_clinic, 100_000)
    first = pay(own_clinic, bill, 40_000, method="upi", reference="UPI 1").ok(201)
    second = pay(own_clinic, first, 10_000).ok(201)
    credited = act(own_clinic.receptionist, second, "credit-note", {"amount": 5_000, "reason": "Shorter."}).ok(201)

    numbers = [one["receipt_number"] for one in second.body["payment_history"]]
    receipt = own_clinic.receptionist.get(f"/bills/{bill.body['id']}/documents/{numbers[0]}").ok()
    path = f"/patients/{bill.body['patient_id']}"
    renamed = {"last_name": "Later"}
    own_clinic.doctor.send("PATCH", path, renamed, etag=own_clinic.doctor.get(path).etag).ok()
    again = own_clinic.receptionist.get(f"/bills/{bill.body['id']}/documents/e2").ok()

    assert [number[-6:] for number in numbers] == ["000001", "000002"]
    assert receipt.content == again.content
    text = PdfReader(BytesIO(receipt.content)).pages[0].extract_text()
    for part in (numbers[0], bill.body["number"], "₹400.00", "UPI 1", "Rupees Four Hundred Only", "Outstanding"):
        assert part in text
    note = own_clinic.receptionist.get(f"/bills/{credited.body['id']}/documents/e4").ok()
    assert "CRN-" in note.headers["Content-Disposition"]
    other = issued(own_clinic, 100)
    own_clinic.receptionist.get(f"/bills/{other.body['id']}/documents/{numbers[0]}").refused(404, "not-found")


def test_one_transfer_is_booked_once_until_it_is_reversed(clinic: TestClinic) -> None:
    bill, other = issued(clinic, 100_000), issued(clinic, 100_000)
    first = pay(clinic, bill, 50_000, method="upi", reference="UPI-4411").ok(201)

    for again in ("UPI-4411", "upi 4411", "ＵＰＩ4411"):
        refused = pay(clinic, other, 50_000, method="upi", reference=again).refused(409, "conflict")
        assert (refused.body["code"], pointers(refused)) == ("payment_reference_used", {"/reference"})
    pay(clinic, other, 1, method="cheque", reference="UPI-4411").ok(201)
    bounced = {"reason": "Returned.", "cause": "bounced"}
    back = act(clinic.receptionist, first, "payments/e2/reverse", bounced).ok()

    assert (back.body["status"], back.body["outstanding_amount"]) == ("pending", 100_000)
    assert pay(clinic, back, 50_000, method="upi", reference="UPI-4411").ok(201).body["paid_amount"] == 50_000


@pytest.mark.parametrize("method", [one for one in PaymentMethod if one != PaymentMethod.INSURANCE])
def test_one_reference_of_a_method_is_booked_on_one_bill_of_many_at_once(clinic: TestClinic, method: str) -> None:
    patient = clinic.silent_patient().body["id"]
    bills = [issued(clinic, 1_000, patient=patient) for _ in range(4)]
    reference = f"{method.upper()}/2026 77-x"

    replies = at_once(4, lambda at: pay(clinic, bills[at], 400, method=method, reference=reference))

    assert statuses(replies) == {201: 1, 409: 3}
    assert {one.body["code"] for one in replies if one.status == 409} == {"payment_reference_used"}
    seen = [clinic.receptionist.get(f"/bills/{one.body['id']}").ok().body["paid_amount"] for one in bills]
    assert sorted(seen) == [0, 0, 0, 400]
    other = issued(clinic, 1_000, patient=patient)
    again = pay(clinic, pay(clinic, other, 1, method=method).ok(201), 1, method=method).ok(201)
    assert again.body["paid_amount"] == 2, "payments without a reference are not the same"


@pytest.mark.parametrize("cause", ["bounced", "charged_back", "entered_in_error"])
@pytest.mark.parametrize(
    ("before", "status"), [([], "pending"), ([70_000], "partially_paid"), ([1, 99_999], "partially_paid")]
)
def test_what_the_clinic_did_not_get_is_owed_again_and_both_entries_stay(
    clinic: TestClinic, before: list[int], status: str, cause: str
) -> None:
    bill = issued(clinic, 240_000)
    for amount in before:
        bill = pay(clinic, bill, amount).ok(201)
    left = 240_000 - sum(before)
    whole = pay(clinic, bill, left, method="cheque", reference=f"000123 {bill.body['id']}").ok(201)
    reversal = {"reason": "Returned.", "cause": cause}

    back = act(clinic.receptionist, whole, f"payments/e{len(before) + 2}/reverse", reversal).ok()

    assert (whole.body["status"], back.body["status"]) == ("paid", status)
    assert (back.body["outstanding_amount"], back.body["paid_amount"]) == (left, sum(before))
    assert entries(clinic, bill)[-2:] == [("payment", left), ("reversal", left)]
    assert [one["amount"] for one in back.body["payment_history"]] == [*before, left]
    assert back.body["payment_history"][-1]["reversal"]["cause"] == cause
    text = printed_text(clinic.receptionist.get(f"/bills/{bill.body['id']}/pdf").ok())
    returned = [word for word in ("Bounced", "Chargedback") if word in text]
    assert returned == {"bounced": ["Bounced"], "charged_back": ["Chargedback"]}.get(cause, [])
    printed = money(left, "INR").removeprefix("₹")
    assert text.count(f"−{printed}") == len(returned), "the return, beside the cheque"
    assert f"Outstanding₹{printed}" in text


@pytest.mark.parametrize(
    ("steps", "most"),
    [
        ([], 0),
        ([("payment", {"amount": 80_000, "method": "upi"})], 80_000),
        ([("payment", {"amount": 80_000, "method": "upi"}), ("payment", {"amount": 10_000, "method": "cash"})], 90_000),
        (
            [
                ("payment", {"amount": 80_000, "method": "upi"}),
                ("refund", {"amount": 30_000, "method": "upi", "reason": "x"}),
            ],
            50_000,
        ),
        ([("payment", {"amount": 80_000, "method": "upi"}), ("payments/e2/reverse", {"reason": "x"})], 0),
        ([("credit-note", {"amount": 40_000, "reason": "x"}), ("payment", {"amount": 9, "method": "cash"})], 9),
        ([("payment", {"amount": 200_000, "method": "cash", "keep_excess_as_credit": True})], 200_000),
        ([("write-off", {"amount": 99_000, "reason": "x"}), ("payment", {"amount": 500, "method": "cash"})], 500),
    ],
)
def test_a_refund_is_of_what_was_paid_and_not_of_a_unit_more(
    clinic: TestClinic, steps: list[tuple[str, dict[str, Any]]], most: int
) -> None:
    bill = issued(clinic, 100_000)
    for action, body in steps:
        bill = act(clinic.receptionist, bill, action, body)
    refund = {"amount": most + 1, "method": "cash", "reason": "Not given."}

    refused = act(clinic.receptionist, bill, "refund", refund).refused(422, "invalid")

    assert pointers(refused) == {"/amount"}
    if most:
        back = act(clinic.receptionist, bill, "refund", {**refund, "amount": most}).ok(201).body
        assert back["paid_amount"] == 0
        assert back["outstanding_amount"] == bill.body["outstanding_amount"], "a refund makes nobody owe"
        assert back["status"] == ("pending" if back["outstanding_amount"] else "refunded")


@pytest.mark.parametrize(
    ("paid", "credit", "status", "owed", "credited"),
    [
        (100_000, 140_000, "paid", 0, 0),
        (100_000, 139_999, "partially_paid", 1, 0),
        (100_000, 140_001, "paid", 0, 1),
        (0, 240_000, "paid", 0, 0),
        (0, 10_000, "pending", 230_000, 0),
        (240_000, 240_000, "paid", 0, 240_000),
    ],
)
def test_the_state_after_a_credit_note_is_that_of_the_amounts(
    clinic: TestClinic, paid: int, credit: int, status: str, owed: int, credited: int
) -> None:
    bill = issued(clinic, 240_000)
    if paid:
        bill = pay(clinic, bill, paid).ok(201)

    after = act(clinic.receptionist, bill, "credit-note", {"amount": credit, "reason": "Shorter."}).ok(201).body

    assert (after["status"], after["outstanding_amount"], after["credit_amount"]) == (status, owed, credited)


def test_sums_of_a_bill_stay_within_the_largest_amount(clinic: TestClinic) -> None:
    """What a person types too long, such as a card number, is refused by name."""
    bill = pay(clinic, issued(clinic, 10), 5).ok(201)
    most = MOST - 5

    refused = pay(clinic, bill, most + 1, keep_excess_as_credit=True).refused(422, "invalid")
    paid = pay(clinic, bill, most, keep_excess_as_credit=True).ok(201)
    back = act(clinic.receptionist, paid, "refund", {"amount": MOST, "method": "cash", "reason": "Typed wrong."}).ok(
        201
    )
    owed = act(clinic.receptionist, back, "payments/e3/reverse", {"reason": "Typed wrong."}).ok()
    again = pay(clinic, owed, most, keep_excess_as_credit=True).ok(201)

    assert pointers(refused) == {"/amount"}
    assert again.body["paid_amount"] == 0


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Asia/Kolkata", "Pacific/Pago_Pago"])
def test_today_and_yesterday_are_days_of_the_clinic(own_clinic: TestClinic, zone: str) -> None:
    set_clinic(own_clinic, time_zone=zone)
    today = local_date(datetime.now(UTC), zone)
    bill = issued(own_clinic, 1_000)
    yesterday, tomorrow = (today + timedelta(days=days) for days in (-1, 1))

    pay(own_clinic, bill, 1, received_on=tomorrow.isoformat()).refused(422, "invalid")
    first = pay(own_clinic, bill, 300, received_on=yesterday.isoformat()).ok(201)
    second = pay(own_clinic, first, 300, received_on=today.isoformat()).ok(201)
    refund = {"amount": 100, "method": "cash", "reason": "x"}
    act(own_clinic.receptionist, second, "refund", {**refund, "paid_on": tomorrow.isoformat()}).refused(422, "invalid")
    act(own_clinic.receptionist, second, "refund", {**refund, "paid_on": yesterday.isoformat()}).ok(201)

    ledger = own_clinic.receptionist.get(f"/bills/{bill.body['id']}/ledger").ok().body["items"]
    days = [(one["entry_kind"], one["day"]) for one in sorted(ledger, key=lambda one: one["sequence"])]
    assert days == [
        ("charge", today.isoformat()),
        ("payment", yesterday.isoformat()),
        ("payment", today.isoformat()),
        ("credit", today.isoformat()),
        ("refund", yesterday.isoformat()),
    ]
    assert bill.body["bill_date"] == today.isoformat()
    receipt = own_clinic.receptionist.get(f"/bills/{bill.body['id']}/documents/e2").ok()
    assert f"{yesterday.day}{yesterday:%B%Y}" in printed_text(receipt)


def test_a_payment_can_be_of_yesterday_and_not_of_tomorrow(clinic: TestClinic) -> None:
    bill = issued(clinic, 100)
    day = date.fromisoformat(bill.body["bill_date"])

    for wrong in (day + timedelta(days=2), day - timedelta(days=400)):
        refused = pay(clinic, bill, 1, received_on=wrong.isoformat()).refused(422, "invalid")
        assert pointers(refused) == {"/received_on"}
    yesterday = (day - timedelta(days=1)).isoformat()
    paid = pay(clinic, bill, 1, received_on=yesterday).ok(201)

    assert paid.body["payment_history"][0]["received_on"] == yesterday


def test_a_credit_is_used_for_another_bill_of_the_patient(clinic: TestClinic) -> None:
    patient = clinic.patient().body["id"]
    source = pay(clinic, issued(clinic, 1_000, patient=patient), 2_000, keep_excess_as_credit=True).ok(201)
    target, strange = issued(clinic, 5_000, patient=patient), issued(clinic, 5_000)

    used = act(clinic.receptionist, target, "use-credit", {"from_bill_id": source.body["id"]}).ok()

    assert (source.body["credit_amount"], used.body["outstanding_amount"]) == (1_000, 4_000)
    assert clinic.receptionist.get(f"/bills/{source.body['id']}").ok().body["credit_amount"] == 0
    for wrong in (strange, source):
        refused = act(clinic.receptionist, strange, "use-credit", {"from_bill_id": wrong.body["id"]})
        assert pointers(refused.refused(422, "invalid")) == {"/from_bill_id"}


def test_a_rejected_claim_is_the_patients_again(clinic: TestClinic) -> None:
    bill = issued(clinic, 150_000)
    claim = {"provider": "Star", "covered_amount": 100_000, "copay_amount": 20_000, "deductible_amount": 30_000}

    too_much = act(clinic.receptionist, bill, "claim", {**claim, "copay_amount": 20_001}).refused(422, "invalid")
    claimed = act(clinic.receptionist, bill, "claim", claim).ok(201)
    act(clinic.receptionist, claimed, "claim", claim).refused(409, "conflict")
    rejected = act(clinic.receptionist, claimed, "claim/decision", {"state": "rejected", "reason": "Lapsed."}).ok()

    assert pointers(too_much) == {"/copay_amount"}
    assert claimed.body["insurance"]["patient_responsibility"] == 50_000
    assert rejected.body["insurance"]["patient_responsibility"] == 150_000
    assert entries(clinic, bill) == [("charge", 150_000), ("insurance", 100_000), ("transfer", 100_000)]
    assert act(clinic.receptionist, rejected, "claim", claim).ok(201).body["insurance"]["state"] == "submitted"


@pytest.mark.parametrize(
    ("noted", "sent", "copay"),
    [(20_000, {}, 20_000), (20_000, {"copay_amount": 0}, 0), (20_000, {"copay_amount": 500}, 500), (None, {}, 0)],
)
def test_the_copay_of_a_claim_is_that_of_the_appointment_unless_it_names_one(
    clinic: TestClinic, noted: int | None, sent: dict[str, int], copay: int
) -> None:
    bill = issued(clinic, 150_000)
    appointment = {"patient_id": bill.body["patient_id"], "doctor_id": clinic.doctor.user_id, "copay_amount": noted}
    times = {"scheduled_at": free_time(), "outside_schedule": True}
    booked = clinic.receptionist.post("/appointments", {**appointment, **times}).ok(201).body["id"]
    altered(clinic, Bill, bill.body["id"], appointment_id=booked)

    all_of_it = {"provider": "Star", "covered_amount": 150_000, **sent}
    if copay:
        assert pointers(act(clinic.receptionist, bill, "claim", all_of_it).refused(422, "invalid")) == {"/copay_amount"}
    claimed = act(clinic.receptionist, bill, "claim", {**all_of_it, "covered_amount": 130_000}).ok(201)

    insurance = claimed.body["insurance"]
    assert (insurance["copay_amount"], insurance["patient_responsibility"]) == (copay, 20_000)


def test_a_refund_whose_payment_bounced_is_owed_and_can_be_written_off(clinic: TestClinic) -> None:
    paid = pay(clinic, issued(clinic, 1_000), 1_000, method="cheque").ok(201)
    refund = {"amount": 1_000, "method": "cash", "reason": "Did not come."}
    refunded = act(clinic.receptionist, paid, "refund", refund).ok(201)
    returned = {"reason": "Insufficient funds.", "cause": "bounced"}

    bounced = act(clinic.receptionist, refunded, "payments/e2/reverse", returned).ok()
    given_up = act(clinic.receptionist, bounced, "write-off", {"reason": "Moved away."}).ok()

    assert (refunded.body["status"], bounced.body["outstanding_amount"]) == ("refunded", 1_000)
    assert (given_up.body["outstanding_amount"], given_up.body["credit_amount"]) == (0, 0)
    act(clinic.receptionist, given_up, "credit-note", {"amount": 1, "reason": "x"}).refused(422, "invalid")
    act(clinic.receptionist, given_up, "write-off", {"reason": "Again."}).refused(409, "conflict")
    amended = act(clinic.receptionist, given_up, "amend", {"line_items": [LINE], "reason": "Wrong."}).ok(201)
    assert amended.body["outstanding_amount"] == LINE["unit_price"]


def test_a_cancelled_bill_keeps_its_number(clinic: TestClinic) -> None:
    bill = issued(clinic, 100)

    cancelled = act(clinic.receptionist, bill, "cancel", {"reason": "Twice."}).ok()

    assert (cancelled.body["status"], cancelled.body["number"]) == ("cancelled", bill.body["number"])
    assert cancelled.body["outstanding_amount"] == 0
    for action, body in (
        ("cancel", {"reason": "Again."}),
        ("payment", {"amount": 1, "method": "cash"}),
        ("refund", {"amount": 1, "method": "cash", "reason": "x"}),
        ("credit-note", {"amount": 1, "reason": "x"}),
        ("write-off", {"reason": "x"}),
        ("claim", {"provider": "Star", "covered_amount": 1}),
        ("amend", {"line_items": [LINE], "reason": "x"}),
    ):
        act(clinic.receptionist, cancelled, action, body).refused(409, "conflict")


def test_a_draft_takes_no_booking(clinic: TestClinic) -> None:
    written = draft(clinic).ok(201)

    for action, body in (
        ("cancel", {"reason": "x"}),
        ("refund", {"amount": 1, "method": "cash", "reason": "x"}),
        ("credit-note", {"amount": 1, "reason": "x"}),
        ("claim", {"provider": "Star", "covered_amount": 1}),
    ):
        act(clinic.receptionist, written, action, body).refused(409, "conflict")


def test_an_amendment_has_its_own_number_and_what_was_paid(clinic: TestClinic) -> None:
    paid = pay(clinic, issued(clinic, 100_000), 100_000).ok(201)
    amendment = {"line_items": [{**LINE, "unit_price": 80_000}], "reason": "Wrong fee."}

    new = act(clinic.receptionist, paid, "amend", amendment).ok(201)
    old = clinic.receptionist.get(f"/bills/{paid.body['id']}").ok()

    assert new.body["number"] not in (None, old.body["number"])
    assert (new.body["amends"], old.body["amended_by"]) == (old.body["id"], new.body["id"])
    assert (new.body["status"], new.body["outstanding_amount"]) == ("paid", 0)
    assert (old.body["outstanding_amount"], old.body["credit_amount"]) == (0, 20_000)
    assert [kind for kind, _ in entries(clinic, old)] == ["charge", "payment", "credit", "credit_out"]
    act(clinic.receptionist, old, "amend", amendment).refused(409, "conflict")
    printed = PdfReader(BytesIO(clinic.receptionist.get(f"/bills/{new.body['id']}/pdf").ok().content))
    assert old.body["number"] in printed.pages[0].extract_text()


def test_an_unpaid_bill_is_cancelled_by_its_amendment(clinic: TestClinic) -> None:
    bill = issued(clinic, 100_000)

    new = act(clinic.receptionist, bill, "amend", {"line_items": [LINE], "reason": "Wrong fee."}).ok(201)

    assert clinic.receptionist.get(f"/bills/{bill.body['id']}").ok().body["status"] == "cancelled"
    assert (new.body["status"], new.body["outstanding_amount"]) == ("pending", 50_000)


def test_of_concurrent_refunds_one_is_booked(clinic: TestClinic) -> None:
    paid = pay(clinic, issued(clinic, 100), 100).ok(201)
    refund = {"amount": 100, "method": "cash", "reason": "Not seen."}

    replies = at_once(10, lambda _: act(clinic.receptionist, paid, "refund", refund))

    assert statuses(replies) == {201: 1, 412: 9}
    bill = clinic.receptionist.get(f"/bills/{paid.body['id']}").ok().body
    assert (bill["status"], bill["paid_amount"], bill["outstanding_amount"]) == ("refunded", 0, 0)
