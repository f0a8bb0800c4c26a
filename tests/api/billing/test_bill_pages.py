"""The page of a bill: what it says in each state, how it is paid, its PDF, and what others see."""

from __future__ import annotations

import html
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from shared.records.billing.bill import Bill
from shared.records.billing.payment_link import PaymentLink
from shared.records.links.link import MOST_WRONG
from shared.store.clinic import system_clinic
from shared.store.unit_of_work import UnitOfWork
from tests.api.billing.helpers import LINE, act, issued, pay
from tests.api.links.test_pages import says
from tests.support.audit import entries
from tests.support.call_counts import calls_during, commit, reads
from tests.support.client import Reply
from tests.support.clinic_settings import change
from tests.support.clinics import TestClinic
from tests.support.database import alter
from tests.support.links import BORN, enter, form_of, share_bill, visit
from tests.support.proofs import raw
from tests.support.qr import read_pdf
from tests.support.visits import set_sealed
from tools import google_firestore

UPI = re.compile(r'href="(upi://pay\?[^"]+)"')
PAPER = re.compile(r'name="form" value="([^"]+)">\s*<input type="hidden" name="paper"')


@pytest.fixture(scope="module")
def paid_by_upi(clinic: TestClinic) -> TestClinic:
    """A clinic with a UPI id, a telephone number and instructions."""
    instructions = "At the front desk,\nor <b>by transfer</b>."
    set_sealed(clinic, upi_id="banyan@okaxis", phone="+918041239876", payment_instructions=instructions)
    return clinic


def read(clinic: TestClinic, bill: Reply) -> Reply:
    return clinic.receptionist.get(f"/bills/{bill.body['id']}").ok()


def opened(clinic: TestClinic, bill: Reply) -> Reply:
    """The page of a bill behind a new link."""
    return enter(share_bill(clinic, bill.body["id"]).url, BORN)


def text_of(page: Reply) -> str:
    """What people read on a page."""
    body = page.content.decode().partition("<main>")[2]
    return " ".join(html.unescape(re.sub("<[^>]+>", " ", body)).split())


def upi_of(page: Reply) -> dict[str, str]:
    """The fields of the page's UPI link."""
    (link,) = UPI.findall(page.content.decode())
    return {name: values[0] for name, values in parse_qs(urlsplit(html.unescape(link)).query).items()}


@pytest.mark.parametrize(
    ("within", "shown"),
    [
        (True, "Subtotal ₹400.00 Discount −₹40.00 VAT (12.5 %, included) ₹40.00 Total ₹360.00"),
        (False, "Subtotal ₹400.00 Discount −₹40.00 VAT (12.5 %) ₹45.00 Total ₹405.00"),
    ],
)
def test_the_page_says_which_tax_is_in_the_prices(own_clinic: TestClinic, within: bool, shown: str) -> None:
    change(own_clinic, tax={"rate_percent": "12.5", "label": "VAT"}, prices_include_tax=within).ok()

    page = opened(own_clinic, issued(own_clinic, 40_000, discount={"percent": "10", "reason": "Camp"}))

    assert shown in text_of(page)


def get_paper(url: str, page: Reply, **fields: str) -> Reply:
    """Press the button of the page that opens the PDF."""
    (form,) = PAPER.findall(page.content.decode())
    return visit(url, "POST", {"form": form, "paper": "pdf", **fields})


def test_before_the_passcode_nothing_of_the_bill_is_shown(paid_by_upi: TestClinic) -> None:
    shared = share_bill(paid_by_upi, issued(paid_by_upi, 120_000).body["id"])

    page = says(visit(shared.url), 200, "A document for you").content.decode()
    wrong = enter(shared.url, {**BORN, "year": "1980"})

    says(wrong, 403, "That does not match")
    for shown in (page, wrong.content.decode()):
        assert not re.search(r"Banyan|Zoë|Certificate|1,200|upi:|INV-|₹|\+91", shown)


def test_the_page_has_amount_lines_due_date_and_ways_to_pay(paid_by_upi: TestClinic) -> None:
    bill = issued(paid_by_upi, 100_000, 20_050)
    part = pay(paid_by_upi, bill, 50_000).ok(201)

    page = says(opened(paid_by_upi, part), 200, "Your bill")

    due = date.fromisoformat(bill.body["due_date"])
    text = text_of(page)
    for shown in (
        "To be paid now: ₹700.50",
        f"Please pay by {due.day} {due:%B} {due.year}.",
        "Certificate ₹1,000.00 Certificate ₹200.50 Total ₹1,200.50 Paid −₹500.00 To be paid ₹700.50",
        "UPI id banyan@okaxis",
        "At the front desk, or <b>by transfer</b>.",
        f"Bill number {bill.body['number']}",
        "+918041239876",
    ):
        assert shown in text
    number = bill.body["number"]
    assert upi_of(page) == {
        "pa": "banyan@okaxis",
        "pn": "Banyan Mental Health",
        "am": "700.50",
        "cu": "INR",
        "tn": f"Bill {number}",
        "tr": number.replace("-", ""),
    }
    assert "<svg " in page.content.decode()
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert page.headers["Cache-Control"] == "no-store"
    assert "<script" not in page.content.decode()


