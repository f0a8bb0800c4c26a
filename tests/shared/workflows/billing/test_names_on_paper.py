"""Names of each class of character on every paper of account: no empty box, and copied from the file as written."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

import pytest

from shared.records.billing.account import EntryKind
from shared.records.billing.bill import Bill
from shared.records.billing.entry import LedgerEntry
from shared.records.billing.issued import BillSnapshot, VoucherSnapshot, VoucherType
from shared.records.billing.ledger import Booked, NewEntry
from shared.records.billing.statement import AccountStatement
from shared.records.letterhead import Letterhead, PatientIdentity
from shared.records.parties import PatientName
from shared.records.patients.details import Address
from shared.records.patients.patient import Patient
from shared.render.pdf import bill_pdf, statement_pdf, voucher_pdf
from shared.workflows.billing import paper, statement_paper
from tests.shared.render.test_pdf import pages, shaped_texts
from tests.support.factories import BY_SYSTEM, after, bill, patient, profile, settings

NAMES = {
    "apostrophe": ("Siobhán", "O'Shea"),
    "typographic apostrophe": ("Niamh", "M\u2019Bow"),
    "modifier apostrophe": ("Ka\u02bbiulani", "Ho\u02bcomana"),
    "hyphens": ("Jean-Luc", "Smith\u2010Jones"),
    "initials": ("K. R.", "Subramaniam Jr."),
    "one name": ("Suharto", None),
    "ampersand and angles": ("Ravi", "Rao & <Sons>"),
    "composed": ("Łukasz", "Gžegžolčík"),
    "decomposed": ("Rene\u0301e", "Nu\u0303n\u0303ez"),
    "stacked marks": ("Nguyễn", "Thị Hậu"),
    "Turkish": ("İrem", "Işık"),
    "Icelandic": ("Þórður", "Æðriðsson"),
    "Romanian and German": ("Ștefan", "Groß"),
    "Greek": ("Ελένη", "Παπαδοπούλου"),
    "Cyrillic": ("Ољга", "Їжакевич"),
    "Hindi with conjuncts": ("क्षितिज", "श्रीवास्तव"),
    "Marathi": ("ज्ञानेश्वर", "कुलकर्णी"),
    "Bengali": ("ঋত্বিক", "চট্টোপাধ্যায়"),
    "Gurmukhi": ("ਗੁਰਪ੍ਰੀਤ", "ਸਿੰਘ"),
    "Gujarati": ("જ્ઞાનેશ", "ત્રિવેદી"),
    "Odia": ("ଜ୍ୟୋତ୍ସ୍ନା", "ପଣ୍ଡା"),
    "Tamil": ("ஸ்ரீதேவி", "இராமகிருஷ்ணன்"),
    "Telugu": ("కృష్ణవేణి", "శ్రీనివాస్"),
    "Kannada": ("ಕೃಷ್ಣಮೂರ್ತಿ", "ಲಕ್ಷ್ಮಣ್"),
    "Malayalam": ("ശ്രീജിത്ത്", "നമ്പൂതിരി"),
    "Sinhala": ("ශ්‍රියානි", "ජයවර්ධන"),
    "Arabic": ("عبد الرحمن", "القحطاني"),
    "Urdu": ("ڈاکٹر", "چوہدری"),
    "Persian": ("پگاه", "ژاله‌پور"),
    "Hebrew": ("יִצְחָק", "בן־דוד"),
    "two directions": ("Layla", "الحسن"),
    "two scripts": ("अनन्या", "Rao"),
    "digits and roman": ("Elizabeth", "Ⅱ"),
    "long": ("Venkata Narasimha Rajuvaripeta", "Wolfeschlegelsteinhausenbergerdorff"),
}
"""Classes of names; scripts that no font covers print as boxes, which `shared/render/fonts/README.md` says."""


def named(name: str) -> Patient:
    first, last = NAMES[name]
    address = Address(lines=[f"House of {first}"], city=last or "Madikeri", country="IN")
    return patient(first_name=first, last_name=last, address=address)


def booked() -> Booked:
    """A bill that was paid in part and credited in part."""
    one = Booked(bill(120_000))
    receipt = NewEntry(EntryKind.PAYMENT, 20_000, one.bill.bill_date, document="RCT-202609-000001")
    note = NewEntry(EntryKind.CREDIT, 10_000, one.bill.bill_date, document="CRN-202609-000001", reason="x")
    return one.book(receipt, BY_SYSTEM).book(note, BY_SYSTEM)


def letterhead() -> Letterhead:
    return Letterhead.of(profile(), settings())


def a_bill(who: Patient, of: Bill, _: LedgerEntry) -> bytes:
    snapshot = BillSnapshot.of(of, who, None, issuer=letterhead(), zone="Asia/Kolkata")
    noted = snapshot.model_copy(update={"notes": f"For {who.full_name}."})
    return bill_pdf(paper.bill_document(noted, of, issued_at=after(minutes=30)))


def a_voucher(voucher_type: VoucherType) -> Callable[[Patient, Bill, LedgerEntry], bytes]:
    def printed(who: Patient, of: Bill, entry: LedgerEntry) -> bytes:
        more: dict[str, Any] = {"received_by": who.full_name} if voucher_type == VoucherType.RECEIPT else {}
        issuer = letterhead()
        made = VoucherSnapshot.of(voucher_type, entry, of, who, issuer=issuer, zone="Asia/Kolkata", **more)
        return voucher_pdf(paper.voucher_document(made, after(minutes=30)))

    return printed


def a_statement(who: Patient, of: Bill, _: LedgerEntry) -> bytes:
    empty = AccountStatement(patient=PatientName.of(who), first_day=of.bill_date, last_day=of.bill_date, accounts=[])
    address, issuer = who.address.text if who.address else None, letterhead()
    made = statement_paper.document(
        empty, PatientIdentity.of(who), issuer=issuer, address=address, language="en", made_at=after(minutes=30)
    )
    return statement_pdf(made)


PAPERS = {
    "bill": a_bill,
    "receipt": a_voucher(VoucherType.RECEIPT),
    "credit note": a_voucher(VoucherType.CREDIT_NOTE),
    "statement": a_statement,
}


@pytest.mark.parametrize("kind", PAPERS)
@pytest.mark.parametrize("name", NAMES)
def test_a_name_of_each_class_prints_and_can_be_copied(name: str, kind: str) -> None:
    who, one = named(name), booked()
    entry = one.entries[0 if kind == "receipt" else 1]

    pdf = PAPERS[kind](who, one.bill, entry)

    text = "".join("".join([*pages(pdf), *shaped_texts(pdf)]).split())
    assert b"<pdfaid:part>" in pdf, "no character is a box: the file claims PDF/A"
    for part in (one for one in NAMES[name] if one):
        for word in unicodedata.normalize("NFC", part).split():
            assert word in text
