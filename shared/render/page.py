"""The page layout of both documents: styles, letterhead, running header and footer, and the PDF build."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import cycle
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, HRFlowable, Image, PageTemplate, Spacer

from shared.render.columns import Columns
from shared.render.documents import LetterheadBlock
from shared.render.paragraph import TextStyle, shortened, text_width
from shared.render.text import Text, draw_line
from shared.render.typography import clean

INK, MUTED, ACCENT, RULE, WARNING = "#1c2530", "#5f6b7a", "#1d5a68", "#cfd6dd", "#a23b12"
_WATERMARK = "#f3ece9"

BODY = TextStyle(9.5, 14, INK)
BODY_BOLD = TextStyle(9.5, 14, INK, "Bold")
PROSE = replace(BODY, align="start")
SMALL = TextStyle(8, 11.5, MUTED)
SMALL_RIGHT = TextStyle(8, 11.5, MUTED, align="right")
LABEL = TextStyle(7.5, 11, MUTED)
TITLE = TextStyle(18, 24, INK, "Bold", space_after=2)
_CLINIC = TextStyle(13, 18, ACCENT, "Bold", space_after=1)
_PRACTITIONER = TextStyle(10, 14, INK, "Bold", align="right")
_RUNNING = TextStyle(7.5, 10, MUTED)
_RUNNING_RIGHT = TextStyle(7.5, 10, MUTED, align="right")
_MARK = TextStyle(7.5, 10, WARNING, "Bold")
_WATERMARK_SIZE = 64

_PAGE_WIDTH, _PAGE_HEIGHT = A4
_SIDE, _TOP, _BOTTOM = 20 * mm, 22 * mm, 20 * mm
WIDTH = _PAGE_WIDTH - 2 * _SIDE
"""Width of the text area, in points."""

_LOGO_WIDTH, _LOGO_HEIGHT = 34 * mm, 17 * mm
_GUTTER = 5 * mm
_FACT_COLUMNS = [WIDTH * 0.34, WIDTH * 0.22, WIDTH * 0.22, WIDTH * 0.22]

PLAIN_CELLS: list[tuple[Any, ...]] = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 0),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
]
"""Table style without any padding."""


@dataclass(frozen=True, slots=True)
class PageFrame:
    """Content of header, footer and watermark on every page."""

    title: str
    """Title of the document and of the PDF metadata; must not contain the patient's name."""
    clinic: str
    patient_number: str
    reference: str
    """The report's id or the bill's number."""
    mark: str = ""
    """Such as `DRAFT`: printed in the header and across the page."""
    mark_note: str = ""
    """Explanation of the mark, such as `not signed`: printed after the mark in the header."""

    @property
    def full_mark(self) -> str:
        return " – ".join(filter(None, (self.mark, self.mark_note)))

    @property
    def full_reference(self) -> str:
        return " · ".join(filter(None, (self.patient_number, self.reference)))


def build(frame: PageFrame, story: Sequence[Flowable]) -> bytes:
    """Build the PDF of a story, reportlab's list of content. Equal input gives equal bytes: no clock, no random id."""
    output = BytesIO()
    document = BaseDocTemplate(
        output,
        pagesize=A4,
        title=clean(f"{frame.title} {frame.reference}"),
        subject=clean(frame.title),
        author=clean(frame.clinic),
        creator="SynapseAI",
        lang="en",
        displayDocTitle=True,
        invariant=1,
    )
    area = Frame(
        _SIDE,
        _BOTTOM,
        WIDTH,
        _PAGE_HEIGHT - _TOP - _BOTTOM,
        leftPadding=0,
        rightPadding=0,
        topPadding=0,
        bottomPadding=0,
    )
    template = PageTemplate(frames=[area], onPage=lambda canvas, _document: _draw_watermark(canvas, frame.mark))
    document.addPageTemplates([template])

    def canvas(*arguments: Any, **options: Any) -> _CountingCanvas:
        return _CountingCanvas(frame, *arguments, **options)

    document.build(list(story), canvasmaker=canvas)
    return output.getvalue()