def test_the_page_is_in_hindi_too_and_has_discount_tax_and_round_off(own_clinic: TestClinic) -> None:
    set_sealed(own_clinic, tax={"rate_percent": "18", "label": "Tax"}, payment_instructions=None)
    google_firestore.client().document("clinics", own_clinic.id).update({"round_total_to": 100})
    discount = {"amount": 10_000, "reason": "Student."}
    bill = issued(own_clinic, 100_030, discount=discount)

    url = share_bill(own_clinic, bill.body["id"]).url
    page = visit(f"{url}?lang=hi")
    hindi = text_of(enter(f"{url}?lang=hi", BORN).ok())

    assert 'lang="hi"' in page.content.decode()
    assert "अभी देय राशि: ₹1,062.00" in hindi
    assert "उप-योग ₹1,000.30 छूट −₹100.00 Tax (18 %) ₹162.05 पूर्णांकन −₹0.35 कुल ₹1,062.00" in hindi
    assert "भुगतान कैसे करें, यह क्लिनिक से पूछें।" in hindi, "the clinic has said nothing"


def test_a_bill_in_another_currency_has_no_upi(paid_by_upi: TestClinic) -> None:
    clinic = google_firestore.client().document("clinics", paid_by_upi.id)
    clinic.update({"currency": "KWD"})
    bill = issued(paid_by_upi, 12_500)
    clinic.update({"currency": "INR"})

    page = opened(paid_by_upi, bill).ok()

    assert "To be paid now: KWD 12.500" in text_of(page)
    assert "upi:" not in page.content.decode()
    assert "<svg" not in page.content.decode()


def paid(clinic: TestClinic, bill: Reply) -> Reply:
    return pay(clinic, bill, bill.body["outstanding_amount"]).ok(201)


def cancelled(clinic: TestClinic, bill: Reply) -> Reply:
    return act(clinic.receptionist, bill, "cancel", {"reason": "Twice."}).ok()


def replaced(clinic: TestClinic, bill: Reply) -> Reply:
    act(clinic.receptionist, bill, "amend", {"line_items": [LINE], "reason": "Wrong."}).ok(201)
    return read(clinic, bill)


def written_off(clinic: TestClinic, bill: Reply) -> Reply:
    return act(clinic.receptionist, bill, "write-off", {"amount": 120_000, "reason": "Hardship."}).ok()


def insured(clinic: TestClinic, bill: Reply) -> Reply:
    claim = {"provider": "Star Health", "policy_number": "P/7", "covered_amount": 120_000}
    return act(clinic.receptionist, bill, "claim", claim).ok(201)


def disputed(clinic: TestClinic, bill: Reply) -> Reply:
    alter(clinic, f"bills/{bill.body['id']}", {"collection_status": "disputed"})
    return read(clinic, bill)


@pytest.mark.parametrize(
    ("change", "status", "heading"),
    [
        (paid, 200, "This bill is paid"),
        (cancelled, 410, "This bill is cancelled"),
        (replaced, 410, "Another bill replaces this one"),
        (written_off, 200, "Nothing is to be paid"),
        (insured, 200, "Nothing is to be paid"),
        (disputed, 200, "This bill is being looked into"),
    ],
)
def test_a_bill_of_which_nothing_is_to_be_paid_says_so_and_offers_no_payment(
    paid_by_upi: TestClinic, change: Any, status: int, heading: str
) -> None:
    bill = issued(paid_by_upi, 120_000)
    shared = share_bill(paid_by_upi, bill.body["id"])  # before: the link shows the bill as it is when it is opened
    change(paid_by_upi, bill)

    page = says(enter(shared.url, BORN), status, heading)

    text = text_of(page)
    assert not re.search(r"upi|How to pay|front desk|Please pay by", text, re.IGNORECASE)
    assert "upi:" not in page.content.decode()
    assert ("Certificate" in text) == (status == 200)
    assert bill.body["number"] in text
    if status == 200:
        pdf = get_paper(shared.url, page).ok()
        assert read_pdf(pdf.content) == []


def test_an_overdue_bill_says_until_when_it_was_to_be_paid(paid_by_upi: TestClinic) -> None:
    bill = issued(paid_by_upi, 120_000)
    alter(paid_by_upi, f"bills/{bill.body['id']}", {"due_date": "2026-01-31"})

    assert "It was to be paid by 31 January 2026." in text_of(opened(paid_by_upi, bill).ok())


def test_the_pdf_is_the_desks_and_comes_as_often_as_wanted_without_another_opening(paid_by_upi: TestClinic) -> None:
    bill = issued(paid_by_upi, 120_000)
    shared = share_bill(paid_by_upi, bill.body["id"])
    page = enter(shared.url, BORN).ok()

    first, again = get_paper(shared.url, page).ok(), get_paper(shared.url, page).ok()

    desk = paid_by_upi.receptionist.get(f"/bills/{bill.body['id']}/pdf").ok()
    assert first.content == again.content == desk.content
    assert first.headers["Content-Disposition"] == f'inline; filename="{bill.body["number"]}.pdf"'
    (link,) = read_pdf(first.content)
    assert link.endswith(f"tr={bill.body['number'].replace('-', '')}")
    assert raw(paid_by_upi, f"links/{shared.link_id}")["revision"] == 2, "one opening"
    entry = entries(paid_by_upi, "link.open")[-1]
    assert entry["patient_ids"] == [bill.body["patient_id"]]


