"""The blocks of a report as paragraphs and tables of a Word document."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Emu, Mm, Twips

from shared.render import rules
from shared.render.blocks import (
    Answers,
    Block,
    Box,
    Facts,
    Heading,
    Item,
    PrintedReport,
    Remark,
    Row,
    Rule,
    Together,
    Tone,
    Weight,
)
from shared.render.documents import LetterheadBlock
from shared.render.word import package, styles
from shared.render.word.elements import framed, from_the_right, indented, repeated_head, underlined, unpadded, unsplit
from shared.render.word.script import plain, put

_COLORS = {
    Tone.PLAIN: styles.RULE,
    Tone.MUTED: styles.RULE,
    Tone.SIGNED: styles.ACCENT,
    Tone.WARNING: styles.WARNING,
}
_LABEL_SHARE = 0.18
_PADDING = Twips(115)
"""Between the frame of a table and its text."""
_COLUMNS = 4


def written(report: PrintedReport) -> bytes:
    """The report as DOCX."""
    with rules.of_language(report.language):
        document = styles.blank(report)
        package.describe(document, report)
        writer = _Writer(document, report)
        writer.letterhead(report.letterhead)
        writer.block(report.copy_notice)
        for block in report.blocks:
            writer.block(block)
        return package.content(document)


class _Writer:
    """Adds blocks to one document."""

    def __init__(self, document: Any, report: PrintedReport) -> None:
        self._document = document
        self._report = report
        self._mirrored = report.words.right_to_left

    def block(self, block: Block) -> None:
        match block:
            case Heading(text, level):
                self._paragraph(text, "Title" if level == 1 else f"Heading {level - 1}")
            case Item():
                self._item(block)
            case Remark(text, is_small):
                self._paragraph(text, styles.SMALL if is_small else styles.NOTE)
            case Facts(pairs, wide):
                self._facts(pairs, wide)
            case Answers(head, rows):
                self._answers(head, rows)
            case Box():
                self._box(block)
            case Rule():
                pass
            case Together(blocks):
                for each in blocks:
                    self.block(each)

    def letterhead(self, letter: LetterheadBlock) -> None:
        """The clinic with its logo at the beginning, the practitioner at the end, a rule below."""
        shares = [0.22, 0.42, 0.36] if letter.logo else [0.6, 0.4]
        table = self._table(1, shares)
        cells = table.rows[0].cells
        if letter.logo:
            picture = cells[0].paragraphs[0].add_run().add_picture(BytesIO(letter.logo), height=Mm(15))
            picture._inline.docPr.set("descr", plain(letter.clinic_name) or "Logo")
        contact = " · ".join(filter(None, (letter.phone, letter.email)))
        registration = f"GSTIN {letter.gst_number}" if letter.gst_number else ""
        clinic = cells[-2]
        self._cell(clinic, letter.clinic_name, styles.CLINIC)
        for text in (letter.clinic_address, contact, registration):
            self._cell(clinic, text, styles.LABEL)
        licence = f"{self._report.words.signature.licence} {letter.licence_number}"
        for text, style in (
            (letter.practitioner_name, styles.PRACTITIONER),
            (letter.credentials, styles.LABEL),
            (licence, styles.LABEL),
        ):
            self._cell(cells[-1], text, style, at_end=True)
        for cell in cells:
            underlined(cell, styles.ACCENT)
        self._paragraph("", styles.GAP)

    def _paragraph(self, text: str, style: str) -> Any:
        paragraph = self._document.add_paragraph(style=style)
        put(paragraph, text, mirrored=self._mirrored)
        return paragraph

    def _item(self, item: Item) -> None:
        paragraph = self._paragraph(item.text, "List Bullet")
        if item.kind:
            paragraph.add_run("   ")
            put(paragraph, item.kind, mirrored=self._mirrored, style=styles.KIND)
        if item.note:
            paragraph.paragraph_format.keep_with_next = True
            is_doubt = item.note_tone is Tone.WARNING
            note = self._paragraph(item.note, styles.CHECK if is_doubt else styles.SMALL)
            note.paragraph_format.left_indent = paragraph.style.paragraph_format.left_indent or Mm(6)

    def _facts(self, pairs: tuple[tuple[str, str], ...], wide: tuple[str, str]) -> None:
        rows = len(pairs) // _COLUMNS + 1
        table = self._table(rows, [0.34, 0.22, 0.22, 0.22])
        for number, pair in enumerate(pairs):
            self._fact(table.cell(number // _COLUMNS, number % _COLUMNS), pair)
        rest = table.cell(rows - 1, len(pairs) % _COLUMNS).merge(table.cell(rows - 1, _COLUMNS - 1))
        self._fact(rest, wide)

    def _fact(self, cell: Any, fact: tuple[str, str]) -> None:
        label, value = fact
        self._cell(cell, label, styles.LABEL)
        self._cell(cell, value or self._report.words.facts.not_recorded, "Normal" if value else styles.NOTE)

    def _answers(self, head: tuple[str, str], rows: tuple[tuple[str, str], ...]) -> None:
        table = self._table(len(rows) + 1, [0.66, 0.34], is_padded=True)
        table.style = "Table Grid"
        repeated_head(table.rows[0])
        for row, texts in zip(table.rows, (head, *rows), strict=True):
            for cell, text in zip(row.cells, texts, strict=True):
                self._cell(cell, text, styles.LABEL if texts is head else "Normal")

    def _box(self, box: Box) -> None:
        """A framed table: the title and the lines in the first row, then labels and values."""
        self._paragraph("", styles.GAP)
        title = "Heading 1" if box.tone is Tone.SIGNED else styles.NOTICE
        opening = [*([(box.title, title)] if box.title else []), *((line, "Normal") for line in box.lines)]
        table = self._table(bool(opening) + len(box.rows), [_LABEL_SHARE, 1 - _LABEL_SHARE], is_padded=True)
        framed(table, _COLORS[box.tone])
        rows = list(table.rows)
        if opening:
            whole = rows[0].cells[0].merge(rows[0].cells[1])
            for text, style in opening:
                self._cell(whole, text, style)
        for row, labelled in zip(rows[bool(opening) :], box.rows, strict=True):
            self._labelled(row, labelled)
        for row in rows:
            unsplit(row)
            for paragraph in (one for cell in row.cells for one in cell.paragraphs):
                paragraph.paragraph_format.keep_with_next = row is not rows[-1]
        self._paragraph("", styles.GAP)

    def _labelled(self, row: Any, labelled: Row) -> None:
        style = styles.FINE if labelled.weight is Weight.FINE else "Normal"
        self._cell(row.cells[0], labelled.label, styles.LABEL)
        for run in self._cell(row.cells[1], labelled.value, style):
            run.font.bold = run.font.cs_bold = labelled.weight is Weight.BOLD

    def _table(self, rows: int, shares: list[float], *, is_padded: bool = False) -> Any:
        """A table of the width of the page; the first column is at the side where reading begins."""
        table = self._document.add_table(rows, len(shares))
        table.alignment = WD_TABLE_ALIGNMENT.LEFT
        table.autofit = False
        if is_padded:
            indented(table, _PADDING // Twips(1))
        else:
            unpadded(table)
        if self._mirrored:
            from_the_right(table)
        for column, share in zip(table.columns, shares, strict=True):
            column.width = Emu(int(styles.WIDTH * share))
            for cell in column.cells:
                cell.width = column.width
        return table

    def _cell(self, cell: Any, text: str, style: str, *, at_end: bool = False) -> list[Any]:
        """Add a paragraph to a cell; the first takes the empty one that each cell has. An empty text adds none."""
        if not text:
            return []
        first = cell.paragraphs[0]
        paragraph = cell.add_paragraph() if first.runs else first
        paragraph.style = style
        if at_end:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        return put(paragraph, text, mirrored=self._mirrored)