class _CountingCanvas(Canvas):
    """Defers finished pages until the last one, because each page shows the page count."""

    def __init__(self, frame: PageFrame, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._page_frame = frame
        self._finished: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 - reportlab's name
        self._finished.append(dict(self.__dict__))
        self._startPage()  # type: ignore[attr-defined]  # not in the stubs

    def save(self) -> None:
        pages = self._finished
        clinic = shortened(self._page_frame.clinic, _RUNNING, _left_room(self._page_frame))
        for number, page in enumerate(pages, start=1):
            self.__dict__.update(page)
            _draw_running_lines(self, self._page_frame, clinic, number, len(pages))
            super().showPage()
        super().save()


def _left_room(frame: PageFrame) -> float:
    """The width of the header beside the reference."""
    return WIDTH - text_width(frame.full_reference, _RUNNING) - _GUTTER


def _draw_running_lines(canvas: Canvas, frame: PageFrame, clinic: str, number: int, count: int) -> None:
    right = _SIDE + WIDTH
    top = _PAGE_HEIGHT - 13 * mm
    bottom = 11 * mm
    draw_line(canvas, right, top, frame.full_reference, _RUNNING_RIGHT)
    if frame.mark:
        draw_line(canvas, _SIDE, top, frame.full_mark, _MARK)
    elif number > 1:
        draw_line(canvas, _SIDE, top, clinic, _RUNNING)
    canvas.setStrokeColor(HexColor(RULE))
    canvas.setLineWidth(0.5)
    canvas.line(_SIDE, bottom + 10, right, bottom + 10)
    draw_line(canvas, _SIDE, bottom, frame.title, _RUNNING)
    draw_line(canvas, right, bottom, f"Page {number} of {count}", _RUNNING_RIGHT)


def _draw_watermark(canvas: Canvas, mark: str) -> None:
    if not mark:
        return
    style = TextStyle(_WATERMARK_SIZE, _WATERMARK_SIZE, _WATERMARK, "Bold")
    canvas.saveState()
    canvas.translate(_PAGE_WIDTH / 2, _PAGE_HEIGHT / 2)
    canvas.rotate(45)
    draw_line(canvas, -text_width(mark, style) / 2, -_WATERMARK_SIZE / 3, mark, style)
    canvas.restoreState()


def letterhead(letter: LetterheadBlock) -> Iterator[Flowable]:
    """The issuer: the clinic with logo at the left, the practitioner at the right, a rule below."""
    right: list[Flowable] = [
        Text(letter.practitioner_name, _PRACTITIONER),
        Text(letter.credentials, SMALL_RIGHT),
        Text(f"Licence no. {letter.licence_number}", SMALL_RIGHT),
    ]
    contact = " · ".join(filter(None, (letter.phone, letter.email)))
    registration = f"GSTIN {letter.gst_number}" if letter.gst_number else ""
    clinic: list[Flowable] = [
        Text(letter.clinic_name, _CLINIC),
        Text(letter.clinic_address, SMALL),
        Text(contact, SMALL),
        Text(registration, SMALL),
    ]
    logo = _logo(letter.logo)
    logo_column = logo.drawWidth + _GUTTER if logo else 0
    right_column = WIDTH * 0.36
    widths = [logo_column, WIDTH - logo_column - right_column - _GUTTER, _GUTTER, right_column]
    yield Columns([[logo] if logo else [], clinic, [], right], widths)
    yield Spacer(0, 8)
    yield HRFlowable(width="100%", thickness=1, color=HexColor(ACCENT), spaceBefore=0, spaceAfter=14)


def _logo(content: bytes | None) -> Image | None:
    if content is None:
        return None
    image = Image(BytesIO(content))
    scale = min(_LOGO_WIDTH / image.imageWidth, _LOGO_HEIGHT / image.imageHeight)
    image.drawWidth, image.drawHeight = image.imageWidth * scale, image.imageHeight * scale
    return image


def facts(pairs: Sequence[tuple[str, str]]) -> Iterator[Flowable]:
    """Labelled values in four columns, small labels above values; pairs without a value are left out."""
    columns = len(_FACT_COLUMNS)
    cells = [
        [Columns([[Text(label, LABEL), Text(value, BODY)]], [width - _GUTTER])]
        for (label, value), width in zip(
            ((label, value) for label, value in pairs if value), cycle(_FACT_COLUMNS), strict=False
        )
    ]
    for start in range(0, len(cells), columns):
        row = cells[start : start + columns]
        yield Columns(row, _FACT_COLUMNS[: len(row)])
        yield Spacer(0, 6)
