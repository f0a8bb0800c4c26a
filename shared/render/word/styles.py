"""Styles, page and running lines of the document."""

from __future__ import annotations

import string
from typing import Any

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from shared.render.bidi import isolated
from shared.render.blocks import PrintedReport
from shared.render.word.elements import element, field
from shared.render.word.script import complex_font, put, turned

INK, MUTED, ACCENT, RULE, WARNING = "1c2530", "5f6b7a", "1d5a68", "cfd6dd", "a23b12"
WIDTH = Mm(170)
"""Of the text area of A4 with margins of 20 mm."""

LABEL, NOTE, CHECK, SMALL, KIND, MARK, FINE, NOTICE, GAP, CLINIC, PRACTITIONER = (
    "Label", "Note", "Check", "Small", "Statement kind", "Mark", "Fine print", "Notice", "Gap", "Clinic",
    "Practitioner",
)  # fmt: skip
_BUILT_IN = {
    "Normal": (9.5, INK, False, 0, 2),
    "Title": (18, INK, True, 6, 6),
    "Heading 1": (11.5, ACCENT, True, 12, 3),
    "Heading 2": (9.5, INK, True, 6, 2),
    "List Bullet": (9.5, INK, False, 0, 2),
    "Header": (7.5, MUTED, False, 0, 0),
    "Footer": (7.5, MUTED, False, 0, 0),
}
"""Size in points, colour, bold, and space before and after in points."""
_PARAGRAPHS = {
    LABEL: (7.5, MUTED, False, 2, 0),
    NOTE: (9.5, MUTED, False, 0, 2),
    CHECK: (8, WARNING, False, 0, 2),
    SMALL: (8, MUTED, False, 6, 0),
    FINE: (7, MUTED, False, 0, 0),
    NOTICE: (9.5, WARNING, True, 2, 2),
    GAP: (4, INK, False, 0, 0),
    CLINIC: (13, ACCENT, True, 0, 1),
    PRACTITIONER: (10, INK, True, 0, 0),
}
_CHARACTERS = {KIND: (7, MUTED), MARK: (7.5, WARNING)}


def blank(report: PrintedReport) -> Any:
    """An empty document with the styles, on A4, with the running lines of the report."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = section.bottom_margin = Mm(20)
    section.top_margin = Mm(22)
    section.header_distance, section.footer_distance = Mm(10), Mm(9)
    _define_styles(document, report)
    _header(section, report)
    _footer(section, report)
    return document


def _define_styles(document: Any, report: PrintedReport) -> None:
    styles = document.styles
    _set_language(styles.element, report.language)
    for name, look in _BUILT_IN.items():
        _shape(styles[name], look, report)
    for name, look in _PARAGRAPHS.items():
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = styles["Normal"]
        _shape(style, look, report)
    for name, (size, color) in _CHARACTERS.items():
        style = styles.add_style(name, WD_STYLE_TYPE.CHARACTER)
        style.font.size, style.font.color.rgb = Pt(size), RGBColor.from_string(color)
        complex_font(style, report.language)


def _shape(style: Any, look: tuple[float, str, bool, float, float], report: PrintedReport) -> None:
    size, color, is_bold, before, after = look
    style.font.size, style.font.color.rgb, style.font.bold = Pt(size), RGBColor.from_string(color), is_bold
    style.font.italic = False
    form = style.paragraph_format
    form.space_before, form.space_after, form.line_spacing = Pt(before), Pt(after), 1.15
    properties = style.element.get_or_add_rPr()
    complex_font(style, report.language)
    # python-docx's title is underlined and spaced, which tears joined letters apart.
    for owner, name in ((style.element.get_or_add_pPr(), "w:pBdr"), (properties, "w:spacing"), (properties, "w:kern")):
        for unwanted in owner.findall(qn(name)):
            owner.remove(unwanted)


def _set_language(styles: Any, language: str) -> None:
    """The language of spelling checks and screen readers, also for complex scripts."""
    defaults = styles.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    for old in defaults.findall(qn("w:lang")):
        defaults.remove(old)
    defaults.append(element("w:lang", val=language, eastAsia=language, bidi=language))


def _header(section: Any, report: PrintedReport) -> None:
    """The patient on every page, and the mark of a report that is not valid as it stands."""
    paragraph = section.header.paragraphs[0]
    mirrored = report.words.right_to_left
    _tabbed(paragraph)
    put(paragraph, f"{isolated(report.patient.name)} · {report.identity}", mirrored=mirrored)
    if report.mark:
        paragraph.add_run("\t")
        put(paragraph, report.full_mark, mirrored=mirrored, style=MARK)


def _footer(section: Any, report: PrintedReport) -> None:
    paragraph = section.footer.paragraphs[0]
    mirrored = report.words.right_to_left
    _tabbed(paragraph)
    put(paragraph, report.full_title, mirrored=mirrored)
    paragraph.add_run("\t")
    for text, name, _, _ in string.Formatter().parse(report.words.marks.page):
        if text:
            put(paragraph, text, mirrored=mirrored)
        if name:
            field(paragraph.add_run(), "PAGE" if name == "number" else "NUMPAGES")
    if mirrored:
        turned(paragraph)


def _tabbed(paragraph: Any) -> None:
    """One tab stop at the end of the line, in place of the two of the style."""
    stops = paragraph.paragraph_format.tab_stops
    for stop in list(paragraph.style.paragraph_format.tab_stops):
        stops.add_tab_stop(stop.position, WD_TAB_ALIGNMENT.CLEAR)
    stops.add_tab_stop(WIDTH, WD_TAB_ALIGNMENT.RIGHT)
