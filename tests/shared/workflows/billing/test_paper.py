"""Bills on paper: words that patients use, and nothing that misleads about what is owed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from shared.records.billing.bill import Bill, BillStatus
from shared.records.billing.issued import BillSnapshot
from shared.records.billing.payments import NewPayment, NewReversal
from shared.records.letterhead import Letterhead
from shared.records.money import TaxTreatment
from shared.records.patients.details import Address
from shared.records.record import Stamp
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
    payment = NewPayment(amount=amount, method="cash")
    return of.paid(payment, "p1", Stamp("desk", after(**duration)), received_by="Nisha Fernandes")


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
    reversed_bill = mistyped.payment_reversed("p1", NewReversal(reason="mistyped"), Stamp("desk", after(hours=2)))

    text = printed(reversed_bill, issued)

    assert "Payments received" not in text
    for part in ("Status: Unpaid", "Outstanding ₹1,200.00", "Paid ₹0.00", "How to pay", "Due date"):
        assert part in text


def test_a_draft_without_a_price_prints_no_amount() -> None:
    completed = session().completed(Stamp(DOCTOR, after(minutes=34)))

    text = printed(Bill.for_session(completed, settings(fees=[], **TEXTS), BY_SYSTEM))

    assert "Not priced yet" in text
    for part in ("₹", "0.00", "How to pay", "Due within"):
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
        (TaxTreatment(rate_percent=Decimal(0), label="GST (exempt)"), "GST (exempt): no tax charged", "0 %"),
        (TaxTreatment(), "Total", "Tax"),
        (TaxTreatment(rate_percent=Decimal(18), label="GST"), "GST (18 %)", "no tax"),
    ],
)
def test_an_exempt_service_has_no_line_of_tax(tax: TaxTreatment, expected: str, absent: str) -> None:
    text = printed(bill(tax=tax))

    assert expected in text
    assert absent not in text


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
