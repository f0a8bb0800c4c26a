"""Bills on paper: words that patients use, and nothing that misleads about what is owed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from shared.records.billing import claiming, drafting, paying
from shared.records.billing.bill import Bill
from shared.records.billing.insurance import NewClaim
from shared.records.billing.issued import BillSnapshot
from shared.records.billing.payments import NewPayment, NewReversal, PaymentMethod, ReversalCause
from shared.records.billing.requests import NewBill
from shared.records.billing.types import BillStatus
from shared.records.clinic.profile import UserProfile
from shared.records.letterhead import Letterhead
from shared.records.patients.details import Address
from shared.records.record import Stamp
from shared.records.taxes.treatment import TaxTreatment
from shared.render.pdf import bill_pdf
from shared.workflows.billing import paper
from tests.support.factories import BY_SYSTEM, DOCTOR, after, bill, patient, profile, session, settings

ADDRESS = Address(lines=["47 Orchard Lane"], city="Madikeri", postal_code="571201", country="IN")
TEXTS: dict[str, Any] = {"payment_instructions": "UPI to banyan@upi.", "payment_terms": "Due within 15 days."}


def printed(ledger: Bill, issued: Bill | None = None, **changes: Any) -> str:
    """The text of the bill; `issued` is the bill as it was issued."""
    completed = session().completed(Stamp(DOCTOR, after(minutes=34)))
    whole = BillSnapshot.of(
        issued or ledger,
        patient(address=ADDRESS),
        completed,
        issuer=Letterhead.of(profile(), settings()),
        zone="Asia/Kolkata",
    )
    snapshot = whole.model_copy(update=changes)
    content = bill_pdf(paper.bill_document(snapshot, ledger, issued_at=after(minutes=35)))
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)


def paid(of: Bill, amount: int, **duration: float) -> Bill:
    payment, stamp = NewPayment(amount=amount, method=PaymentMethod.CASH), Stamp("desk", after(**duration))
    return paying.paid(of, payment, stamp, day=stamp.at.date(), received_by="Nisha Fernandes").bill


def without(of: Bill, cause: ReversalCause) -> Bill:
    """The bill after its only payment was reversed."""
    new, stamp = NewReversal(reason="Insufficient funds.", cause=cause), Stamp("desk", after(hours=2))
    return paying.reversed_payment(of, "e2", new, stamp, day=stamp.at.date()).bill


def test_an_unpaid_bill_says_how_to_pay_until_when_and_for_which_visit() -> None:
    text = printed(bill(**TEXTS))

    for part in (
        "Status: Unpaid",
        "How to pay",
        "Due within 15 days.",
        "Due date",
        "29 September 2026",
        "Date of visit",
        "47 Orchard Lane, Madikeri 571201, IN",
    ):
        assert part in text


def test_a_paid_bill_says_when_it_was_paid_and_asks_for_nothing() -> None:
    issued = bill(**TEXTS)

    text = printed(paid(issued, 120_000, days=1), issued)

    assert "Status: Paid on 15 September 2026" in text
    assert "Nisha Fernandes" in text
    for part in ("How to pay", "Due within", "Due date"):
        assert part not in text


def test_a_partly_paid_bill_still_says_how_to_pay() -> None:
    issued = bill(**TEXTS)

    text = printed(paid(issued, 20_000, hours=1), issued)

    assert "Status: Partly paid" in text
    assert "How to pay" in text


def test_a_payment_that_was_entered_in_error_counts_for_nothing() -> None:
    issued = bill(**TEXTS)
    mistyped = paid(issued, 120_000, hours=1)

    text = printed(without(mistyped, ReversalCause.ENTERED_IN_ERROR), issued)

    assert "Payments received" not in text
    for part in ("Status: Unpaid", "Outstanding ₹1,200.00", "Paid ₹0.00", "How to pay", "Due date"):
        assert part in text


def test_a_cheque_and_its_return_both_stand_in_the_account() -> None:
    issued = bill(**TEXTS)

    text = printed(without(paid(issued, 120_000, hours=1), ReversalCause.BOUNCED), issued)

    for part in ("1,200.00", "−1,200.00", "Bounced", "Outstanding ₹1,200.00"):
        assert part in text


def test_a_draft_without_a_price_prints_no_amount() -> None:
    completed = session().completed(Stamp(DOCTOR, after(minutes=34)))

    text = printed(drafting.of_session(completed, patient(), settings(fees=[], **TEXTS), BY_SYSTEM))

    assert "Not priced yet" in text
    for part in ("₹", "0.00", "How to pay", "Due within"):
        assert part not in text


@pytest.mark.parametrize("profiled", [None, profile(licence_number=None)])
def test_what_the_practice_has_not_written_is_left_out(profiled: UserProfile | None) -> None:
    issuer = Letterhead.of(profiled, settings())

    text = printed(bill(**TEXTS), issuer=issuer, visit_date=None, address=None)

    for part in ("Licence", "not recorded", "Date of visit", "Address", "Code"):
        assert part not in text
    assert ("Meera Iyer" in text) == (profiled is not None)


def test_a_draft_without_a_price_and_without_a_profile_prints_well() -> None:
    completed = session().completed(Stamp(DOCTOR, after(minutes=34)))
    draft = drafting.of_session(completed, patient(), settings(fees=[]), BY_SYSTEM)

    text = printed(draft, issuer=Letterhead.of(None, settings()), address=None)

    for part in ("DRAFT", "not issued", "Not priced yet", "set at issue"):
        assert part in text
    for part in ("Licence", "not recorded", "Total", "Address"):
        assert part not in text


def test_a_cancelled_bill_asks_for_nothing() -> None:
    issued = bill(**TEXTS)

    text = printed(issued.model_copy(update={"status": BillStatus.CANCELLED}), issued)

    for part in ("Outstanding", "How to pay", "Due within"):
        assert part not in text
    assert "Status: Cancelled" in text


def test_a_free_visit_owes_nothing() -> None:
    text = printed(bill(0, **TEXTS))

    assert "nothing due" in text
    assert "How to pay" not in text


@pytest.mark.parametrize(
    ("tax", "expected", "absent"),
    [
        (
            TaxTreatment(exemption_reason="Entry 74"),
            ("Bill of Supply", "Exempt from tax: Entry 74"),
            ("0 %", "Invoice"),
        ),
        (TaxTreatment(), ("Invoice", "Total"), ("Tax", "Exempt")),
        (TaxTreatment(rate_percent=Decimal(18), label="VAT"), ("Invoice", "VAT (18 %)"), ("Exempt", "CGST")),
    ],
)
def test_a_service_without_tax_has_no_row_of_tax(
    tax: TaxTreatment, expected: tuple[str, ...], absent: tuple[str, ...]
) -> None:
    text = printed(bill(tax=tax))

    assert [part for part in expected if part not in text] == []
    assert [part for part in absent if part in text] == []


def test_lines_say_why_they_have_a_discount_and_which_tax() -> None:
    gst = {"rate_percent": "12", "label": "GST", "code": "999316"}
    exempt = {"exemption_reason": "Entry 74", "code": "999312"}
    services = [
        {"description": "Device", "unit_price": 10_000, "tax": gst, "discount": {"percent": "10", "reason": "Camp"}},
        {"description": "Repair", "unit_price": 5_000, "tax": {**gst, "rate_percent": "18"}, "cpt_code": "97761"},
        {"description": "Visit", "unit_price": 20_000, "tax": exempt, "discount": {"amount": 1, "reason": "Camp"}},
    ]
    new = {"patient_id": patient().id, "line_items": services, "discount": {"amount": 100, "reason": "Staff"}}
    clinic = settings(gst_number="29AAGCB7383J1Z4")
    draft = drafting.by_hand(
        NewBill.model_validate(new), "patient-1", [], patient=patient(), clinic=clinic, stamp=BY_SYSTEM
    )

    text = printed(draft)
    before = printed(draft, edition=2)

    for part in ("Discount: Camp", "Discount: Staff", "SAC 999316", "GST 12 %", "97761", "GST 18 %"):
        assert part in text
    assert text.count("Discount: Camp") == 1
    assert "GST 0" not in text
    assert "Camp" not in before
    assert "97761 · SAC 999316" in before.replace("\n", " ")


def test_lines_that_are_taxed_alike_do_not_repeat_it() -> None:
    text = printed(bill(tax={"rate_percent": "18", "label": "VAT"}))

    assert "VAT (18 %)" in text
    assert text.count("VAT") == 1


def test_a_tax_invoice_has_what_the_gst_rules_ask_for() -> None:
    clinic = {"gst_number": "29AAGCB7383J1Z4", "tax": {"rate_percent": "18", "label": "GST", "code": "999312"}}

    text = printed(bill(99_950, **clinic), issuer=Letterhead.of(profile(), settings(**clinic)))

    for part in (
        "Tax Invoice",
        "GSTIN 29AAGCB7383J1Z4",
        "SAC 999312",
        "Karnataka (29)",
        "47 Orchard Lane",
        "CGST (9 %) ₹89.96",
        "SGST (9 %) ₹89.96",
        "Total ₹1,179.42",
        "Rupees One Thousand One Hundred Seventy-Nine and Forty-Two Paise Only",
    ):
        assert part in text


@pytest.mark.parametrize(
    ("by_patient", "by_insurer", "balance"),
    [
        (0, 0, "Outstanding ₹1,200.00 To be paid by the insurer ₹500.00 To be paid by the patient ₹700.00"),
        (70_000, 0, "Outstanding ₹500.00 To be paid by the insurer ₹500.00 To be paid by the patient ₹0.00"),
        (20_000, 20_000, "Outstanding ₹800.00 To be paid by the insurer ₹300.00 To be paid by the patient ₹500.00"),
        (20_000, 50_000, "Outstanding ₹500.00"),
    ],
)
def test_an_insured_bill_says_what_the_patient_pays(by_patient: int, by_insurer: int, balance: str) -> None:
    claim, stamp = NewClaim(provider="Star", covered_amount=50_000), Stamp("desk", after(hours=1))
    insured = claiming.claimed(bill(**TEXTS), claim, stamp, day=stamp.at.date()).bill
    for amount, method in ((by_patient, PaymentMethod.CASH), (by_insurer, PaymentMethod.INSURANCE)):
        if amount:
            new = NewPayment(amount=amount, method=method)
            insured = paying.paid(insured, new, stamp, day=stamp.at.date()).bill

    text = " ".join(printed(insured).split())

    assert balance in text
    assert ("To be paid by the patient" in text) == ("patient" in balance)


@pytest.mark.parametrize("extra", [{}, {"place_of_supply": "29"}, {"place_of_supply": "29", "amends": "INV-1"}])
def test_an_address_is_not_squeezed_into_one_column(extra: dict[str, Any]) -> None:
    """Whatever else stands before it in its row."""
    text = printed(bill(**TEXTS), address="Flat 12, Tower C, Shantiniketan, Whitefield Main Road, Bengaluru", **extra)

    assert "Flat 12, Tower C, Shantiniketan, Whitefield" in text.replace("\n", " | ")


def test_every_status_has_words() -> None:
    for status in BillStatus:
        assert printed(bill().model_copy(update={"status": status}))


def test_dates_of_the_file_are_those_of_issue_and_last_change() -> None:
    issued = bill()
    ledger = paid(issued, 20_000, days=1)
    snapshot = BillSnapshot.of(issued, patient(), None, issuer=Letterhead.of(None, settings()), zone="Asia/Kolkata")

    document = paper.bill_document(snapshot, ledger, issued_at=after(minutes=35))

    assert bill_pdf(document) == bill_pdf(document)
    metadata = PdfReader(BytesIO(bill_pdf(document))).metadata
    assert metadata is not None
    assert (metadata.creation_date, metadata.modification_date) == (after(minutes=35), after(days=1))
    assert metadata.title == "Invoice INV-202609-000001"
    assert document.visit_date is None
    assert document.bill_date == date(2026, 9, 14)