def test_the_pdf_needs_the_form_of_the_opened_page(paid_by_upi: TestClinic) -> None:
    shared = share_bill(paid_by_upi, issued(paid_by_upi, 120_000).body["id"])
    other = share_bill(paid_by_upi, issued(paid_by_upi, 120_000).body["id"])
    closed, page = visit(shared.url), enter(shared.url, BORN).ok()
    (form,) = PAPER.findall(page.content.decode())
    asks, forged_mac = form_of(closed), form[:-1] + ("1" if form[-1] == "0" else "0")

    for url, tried in ((shared.url, asks), (shared.url, forged_mac), (shared.url, ""), (other.url, form)):
        says(visit(url, "POST", {"form": tried, "paper": "pdf"}), 409, "Please enter it once more")
    forged = visit(shared.url, "POST", {"form": form, **BORN})
    says(forged, 409, "Please enter it once more")
    enter(shared.url, BORN).ok()
    says(get_paper(shared.url, page), 409, "Please enter it once more")


def test_the_last_opening_has_its_pdf_and_a_revoked_link_has_none(paid_by_upi: TestClinic) -> None:
    shared = share_bill(paid_by_upi, issued(paid_by_upi, 120_000).body["id"])
    alter(paid_by_upi, f"links/{shared.link_id}", {"most_openings": 1})
    page = enter(shared.url, BORN).ok()

    get_paper(shared.url, page).ok()
    says(visit(shared.url), 410, "This link is used up")
    alter(paid_by_upi, f"links/{shared.link_id}", {"revoked_at": datetime.now(UTC), "revoked_by": "system"})
    says(get_paper(shared.url, page), 410, "This link was withdrawn")


def test_five_wrong_dates_lock_the_link(paid_by_upi: TestClinic) -> None:
    shared = share_bill(paid_by_upi, issued(paid_by_upi, 120_000).body["id"])

    for _ in range(MOST_WRONG):
        enter(shared.url, {**BORN, "year": "1980"})

    says(visit(shared.url), 423, "This link is locked")


def test_the_payee_is_the_clinics_of_now(own_clinic: TestClinic) -> None:
    set_sealed(own_clinic, upi_id="closed@upi")
    bill = issued(own_clinic, 120_000)
    set_sealed(own_clinic, upi_id="banyan@okaxis", message_name="Banyan")

    fields = upi_of(opened(own_clinic, bill).ok())

    assert (fields["pa"], fields["pn"]) == ("banyan@okaxis", "Banyan")


def test_a_payment_link_is_offered_until_it_ends_and_for_what_is_owed_alone(own_clinic: TestClinic) -> None:
    bill = issued(own_clinic, 120_000)
    url = "https://pay.example/l/abc?x=1&y=2"

    def offered(amount: int, ends: timedelta) -> bool:
        link = {"id": "plink_1", "reference": "r-1", "url": url, "amount": amount, "currency": "INR"}
        give_link(own_clinic, bill.body["id"], {**link, "expires_at": datetime.now(UTC) + ends})
        return f'href="{html.escape(url)}"' in opened(own_clinic, bill).ok().content.decode()

    assert offered(120_000, timedelta(hours=1))
    assert not offered(120_000, timedelta(seconds=-1))
    assert not offered(100_000, timedelta(hours=1))


def give_link(clinic: TestClinic, bill_id: str, link: dict[str, Any]) -> None:
    """Store a link of a payment provider on a bill, as the provider's operation does."""

    def transaction(work: UnitOfWork) -> None:
        work.save(work.get(Bill.ref(bill_id)).amended(payment_link=PaymentLink.model_validate(link)))

    system_clinic(clinic.id, "pay").perform("bill.update", transaction)


def test_the_calls_of_looking_opening_and_printing(paid_by_upi: TestClinic) -> None:
    """Looking reads the link. Opening reads it with the count of wrong dates, patient, keys, bill, its issue and the
    settings, and writes the link; printing writes the audit entry alone."""
    shared = share_bill(paid_by_upi, issued(paid_by_upi, 120_000).body["id"])
    pages: list[Reply] = [enter(shared.url, BORN).ok()]

    looking = calls_during(paid_by_upi, "links", lambda: visit(shared.url).ok())
    opening = calls_during(paid_by_upi, "links", lambda: pages.append(enter(shared.url, BORN).ok()))
    printing = calls_during(paid_by_upi, "links", lambda: get_paper(shared.url, pages[-1]).ok())

    assert looking == [reads(1)]
    assert opening == [reads(1), reads(1), reads(6), commit(2)]
    assert printing == [reads(1), reads(6), commit(1)]
