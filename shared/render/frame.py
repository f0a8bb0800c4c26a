"""What stands on every page: header, footer and watermark; and the build of the PDF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from io import BytesIO
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate

from shared.render import page
from shared.render.bidi import isolated
from shared.render.blocks import full_mark, identity_of
from shared.render.columns import turn
from shared.render.documents import PatientBlock
from shared.render.families import LATIN
from shared.render.font import load_font
from shared.render.paragraph import Line, TextStyle, shortened, single_line, text_width
from shared.render.pdf_metadata import LAYOUT_VERSION, Metadata
from shared.render.pdf_streams import with_line_ends
from shared.render.tags import Structure, tagged
from shared.render.text import draw_line, draw_lines
from shared.render.typography import clean
from shared.render.words.languages import words_of
from shared.render.words.vocabulary import Words

_WATERMARK = "#f3ece9"
_RUNNING = TextStyle(7.5, 10, page.MUTED)
_RUNNING_RIGHT = TextStyle(7.5, 10, page.MUTED, align="right")
_MARK = TextStyle(7.5, 10, page.WARNING, "Bold", align="right")
_WATERMARK_SIZE, _WATERMARK_WIDTH = 64, 480
_PAGE_WIDTH, _PAGE_HEIGHT = A4
_TOP, _BOTTOM = 22 * mm, 20 * mm
HEIGHT = _PAGE_HEIGHT - _TOP - _BOTTOM
"""Of the text area, in points."""


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
    layout: int = LAYOUT_VERSION
    """Of the layout that draws the document."""
    language: str = "en"
    """BCP 47."""
    words: Words = field(default_factory=lambda: words_of("en"))

    @property
    def full_title(self) -> str:
        return f"{self.title} {self.reference}".strip()

    @property
    def metadata(self) -> Metadata:
        return Metadata(
            title=clean(self.full_title),
            subject=clean(self.title),
            author=clean(self.clinic),
            language=self.language,
            created_at=self.created_at,
            changed_at=self.changed_at,
            layout=self.layout,
        )


def build(frame: PageFrame, story: Sequence[Flowable]) -> bytes:
    """Build the PDF of a story, reportlab's list of content. Equal input gives equal bytes: no clock, no random id."""
    if frame.words.right_to_left:
        turn(story)
    output = BytesIO()
    document = BaseDocTemplate(
        output,
        pagesize=A4,
        lang=frame.language,
        displayDocTitle=True,
        initialFontName=load_font(LATIN, "Regular").name,  # reportlab's default font is not embedded
        invariant=1,  # no clock in the file's id
    )
    area = Frame(
        page.SIDE,
        _BOTTOM,
        page.WIDTH,
        HEIGHT,
        leftPadding=0,
        rightPadding=0,
        topPadding=0,
        bottomPadding=0,
    )
    template = PageTemplate(frames=[area], onPage=lambda canvas, _document: _draw_watermark(canvas, frame.mark))
    document.addPageTemplates([template])

    def canvas(*arguments: Any, **options: Any) -> _FramedCanvas:
        return _FramedCanvas(frame, *arguments, **options)

    document.build(list(story), canvasmaker=canvas)
    return with_line_ends(output.getvalue())


class _FramedCanvas(Canvas):
    """Defers finished pages until the last one, because each page shows the page count; and collects the structure."""

    def __init__(self, frame: PageFrame, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.structure = Structure()
        self.right_to_left = frame.words.right_to_left
        self.missing_glyphs = False
        """True once a character was drawn that no bundled font has."""
        self._page_frame = frame
        self._finished: list[dict[str, Any]] = []

    @property
    def page_index(self) -> int:
        """The page that is drawn, from 0."""
        return len(self._finished)

    def showPage(self) -> None:  # noqa: N802 - reportlab's name
        self._finished.append(dict(self.__dict__))
        self._startPage()  # type: ignore[attr-defined]  # not in the stubs

    def save(self) -> None:
        pages, missing = self._finished, self.missing_glyphs
        header = _header(self._page_frame)
        for number, finished in enumerate(pages, start=1):
            self.__dict__.update(finished)
            with tagged(self, None):
                _draw_running_lines(self, self._page_frame, header, number, len(pages))
            super().showPage()
        document: Any = self._doc  # type: ignore[attr-defined]  # not in the stubs
        self.structure.write(document, len(pages))
        self._page_frame.metadata.write(document, is_archivable=not (missing or self.missing_glyphs))
        super().save()


def _header(frame: PageFrame) -> Line:
    """The patient's name, shortened where it is long, with date of birth and numbers."""
    identity = identity_of(frame.patient, frame.reference, frame.words)
    mark = text_width(full_mark(frame.mark, frame.mark_note), _MARK) + page.GUTTER if frame.mark else 0
    room = page.WIDTH - mark - text_width(f" · {identity}", _RUNNING)
    name = shortened(frame.patient.name, _RUNNING, room)
    return single_line(f"{isolated(name)} · {identity}", _RUNNING.weight, right_to_left=frame.words.right_to_left)


def _draw_running_lines(canvas: _FramedCanvas, frame: PageFrame, header: Line, number: int, count: int) -> None:
    right = page.SIDE + page.WIDTH
    top = _PAGE_HEIGHT - 13 * mm
    bottom = 11 * mm
    draw_lines(canvas, [header], page.SIDE, top, _RUNNING, width=page.WIDTH)
    mark = single_line(full_mark(frame.mark, frame.mark_note), _MARK.weight)
    title = single_line(frame.full_title, _RUNNING.weight, right_to_left=frame.words.right_to_left)
    place = single_line(frame.words.marks.page.format(number=number, count=count), _RUNNING.weight)
    draw_lines(canvas, [mark] if frame.mark else [], page.SIDE, top, _MARK, width=page.WIDTH)
    canvas.setStrokeColor(HexColor(page.RULE))
    canvas.setLineWidth(0.5)
    canvas.line(page.SIDE, bottom + 10, right, bottom + 10)
    draw_lines(canvas, [title], page.SIDE, bottom, _RUNNING, width=page.WIDTH)
    draw_lines(canvas, [place], page.SIDE, bottom, _RUNNING_RIGHT, width=page.WIDTH)


def _draw_watermark(canvas: Canvas, mark: str) -> None:
    if not mark:
        return
    style = TextStyle(_WATERMARK_SIZE, _WATERMARK_SIZE, _WATERMARK, "Bold")
    size = _WATERMARK_SIZE * min(1.0, _WATERMARK_WIDTH / text_width(mark, style))
    style = replace(style, size=size, leading=size)
    with tagged(canvas, None):
        canvas.saveState()
        canvas.translate(_PAGE_WIDTH / 2, _PAGE_HEIGHT / 2)
        canvas.rotate(45)
        draw_line(canvas, -text_width(mark, style) / 2, -size / 3, mark, style)
        canvas.restoreState()
