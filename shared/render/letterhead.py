"""The head of both documents: letterhead and title."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Image, Spacer

from shared.render import page
from shared.render.columns import Columns
from shared.render.documents import LetterheadBlock
from shared.render.paragraph import TextStyle
from shared.render.tags import Tag, tagged
from shared.render.text import Text
from shared.render.typography import clean

_CLINIC = TextStyle(13, 18, page.ACCENT, "Bold", space_after=1)
_PRACTITIONER = TextStyle(10, 14, page.INK, "Bold", align="right")
_LOGO_WIDTH, _LOGO_HEIGHT = 34 * mm, 17 * mm


class _Logo(Image):
    """A picture that belongs to the structure of the document."""

    def __init__(self, content: bytes, alternative: str) -> None:
        super().__init__(BytesIO(content))
        self._tag = Tag("Figure", alternative=alternative)

    def draw(self) -> None:
        with tagged(self.canv, self._tag):
            super().draw()


def head(letter: LetterheadBlock, title: str, licence: str) -> Iterator[Flowable]:
    """The letterhead, and below it the title of the document. `licence` is the label of the licence number."""
    yield from letterhead(letter, licence)
    yield from titled(title)


def titled(title: str) -> Iterator[Flowable]:
    """The title of a document."""
    yield Text(title, page.TITLE, tag=Tag("H1"))
    yield Spacer(0, 8)


def letterhead(letter: LetterheadBlock, licence: str = "Licence no.") -> Iterator[Flowable]:
    """The issuer: the clinic with logo at the left, the practitioner at the right, a rule below."""
    right: list[Flowable] = [
        Text(letter.practitioner_name, _PRACTITIONER),
        Text(letter.credentials, page.SMALL_RIGHT),
        Text(f"{licence} {letter.licence_number}".strip(), page.SMALL_RIGHT),
    ]
    contact = " · ".join(filter(None, (letter.phone, letter.email)))
    registration = f"GSTIN {letter.gst_number}" if letter.gst_number else ""
    clinic: list[Flowable] = [
        Text(letter.clinic_name, _CLINIC),
        Text(letter.clinic_address, page.SMALL),
        Text(contact, page.SMALL),
        Text(registration, page.SMALL),
    ]
    logo = _logo(letter.logo, letter.clinic_name)
    logo_column = logo.drawWidth + page.GUTTER if logo else 0
    right_column = page.WIDTH * 0.36
    widths = [logo_column, page.WIDTH - logo_column - right_column - page.GUTTER, page.GUTTER, right_column]
    yield Columns([[logo] if logo else [], clinic, [], right], widths)
    yield Spacer(0, 8)
    yield page.Rule(1, page.ACCENT, after=14)


def _logo(content: bytes | None, clinic: str) -> Image | None:
    if content is None:
        return None
    image = _Logo(content, clean(clinic) or "Logo")
    scale = min(_LOGO_WIDTH / image.imageWidth, _LOGO_HEIGHT / image.imageHeight)
    image.drawWidth, image.drawHeight = image.imageWidth * scale, image.imageHeight * scale
    return image
