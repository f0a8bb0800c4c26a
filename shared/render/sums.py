"""Labelled amounts at the end of the lines of a document of account."""

from __future__ import annotations

from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm

from shared.render import page
from shared.render.bill_documents import TaxLine
from shared.render.bill_wording import Wording
from shared.render.formats import plain_number
from shared.render.paragraph import TextStyle, shortened, text_width
from shared.render.ruled_table import AMOUNT, AMOUNT_BOLD, RuledTable, amounts
from shared.render.text import Text

_WIDTH = 88 * mm
_LABEL, _VALUE = 0.45, 0.55
"""The parts of the width."""


def sums(rows: list[tuple[str, str]], bold: tuple[int, ...], *, mirrored: bool = False) -> RuledTable:
    """Labelled amounts at the end of the lines; bold rows have a line above them."""
    cells = [
        _cells(*pair, page.BODY_BOLD, AMOUNT_BOLD, mirrored=mirrored)
        if row in bold
        else _cells(*pair, page.BODY, AMOUNT, mirrored=mirrored)
        for row, pair in enumerate(rows)
    ]
    first, last = (0, 1) if mirrored else (1, -1)
    style = [
        *page.PLAIN_CELLS,
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
        *[("LINEABOVE", (first, row), (last, row), 0.75, HexColor(page.INK)) for row in bold],
    ]
    widths = [page.WIDTH - _WIDTH, _WIDTH * _LABEL, _WIDTH * _VALUE]
    return RuledTable(cells, colWidths=widths[::-1] if mirrored else widths, style=style)


def _cells(label: str, value: str, of_label: TextStyle, of_value: TextStyle, *, mirrored: bool) -> list[object]:
    text = Text(label, of_label)
    if not mirrored:
        return [[], text, Text(value, of_value)]
    text.turn()
    return [Text(value, amounts(of_value)), text, []]


def tax_row(tax: TaxLine, wording: Wording, *, within: bool = False) -> tuple[str, str]:
    """The row of a tax: label with rate, and amount; `within` says that the prices have it in them."""
    included = f", {wording.bill.sums.included}" if within else ""
    rate = f" ({plain_number(tax.rate)} %{included})"
    label = shortened(tax.label, page.BODY, _WIDTH * _LABEL - text_width(rate, page.BODY))
    return wording.own(label) + rate, wording.money(tax.amount_minor)
