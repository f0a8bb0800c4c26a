"""The characters that can be printed, without the fonts: the file agrees with them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.render.coverage import _USUAL, has_glyph, missing, unprintable
from shared.render.documents import ReportSection
from shared.render.families import FAMILIES
from shared.render.font import load_font
from shared.render.paragraph import single_line
from shared.render.typography import clean
from tests.shared.render.test_pdf import BILL, LETTERHEAD, PATIENT, with_statements
from tools.font_coverage import FILE, written

BOX = "\U0001f642"
"""A character that no bundled font has."""


def test_the_file_has_the_characters_of_the_fonts() -> None:
    assert FILE.read_text("ascii") == written(), "run python -m tools.font_coverage"


@pytest.mark.parametrize(("text", "absent"), [
    ("", ""),
    ("Ananya Rao, 14 °C – “well”", ""),
    ("क्षमा 120/80", ""),
    (f"well {BOX} and {BOX}\U0001f9b7", f"{BOX}\U0001f9b7"),
    ("\u2764\ufe0f", ""),
    ("one\ntwo\u00a0three", ""),
    ("e\u0301", ""),
])  # fmt: skip
def test_characters_without_a_glyph_are_named_once(text: str, absent: str) -> None:
    assert missing(text) == absent


def test_what_is_taken_for_usual_is_covered() -> None:
    usual = [chr(code) for code in range(0x10FFFF) if _USUAL.fullmatch(chr(code))]

    assert len(usual) > 600
    assert {one for one in usual if clean(one) not in ("", " ") and not has_glyph_in_any(one)} == set()


def has_glyph_in_any(character: str) -> bool:
    return any(has_glyph(family, character) for family in FAMILIES)


@given(st.text(st.characters(blacklist_categories=["Cs", "Co"]), max_size=20))
@example("\u2068a\u2069")
@example("\u0378")
def test_what_is_said_to_be_printable_has_no_empty_box(text: str) -> None:
    segments = single_line(text, "Regular").segments()
    has_box = any(load_font(one.family, "Regular").missing in one.placed for one in segments)

    assert bool(missing(text)) == has_box


def test_each_text_of_a_document_is_named_by_its_place() -> None:
    report = replace(
        with_statements("Sleeps well.", f"Smiles {BOX}."),
        patient=replace(PATIENT, name=f"Ananya {BOX}"),
        letterhead=replace(LETTERHEAD, clinic_address=f"14, 3rd Cross\n{BOX}"),
    )
    parts = replace(report, sections=(ReportSection("History", parts=(ReportSection(BOX),)),))

    places = ["/letterhead/clinic_address", "/patient/name", "/sections/0/statements/1/text"]
    assert [*unprintable(report)] == places
    assert "/sections/0/parts/0/title" in unprintable(parts)
    assert unprintable(BILL) == {}
