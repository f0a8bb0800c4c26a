"""The head of both documents: letterhead and title."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, HRFlowable, Image, Spacer

from shared.render import page
from shared.render.columns import Columns
from shared.render.documents import LetterheadBlock
from shared.render.paragraph import TextStyle
from shared.render.text import Text

_CLINIC = TextStyle(13, 18, page.ACCENT, "Bold", space_after=1)
_PRACTITIONER = TextStyle(10, 14, page.INK, "Bold", align="right")
_LOGO_WIDTH, _LOGO_HEIGHT = 34 * mm, 17 * mm


def head(letter: LetterheadBlock, title: str) -> Iterator[Flowable]:
    """The letterhead, and below it the title of the document."""
    yield from _letterhead(letter)
    yield Text(title, page.TITLE)
    yield Spacer(0, 8)


def _letterhead(letter: LetterheadBlock) -> Iterator[Flowable]:
    """The issuer: the clinic with logo at the left, the practitioner at the right, a rule below."""
    right: list[Flowable] = [
        Text(letter.practitioner_name, _PRACTITIONER),
        Text(letter.credentials, page.SMALL_RIGHT),
        Text(f"Licence no. {letter.licence_number}", page.SMALL_RIGHT),
    ]
    contact = " · ".join(filter(None, (letter.phone, letter.email)))
    registration = f"GSTIN {letter.gst_number}" if letter.gst_number else ""
    clinic: list[Flowable] = [
        Text(letter.clinic_name, _CLINIC),
        Text(letter.clinic_address, page.SMALL),
        Text(contact, page.SMALL),
        Text(registration, page.SMALL),
    ]
    logo = _logo(letter.logo)
    logo_column = logo.drawWidth + page.GUTTER if logo else 0
    right_column = page.WIDTH * 0.36
    widths = [logo_column, page.WIDTH - logo_column - right_column - page.GUTTER, page.GUTTER, right_column]
    yield Columns([[logo] if logo else [], clinic, [], right], widths)
    yield Spacer(0, 8)
    yield HRFlowable(width="100%", thickness=1, color=HexColor(page.ACCENT), spaceBefore=0, spaceAfter=14)


def _logo(content: bytes | None) -> Image | None:
    if content is None:
        return None
    image = Image(BytesIO(content))
    scale = min(_LOGO_WIDTH / image.imageWidth, _LOGO_HEIGHT / image.imageHeight)
    image.drawWidth, image.drawHeight = image.imageWidth * scale, image.imageHeight * scale
    return image
