"""QR codes on paper: a telephone reads them, and screen readers are told of them."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO

from pypdf import PdfReader

from shared.render import qr
from shared.render.pdf import bill_pdf
from tests.shared.render.test_pdf import BILL
from tests.support.qr import read_pdf

LINK = "upi://pay?pa=banyan@okaxis&pn=Banyan&am=45140.00&cu=INR&tn=Bill%20INV-202609-000123&tr=INV202609000123"


def test_a_printed_code_is_read_as_its_link() -> None:
    printed = bill_pdf(replace(BILL, upi_link=LINK))

    assert read_pdf(printed) == [LINK]
    assert read_pdf(bill_pdf(BILL)) == []


def test_the_longest_link_is_read_too() -> None:
    longest = LINK + "&pn=" + "%E0%A4%95" * 99

    assert read_pdf(bill_pdf(replace(BILL, upi_link=longest))) == [longest]


def test_equal_links_print_equal_bytes_and_the_code_has_a_description() -> None:
    once, again = bill_pdf(replace(BILL, upi_link=LINK)), bill_pdf(replace(BILL, upi_link=LINK))

    assert once == again
    catalogue = PdfReader(BytesIO(once)).trailer["/Root"]
    assert "QR code of a UPI payment" in str(_alternatives(catalogue["/StructTreeRoot"]))  # type: ignore[index]


def _alternatives(element: object) -> list[str]:
    """The alternative texts of a tree of structure elements."""
    found: list[str] = []
    resolved = element.get_object() if hasattr(element, "get_object") else element
    if isinstance(resolved, list):
        for child in resolved:
            found += _alternatives(child)
    elif isinstance(resolved, dict):
        found += [str(resolved["/Alt"])] if "/Alt" in resolved else []
        found += _alternatives(resolved.get("/K"))
    return found


def test_a_code_of_a_page_is_a_drawing_without_text_and_style() -> None:
    element = qr.svg(LINK)

    assert re.fullmatch(r'<svg viewBox="[0-9 ]+"[^<]*>(<path [^<>]*/>)+</svg>', element)
    assert "style=" not in element
    assert LINK not in element
