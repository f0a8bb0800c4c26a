"""Report and bill PDFs, read back with a PDF reader."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from io import BytesIO

import pytest
from PIL import Image
from pypdf import PdfReader
from pypdf.generic import ContentStream

from infra.catalogue import ROOT
from shared.records.partial_date import PartialDate
from shared.render.bill_documents import BillDocument, BillLine, PaymentLine, TaxLine
from shared.render.documents import (
    LetterheadBlock,
    PatientBlock,
    ReportDocument,
    ReportSection,
    ReportStatement,
    SignatureBlock,
)
from shared.render.pdf import bill_pdf, report_pdf

LETTERHEAD = LetterheadBlock(
    practitioner_name="Dr. Zoë Łukasiewicz-O'Connor",
    credentials="MD (Psychiatry)",
    licence_number="KMC-48213",
    clinic_name="Banyan Mind Clinic",
    clinic_address="14, 3rd Cross\nBengaluru 560038",
    phone="+91 80 4123 9876",
    email="desk@banyan.example",
    gst_number="29ABCDE1234F1Z5",
)
PATIENT = PatientBlock("Ananya Rao", "PAT-20260001", PartialDate("1991-03-07"), "Female")
SIGNATURE = SignatureBlock(
    printed_name="Dr. Zoë Łukasiewicz-O'Connor",
    licence_number="KMC-48213",
    account_id="uPq4Zr7LkXa2Wm9TnBc5Yd8EvHs3",
    confirmed_by="kT6Rw1JfQe9Xn4ZpVb7Mc2LsGh5D",
    confirmed_at=datetime(2026, 11, 1, 8, 0, tzinfo=UTC),
    meaning="I am the author and I approve this report",
    signed_at=datetime(2026, 11, 4, 10, 12, tzinfo=UTC),
    key_version="projects/p/locations/l/keyRings/r/cryptoKeys/report-signing/cryptoKeyVersions/3",
    content_digest=sha256(b"report").hexdigest(),
    signature="MEUCIQDk" * 12,
)
REPORT = ReportDocument(
    letterhead=LETTERHEAD,
    patient=PATIENT,
    report_number="REP-20260003",
    session_number="SESS-20260001",
    visit_started=datetime(2026, 11, 4, 9, 0, tzinfo=UTC),
    at=datetime(2026, 11, 4, 10, 12, tzinfo=UTC),
    zone="Asia/Kolkata",
    version=2,
    sections=(
        ReportSection("Presenting complaint", (ReportStatement("Low mood for six weeks."),)),
        ReportSection("History", parts=(ReportSection("Family history", nothing="Nothing recorded"),)),
        ReportSection("Plan", (ReportStatement("Review in two weeks."),)),
    ),
    signature=SIGNATURE,
)
CONSULTATION = BillLine("Consultation, 60 minutes", Decimal(1), 12_345_600, 12_345_600, "99205")
BILL = BillDocument(
    letterhead=LETTERHEAD,
    patient=PATIENT,
    bill_number="INV202609-000123",
    status="Partly paid",
    created_at=datetime(2026, 9, 14, 9, 30, tzinfo=UTC),
    changed_at=datetime(2026, 9, 15, 6, 0, tzinfo=UTC),
    bill_date=date(2026, 9, 14),
    due_date=date(2026, 10, 14),
    currency="INR",
    lines=(CONSULTATION, BillLine("Questionnaire", Decimal("1.5"), 20_000, 30_000, "96127")),
    subtotal_minor=12_375_600,
    discount_minor=75_600,
    taxes=(TaxLine("GST", Decimal("18.00"), 2_214_000),),
    total_minor=14_514_000,
    paid_minor=10_000_000,
    outstanding_minor=4_514_000,
    payments=(PaymentLine(date(2026, 9, 14), "UPI", 10_000_000, "UPI-483920", "Nisha Fernandes"),),
    payment_instructions="Pay to banyan@upi.",
    payment_terms="Due within 30 days.",
)


def pages(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages]


def shaped_texts(pdf: bytes) -> list[str]:
    """The ActualText of shaped glyphs: the text for copy and search."""
    reader = PdfReader(BytesIO(pdf))
    texts = []
    for page in reader.pages:
        for operands, operator in ContentStream(page.get_contents(), reader).operations:
            if operator == b"BDC" and "/ActualText" in operands[1]:
                texts.append(str(operands[1]["/ActualText"]))
    return texts


def with_statements(*statements: str) -> ReportDocument:
    return replace(REPORT, sections=(ReportSection("Notes", tuple(map(ReportStatement, statements))),))


def test_a_report_says_who_whom_when_and_what() -> None:
    (text,) = pages(report_pdf(REPORT))
    for part in (
        "Banyan Mind Clinic",
        "Bengaluru 560038",
        "Licence no. KMC-48213",
        "Ananya Rao",
        "7 March 1991",
        "4 November 2026, 14:30 IST",
        "SESS-20260001",
        "Low mood for six weeks.",
        "Page 1 of 1",
    ):
        assert part in text


def test_a_section_without_statements_says_so_unless_its_subsections_speak_for_it() -> None:
    (text,) = pages(report_pdf(REPORT))
    assert text.count("Nothing recorded") == 1
    assert text.index("Family history") < text.index("Nothing recorded") < text.index("Plan")


def test_a_signed_report_prints_its_signature_and_no_draft_mark() -> None:
    (text,) = pages(report_pdf(REPORT))
    assert "DRAFT" not in text
    assert SIGNATURE.meaning in text
    assert "4 November 2026, 15:42 IST" in text
    assert "report-signing, version 3" in text
    assert SIGNATURE.content_digest in text
    assert SIGNATURE.signature in text.replace("\n", "")


def test_an_unsigned_report_is_marked_as_a_draft_on_every_page() -> None:
    draft = replace(with_statements(*["A statement."] * 120), signature=None)
    texts = pages(report_pdf(draft))
    assert len(texts) > 2
    for text in texts:
        assert "DRAFT \u2013 not signed" in text
        assert text.count("DRAFT") == 2  # the header and the watermark


def test_every_page_names_patient_birth_date_numbers_and_page() -> None:
    texts = pages(report_pdf(with_statements(*["A statement."] * 120)))
    for number, text in enumerate(texts, start=1):
        assert "Ananya Rao · born 7 March 1991 · PAT-20260001 · REP-20260003" in text
        assert f"Page {number} of {len(texts)}" in text


def test_the_metadata_names_the_document_but_not_the_patient() -> None:
    reader = PdfReader(BytesIO(report_pdf(REPORT)))
    assert reader.metadata is not None
    assert reader.metadata.title == "Consultation report REP-20260003"
    assert not any("Ananya" in str(value) for value in reader.metadata.values())
    assert str(reader.root_object["/Lang"]) == "en"


def test_markup_in_statements_is_printed_as_it_is() -> None:
    statement = "<b>BP</b> 120/80 &amp; <img src='x'/> </para> PHQ-9 < 5"
    (text,) = pages(report_pdf(with_statements(statement)))
    assert statement in text


def test_long_words_and_names_stay_between_the_margins() -> None:
    name = "Venkatanarasimharajuvaripeta" * 5
    document = replace(with_statements("ж" * 3000, "A long statement. " * 600), patient=replace(PATIENT, name=name))
    texts = pages(report_pdf(document))
    assert name in texts[0].replace("\n", "")
    assert sum(text.count("ж") for text in texts) == 3000
    assert sum(text.count("statement") for text in texts) == 600


def test_a_heading_is_never_the_last_line_of_a_page() -> None:
    statement = "Three lines of text. " * 12
    for before in range(22, 40):
        filler = (ReportStatement("One line."),) * before
        sections = (ReportSection("Before", filler), ReportSection("Heading", (ReportStatement(statement),)))
        texts = pages(report_pdf(replace(REPORT, sections=sections)))
        (page,) = (text for text in texts if "Heading" in text)
        assert "Heading\n• Three lines" in page


def test_a_signature_block_stays_on_one_page() -> None:
    for before in range(20, 40):
        texts = pages(report_pdf(with_statements(*["One line."] * before)))
        (page,) = (text for text in texts if "Electronically signed" in text)
        assert SIGNATURE.signature in page.replace("\n", "")


@pytest.mark.parametrize("name", ["अनन्या राव", "தமிழ்ச்செல்வி", "ক্ষমা", "ಜ್ಞಾನ", "محمد", "睡眠", "🙂"])
def test_names_of_any_script_can_be_copied_from_the_document(name: str) -> None:
    document = replace(REPORT, patient=replace(PATIENT, name=name))
    pdf = report_pdf(document)
    assert name in [*shaped_texts(pdf), *pages(pdf)[0].splitlines()]


def test_equal_documents_have_equal_bytes_whatever_was_rendered_before() -> None:
    document = with_statements("क्षमा, ज्ञान, श्रृंखला")
    report_pdf(with_statements("श्रृंखला ज्ञान द्वार"))
    fresh = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, tests.shared.render.test_pdf as t\n"
            "sys.stdout.buffer.write(t.report_pdf(t.with_statements('क्षमा, ज्ञान, श्रृंखला')))",
        ],
        capture_output=True,
        check=True,
        cwd=ROOT,
    )
    assert fresh.stdout == report_pdf(document)


def test_importing_the_renderer_does_not_load_reportlab() -> None:
    program = "import sys, shared.render.pdf; print({'reportlab', 'uharfbuzz'} & set(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True, cwd=ROOT)
    assert loaded.stdout.strip() == "set()"


def test_a_logo_is_embedded() -> None:
    logo = BytesIO()
    Image.new("RGB", (400, 200), "teal").save(logo, "PNG")
    document = replace(REPORT, letterhead=replace(LETTERHEAD, logo=logo.getvalue()))
    (page,) = PdfReader(BytesIO(report_pdf(document))).pages
    assert len(page.images) == 1


def test_a_logo_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="PNG nor JPEG"):
        replace(LETTERHEAD, logo=b"<svg/>")


def test_a_bill_prints_the_amounts_it_is_given() -> None:
    (text,) = pages(bill_pdf(BILL))
    for part in (
        "INV202609-000123",
        "GSTIN 29ABCDE1234F1Z5",
        "Partly paid",
        "Consultation, 60 minutes 99205 1 1,23,456.00 1,23,456.00",
        "Questionnaire 96127 1.5 200.00 300.00",
        "Subtotal ₹1,23,756.00",
        "Discount \u2212₹756.00",
        "GST (18 %) ₹22,140.00",
        "Total ₹1,45,140.00",
        "Paid ₹1,00,000.00",
        "Outstanding ₹45,140.00",
        "14 September 2026 UPI UPI-483920 Nisha Fernandes 1,00,000.00",
        "Pay to banyan@upi.",
        "Due within 30 days.",
    ):
        assert part in text


def test_a_bill_in_dinars_has_three_decimals_and_in_yen_none() -> None:
    assert "Total KWD 14,514.000" in pages(bill_pdf(replace(BILL, currency="KWD")))[0]
    assert "Total ¥14,514,000" in pages(bill_pdf(replace(BILL, currency="JPY")))[0]


def test_a_draft_bill_has_no_number_and_says_so() -> None:
    (text,) = pages(bill_pdf(replace(BILL, bill_number=None)))
    assert "DRAFT \u2013 not issued" in text
    assert "not issued" in text


def test_a_cancelled_bill_is_marked() -> None:
    assert "CANCELLED" in pages(bill_pdf(replace(BILL, is_cancelled=True)))[0]


def test_a_long_bill_repeats_its_column_heads_and_loses_no_line() -> None:
    lines = tuple(replace(CONSULTATION, code=f"C{number:03d}") for number in range(80))
    texts = pages(bill_pdf(replace(BILL, lines=lines)))
    assert len(texts) == 4
    assert all("Unit price (INR)" in text for text in texts[:3])
    assert [line.code for line in lines if line.code not in "".join(texts)] == []


def test_a_description_longer_than_a_page_is_continued_on_the_next() -> None:
    endless = replace(CONSULTATION, description="Endless " * 600)
    texts = pages(bill_pdf(replace(BILL, lines=(endless,))))
    assert sum(text.count("Endless") for text in texts) == 600
    assert "".join(texts).count("99205") == 1


def test_the_total_of_a_bill_is_on_no_page_without_a_line() -> None:
    for count in range(10, 40):
        texts = pages(bill_pdf(replace(BILL, lines=(CONSULTATION,) * count, payments=())))

        (last,) = [text for text in texts if "Total ₹" in text]
        assert "Consultation" in last
        assert sum(text.count("Consultation, 60 minutes") for text in texts) == count


def test_reasons_that_are_higher_than_a_page_are_printed() -> None:
    reasons = tuple(f"Entry {number} of a notification" for number in range(120))

    texts = pages(bill_pdf(replace(BILL, exemptions=reasons)))

    assert sum(text.count("Exempt from tax: Entry") for text in texts) == 120


def test_equal_bills_have_equal_bytes() -> None:
    assert bill_pdf(BILL) == bill_pdf(replace(BILL))
