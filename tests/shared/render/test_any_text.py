"""Whatever a record may hold prints: no text is too strange, too long or too high for a page."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from functools import cache

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bench.hostile_bodies import TEXTS
from shared.render.bill_documents import TaxLine
from shared.render.documents import LetterheadBlock, PatientBlock, ReportDocument, ReportSection, ReportStatement
from shared.render.families import LATIN
from shared.render.font import load_font
from shared.render.paragraph import TextStyle, lay_out, shortened, text_width
from shared.render.pdf import bill_pdf, report_pdf
from shared.render.typography import clean
from tests.shared.render.test_pdf import (
    BILL,
    CONSULTATION,
    LETTERHEAD,
    PATIENT,
    REPORT,
    SIGNATURE,
    pages,
    with_statements,
)
from tests.support.pdf_glyphs import glyphs
from tests.support.thorough import examples, sample

STYLE = TextStyle(size=10, leading=14, color="#000000")
MOST_OF_PLAIN = 20
"""Times the processor time that plain words of 40 kB may take: a ratio, since machines differ."""
SCRIPTS = (
    "aåжγאעمۀनिதாঘੴકਠഅಕమසກമခႠԱހꯃᱥ睡あハ한😀🇮́\u093e\u0378\ue000\ufdfd\uffff 0٣۴१/.(([«-"
    "\u200b\u200c\u200d\u00ad\u200f\u202e\u2066\t\n\r\x0b\x85\u2028"
)
ANY_TEXT = st.text(
    st.one_of(st.sampled_from(SCRIPTS), st.characters(blacklist_categories=["Cs"]), st.characters()), max_size=80
)


def seconds_to_print(text: str) -> float:
    started = time.process_time()
    report_pdf(with_statements(text))
    return time.process_time() - started


@cache
def seconds_of_plain_words() -> float:
    seconds_to_print("x नींद தூக்கம் ঘুম نوم שינה ≥")  # loads the fonts
    return max(seconds_to_print("plain word " * 3_600) for _ in range(2))


@pytest.mark.parametrize("name", TEXTS)
def test_forty_kilobytes_of_any_shape_take_no_more_than_some_times_plain_words(name: str) -> None:
    assert seconds_to_print(TEXTS[name]) < MOST_OF_PLAIN * seconds_of_plain_words()


@pytest.mark.parametrize("name", ["one word", "short lines", "alternating letters", "accents on one letter"])
def test_the_time_is_linear_in_the_text(name: str) -> None:
    def seconds(text: str) -> float:
        """The least of three rounds: what the machine does beside them only adds."""
        rounds = []
        for _ in range(3):
            started = time.process_time()
            lay_out(text, STYLE, 480)
            rounds.append(time.process_time() - started)
        return min(rounds)

    text = TEXTS[name]
    seconds(text[:1_000])
    assert seconds(text * 4) < 8 * (seconds(text) + 0.02)  # four times, were there no noise


@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ANY_TEXT, ANY_TEXT, ANY_TEXT)
@example("\ud800", "\x00", "\u202e")
@example("", " ", "\n")
def test_any_text_prints(one: str, two: str, three: str) -> None:
    letter = LetterheadBlock(one, two, three, one, two, three, one, None, two)
    said = (ReportStatement(two, is_revised=True), ReportStatement(three, doubts=(one, two)))
    parts = (ReportSection(three, nothing=one), ReportSection(one, said))
    sections = (ReportSection(one, said), ReportSection(two, parts=parts))
    report = ReportDocument(
        letter,
        PatientBlock(three, one, None, two),
        report_number=two,
        session_number=three,
        visit_started=REPORT.visit_started,
        at=REPORT.at,
        zone="UTC",
        version=1,
        sections=sections,
        title=one,
        age=one,
        allergies=two,
        allergies_to_confirm=three,
        visit_kind=three,
        referred_by=one,
        no_entry=(one, two),
        origin=three,
        signature=replace(SIGNATURE, printed_name=one, licence_number=two, meaning=three),
    )
    bill = replace(
        BILL,
        letterhead=letter,
        patient=report.patient,
        lines=(replace(CONSULTATION, description=one or "-", code=two),),
        taxes=(TaxLine(three, Decimal(18), 100),),
        discount_reasons=(one,),
        exemptions=(two,),
        notes=one,
        payment_terms=two,
        address=three,
        status=one,
        payments=(replace(BILL.payments[0], received_by=two),),
    )

    assert pages(report_pdf(report))
    assert pages(bill_pdf(bill))


LONG = {
    "lines": "I agree\n" * 2_500,
    "wide letters": "\ufdfd" * 500,
    "one word": "W" * 20_000,
    "words": "wide word " * 2_000,
}


@pytest.mark.parametrize("name", sample(list(LONG), 1))
def test_no_field_of_a_report_is_too_long(name: str) -> None:
    text = LONG[name]
    report = replace(
        REPORT,
        letterhead=LetterheadBlock(text, text, text, text, text, text, text, None, text),
        patient=PatientBlock(text, "PAT-20260001", PATIENT.date_of_birth, text),
        signature=replace(SIGNATURE, printed_name=text, licence_number=text, meaning=text),
        sections=(ReportSection(text, (ReportStatement(text),)), ReportSection(text)),
        allergies=text,
        origin=text,
    )

    printed = Counter(glyph.character for glyph in glyphs(report_pdf(report)))

    # Letterhead (8), patient (2), signature (3), headings (2), statement and corrections (2); the header is shortened.
    assert max(printed.values()) >= 17 * max(Counter(text.replace(" ", "")).values())


@pytest.mark.parametrize("name", LONG)
def test_no_field_of_a_bill_is_too_long(name: str) -> None:
    text = LONG[name]
    payment = replace(BILL.payments[0], method=text, reference=text)
    bill_pdf(
        replace(
            BILL,
            letterhead=replace(LETTERHEAD, clinic_address=text, practitioner_name=text),
            lines=(replace(CONSULTATION, description=text, code=text),),
            payments=(payment,),
            taxes=(TaxLine(text, Decimal(18), 100),),
            discount_reasons=(text,),
            exemptions=(text,),
            notes=text,
            payment_instructions=text,
            payment_terms=text,
        )
    )


def test_the_meaning_of_case_13_prints_with_its_signature() -> None:
    report = replace(REPORT, signature=replace(SIGNATURE, meaning="\n".join(["I agree"] * 60)))
    text = "".join(pages(report_pdf(report)))

    assert text.count("I agree") == 60
    assert SIGNATURE.content_digest in text


@pytest.mark.parametrize("line", ["मैं सहमत हूँ", "நான் ஒப்புக்கொள்கிறேன்"], ids=["Hindi", "Tamil"])
@pytest.mark.parametrize("shape", ["lines", "one word"])
def test_case_13_in_hindi_and_tamil_every_field_that_is_higher_than_a_page_prints(line: str, shape: str) -> None:
    text = "\n".join([line] * 70) if shape == "lines" else line.replace(" ", "") * 70
    letterhead = replace(LETTERHEAD, practitioner_name=text, clinic_name=text, clinic_address=text)
    report = replace(
        REPORT,
        letterhead=letterhead,
        patient=PatientBlock(text, "PAT-20260001", PATIENT.date_of_birth, text),
        signature=replace(SIGNATURE, printed_name=text, licence_number=text, meaning=text),
        sections=(ReportSection(text, (ReportStatement(text, doubts=(text,)),)),),
        allergies=text,
        referred_by=text,
    )

    printed = pages(report_pdf(report))
    billed = pages(bill_pdf(replace(BILL, letterhead=letterhead, patient=report.patient, notes=text)))

    assert SIGNATURE.content_digest in "".join(printed)
    assert len(printed) > 2
    assert len(billed) > 1


@pytest.mark.parametrize("character", ["睡", "\u0378", "\ue000", "\U0001f9ff", "ᱥ"])
def test_a_character_without_a_glyph_is_a_visible_box(character: str) -> None:
    assert text_width(character, STYLE) > 1


def test_an_arabic_number_sign_is_not_dropped() -> None:
    assert clean("\u0600١٢\u06dd") == "\u0600١٢\u06dd"
    assert ord("\u0600") in load_font("Arabic", "Regular").codes
    assert ord("\u0600") not in load_font(LATIN, "Regular").codes


def test_empty_lines_collapse_to_one() -> None:
    lines = lay_out("\n\n one\n\n \n\t\n\ntwo\nthree\n\n", STYLE, 200)
    assert [line.text for line in lines] == ["one", "", "two", "three"]


@pytest.mark.parametrize("text", ["Banyan " * 60, "W" * 500, "क्षि" * 200, "\ufdfd" * 9, "שלום 120 " * 40])
def test_a_long_header_is_shortened_visibly(text: str) -> None:
    short = shortened(text, STYLE, 100)
    assert short.endswith("…")
    assert text_width(short, STYLE) <= 100 or len(short) == 2
