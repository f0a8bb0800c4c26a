"""The fixed words of documents of account: every language has all of them, with the same slots, and fonts for them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from shared.records.billing.account import EntryKind
from shared.records.billing.payments import PaymentMethod, ReversalCause
from shared.records.billing.types import BillStatus
from shared.records.messages.kinds import MessageLanguage
from shared.render.bill_documents import BillDocument, PaymentLine, TaxLine, VoucherDocument
from shared.render.pdf import bill_pdf, voucher_pdf
from shared.render.words.bills.english import ENGLISH
from shared.render.words.bills.languages import BILL_WORDS, bill_words_of, title_of
from shared.render.words.bills.vocabulary import BillWords, PaperKind
from shared.render.words.languages import LANGUAGES
from tests.shared.render.test_pdf import BILL, PATIENT, pages, shaped_texts
from tests.support.fixed_texts import missing, slots, texts

OTHERS = [language for language in BILL_WORDS if language != "en"]


INVISIBLE = "\u200c\u200d"


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_every_text_with_the_slots_of_english(language: str) -> None:
    english, translated = dict(texts(ENGLISH)), dict(texts(BILL_WORDS[language]))

    assert translated.keys() == english.keys()
    assert [place for place, text in translated.items() if not text.strip() or text == english[place]] == []
    assert {place: slots(text) for place, text in translated.items()} == {
        place: slots(text) for place, text in english.items()
    }
    assert {place: missing(text, INVISIBLE) for place, text in translated.items() if missing(text, INVISIBLE)} == {}


@pytest.mark.parametrize("words", BILL_WORDS.values(), ids=BILL_WORDS)
def test_every_term_of_the_records_has_a_text(words: BillWords) -> None:
    for terms, named in (
        (PaperKind, words.titles),
        (BillStatus, words.statuses),
        (PaymentMethod, words.methods),
        (ReversalCause, words.causes),
        (EntryKind, words.entries),
    ):
        assert set(terms) == set(named)


def test_the_languages_are_those_of_reports_and_of_messages() -> None:
    assert BILL_WORDS.keys() == LANGUAGES.keys() == set(MessageLanguage)
    assert bill_words_of("ta-IN") is BILL_WORDS["ta"]
    assert bill_words_of("fr") is bill_words_of(None) is ENGLISH


@pytest.mark.parametrize("language", OTHERS)
def test_a_title_in_another_language_has_the_english_one_behind_it(language: str) -> None:
    assert title_of(PaperKind.TAX_INVOICE, language).endswith(" (Tax Invoice)")
    assert title_of(PaperKind.TAX_INVOICE, "en") == "Tax Invoice"


def bill_in(language: str) -> BillDocument:
    words = bill_words_of(language)
    return replace(
        BILL,
        title=title_of(PaperKind.TAX_INVOICE, language),
        language=language,
        status=words.statuses[BillStatus.PARTIALLY_PAID],
        taxes=(TaxLine("CGST", BILL.taxes[0].rate, 100), TaxLine("SGST", BILL.taxes[0].rate, 100)),
        payments=(PaymentLine(date(2026, 9, 14), words.methods[PaymentMethod.CHEQUE], 10_000_000, "4711"),),
        address="47 Orchard Lane, Madikeri 571201, IN",
        notes="Call 080 4123 before 31/12.",
    )


@pytest.mark.parametrize("language", OTHERS)
def test_a_bill_prints_the_words_of_its_language_and_the_amounts_of_all(language: str) -> None:
    pdf, words = bill_pdf(bill_in(language)), bill_words_of(language)

    shaped, text = " ".join(shaped_texts(pdf)), " ".join(pages(pdf))
    for expected in (words.columns.description, words.texts.how_to_pay, words.facts.due_date):
        assert expected.split()[0] in shaped + text
    for amount in ("1,23,456.00", "₹1,45,140.00", "Rupees One Lakh Forty-Five Thousand One Hundred Forty Only"):
        assert amount in text
    for english in ("Description", "How to pay", "Outstanding", "Status"):
        assert english not in text


def test_an_arabic_bill_begins_at_the_right_and_keeps_its_amounts_together() -> None:
    from io import BytesIO

    from pypdf import PdfReader

    places: dict[str, float] = {}

    def seen(text: str, _: Any, matrix: Any, *__: Any) -> None:
        for amount in ("12,345", "1,23,456.00", "Consultation"):
            if amount in text and amount not in places:
                places[amount] = matrix[4]

    reader = PdfReader(BytesIO(bill_pdf(bill_in("ar"))))
    reader.pages[0].extract_text(visitor_text=seen)

    assert places["Consultation"] > places["1,23,456.00"]
    assert "−₹756.00" in reader.pages[0].extract_text()


@pytest.mark.parametrize("language", list(BILL_WORDS))
def test_what_there_is_not_is_left_out(language: str) -> None:
    bare = replace(BILL.letterhead, practitioner_name="", credentials="", licence_number="")
    lines = tuple(replace(line, code="") for line in BILL.lines)
    bill = replace(bill_in(language), letterhead=bare, visit_date=None, address="", lines=lines)
    words = bill_words_of(language)

    lines_of_text = "\n".join(pages(bill_pdf(bill))).splitlines()
    printed = {text.strip() for text in [*shaped_texts(bill_pdf(bill)), *lines_of_text]}

    facts = words.facts
    absent = {facts.licence, facts.not_recorded, facts.visit_date, facts.address, facts.received_by, words.columns.code}
    assert printed & absent == set()
    assert not any("not recorded" in text or "Licence" in text for text in printed)


def test_a_receipt_says_in_words_what_was_received_and_not_what_is_owed() -> None:
    receipt = VoucherDocument(
        title="Receipt",
        letterhead=BILL.letterhead,
        patient=PATIENT,
        number="RCT-202609-000001",
        day=date(2026, 9, 14),
        bill_number="INV-202609-000001",
        bill_date=date(2026, 9, 14),
        created_at=BILL.created_at,
        currency="INR",
        amount_minor=50_000,
        balance_minor=70_000,
        method="Cash",
    )

    (text,) = pages(voucher_pdf(receipt))

    assert text.index("Five Hundred") < text.index("Outstanding of the bill")
    assert "Received by" not in text
