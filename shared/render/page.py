"""The page layout of both documents: styles, labelled facts, running header and footer, and the PDF build."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfdoc import PDFDictionary, PDFInfo, PDFString
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Spacer

from shared.render.bidi import isolated
from shared.render.columns import Columns
from shared.render.documents import PatientBlock
from shared.render.formats import long_date
from shared.render.paragraph import Line, TextStyle, shortened, single_line, text_width
from shared.render.text import Text, draw_line, draw_lines
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
_RUNNING = TextStyle(7.5, 10, MUTED)
_RUNNING_RIGHT = TextStyle(7.5, 10, MUTED, align="right")
_MARK = TextStyle(7.5, 10, WARNING, "Bold", align="right")
_NOT_RECORDED = TextStyle(9.5, 14, MUTED, "Italic")
_WATERMARK_SIZE = 64

_PAGE_WIDTH, _PAGE_HEIGHT = A4
_SIDE, _TOP, _BOTTOM = 20 * mm, 22 * mm, 20 * mm
WIDTH = _PAGE_WIDTH - 2 * _SIDE
"""Width of the text area, in points."""
GUTTER = 5 * mm
"""Between columns."""
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
    """Title of the document and of the PDF metadata, which must not contain the patient's name."""
    clinic: str
    patient: PatientBlock
    reference: str
    """The report's or the bill's number."""
    created_at: datetime
    """The dates of the PDF. They come from the record, so that the same record prints the same bytes for ever."""
    changed_at: datetime
    mark: str = ""
    """Such as `DRAFT`: printed in the header and across the page."""
    mark_note: str = ""
    """Explanation of the mark, such as `not signed`: printed after the mark in the header."""

    @property
    def full_mark(self) -> str:
        return " – ".join(filter(None, (self.mark, self.mark_note)))

    @property
    def identity(self) -> str:
        """The patient on every page, for pages that come apart."""
        born = self.patient.date_of_birth
        return " · ".join(
            filter(None, (f"born {long_date(born)}" if born else "", self.patient.number, self.reference))
        )

    @property
    def full_title(self) -> str:
        return f"{self.title} {self.reference}".strip()


def build(frame: PageFrame, story: Sequence[Flowable]) -> bytes:
    """Build the PDF of a story, reportlab's list of content. Equal input gives equal bytes: no clock, no random id."""
    output = BytesIO()
    document = BaseDocTemplate(
        output,
        pagesize=A4,
        title=clean(frame.full_title),
        subject=clean(frame.title),
        author=clean(frame.clinic),
        creator="SynapseAI",
        lang="en",
        displayDocTitle=True,
        invariant=1,  # no clock in the file's id
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


class _DatedInfo(PDFInfo):
    """The metadata with the dates of the record; reportlab knows only the clock and a constant."""

    def __init__(self, frame: PageFrame) -> None:
        super().__init__()
        self._dates = {"CreationDate": frame.created_at, "ModDate": frame.changed_at}

    def format(self, document: Any) -> bytes:
        texts = {
            "Title": self.title,
            "Author": self.author,
            "Subject": self.subject,
            "Creator": self.creator,
            "Producer": self.producer,
            **{name: f"{at.astimezone(UTC):D:%Y%m%d%H%M%S+00'00'}" for name, at in self._dates.items()},
        }
        content: bytes = PDFDictionary({name: PDFString(text) for name, text in texts.items()}).format(document)
        return content


class _CountingCanvas(Canvas):
    """Defers finished pages until the last one, because each page shows the page count."""

    def __init__(self, frame: PageFrame, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._doc.info = _DatedInfo(frame)  # type: ignore[attr-defined]  # not in the stubs
        self._page_frame = frame
        self._finished: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 - reportlab's name
        self._finished.append(dict(self.__dict__))
        self._startPage()  # type: ignore[attr-defined]  # not in the stubs

    def save(self) -> None:
        pages = self._finished
        header = _header(self._page_frame)
        for number, page in enumerate(pages, start=1):
            self.__dict__.update(page)
            _draw_running_lines(self, self._page_frame, header, number, len(pages))
            super().showPage()
        super().save()


def _header(frame: PageFrame) -> Line:
    """The patient's name, shortened where it is long, with date of birth and numbers."""
    mark = text_width(frame.full_mark, _MARK) + GUTTER if frame.mark else 0
    room = WIDTH - mark - text_width(f" · {frame.identity}", _RUNNING)
    name = shortened(frame.patient.name, _RUNNING, room)
    return single_line(f"{isolated(name)} · {frame.identity}", _RUNNING.weight)


def _draw_running_lines(canvas: Canvas, frame: PageFrame, header: Line, number: int, count: int) -> None:
    right = _SIDE + WIDTH
    top = _PAGE_HEIGHT - 13 * mm
    bottom = 11 * mm
    draw_lines(canvas, [header], _SIDE, top, _RUNNING, width=WIDTH)
    if frame.mark:
        draw_line(canvas, right, top, frame.full_mark, _MARK)
    canvas.setStrokeColor(HexColor(RULE))
    canvas.setLineWidth(0.5)
    canvas.line(_SIDE, bottom + 10, right, bottom + 10)
    draw_line(canvas, _SIDE, bottom, frame.full_title, _RUNNING)
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


def facts(pairs: Sequence[tuple[str, str]], *, wide: tuple[str, str]) -> Iterator[Flowable]:
    """Labelled values in four columns, small labels above values; the wide one takes the rest of the last row.

    Each pair has its place: an empty value is "not recorded".
    """
    count = len(_FACT_COLUMNS)
    for start in range(0, len(pairs) + 1, count):
        row = pairs[start : start + count]
        widths = _FACT_COLUMNS[: len(row)]
        if len(row) < count:
            row, widths = [*row, wide], [*widths, WIDTH - sum(widths)]
        yield Columns([[_fact(*pair, width - GUTTER)] for pair, width in zip(row, widths, strict=True)], widths)
        yield Spacer(0, 6)


def _fact(label: str, value: str, width: float) -> Flowable:
    shown = Text(value, BODY) if value else Text("not recorded", _NOT_RECORDED)
    return Columns([[Text(label, LABEL), shown]], [width])
