"""The layout of clinical reports as PDF: each block as reportlab's content."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, Spacer

from shared.render import frame, page, rules
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
from shared.render.columns import Columns
from shared.render.documents import ReportDocument
from shared.render.letterhead import letterhead, titled
from shared.render.paragraph import TextStyle
from shared.render.report_blocks import printed_report
from shared.render.tags import Tag
from shared.render.text import Text

_HEADING = TextStyle(11.5, 16, page.ACCENT, "Bold", space_before=12, space_after=3)
_SUBHEADING = TextStyle(9.5, 14, page.INK, "Bold", space_before=6, space_after=2)
_STATEMENT = replace(page.PROSE, indent=11, space_after=2.5)
_KIND = TextStyle(7, 14, page.MUTED, align="right")
_KIND_COLUMN = 27 * mm
_THREE_LINES = 3 * _STATEMENT.leading
"""The room that a heading needs below it: a statement of three lines does not split."""
_NOTES = {
    Tone.WARNING: TextStyle(8, 11.5, page.WARNING, "Italic", align="start", indent=11, space_after=2.5),
    Tone.MUTED: TextStyle(8, 11.5, page.MUTED, align="start", indent=11, space_after=2.5),
}
_NOTHING = TextStyle(9.5, 14, page.MUTED, "Italic", space_after=2.5)
_ABOUT_ALL = TextStyle(8, 11.5, page.MUTED, space_before=8)
_VALUES = {
    Weight.PLAIN: page.BODY,
    Weight.BOLD: page.BODY_BOLD,
    Weight.FINE: TextStyle(7, 9.5, page.MUTED),
}
_COLORS = {Tone.PLAIN: page.RULE, Tone.MUTED: page.RULE, Tone.SIGNED: page.ACCENT, Tone.WARNING: page.WARNING}
_TITLES = {
    Tone.SIGNED: _HEADING,
    Tone.WARNING: TextStyle(9.5, 14, page.WARNING, "Bold"),
}
_BOX_PADDING = 9
_LABEL_COLUMN = 78
_ANSWER_COLUMNS = [page.WIDTH * 0.66, page.WIDTH * 0.04, page.WIDTH * 0.3]
_TABLE_HEAD = TextStyle(7.5, 11, page.MUTED, "Bold")


def layout(document: ReportDocument) -> bytes:
    """Lay out a report as PDF."""
    report = printed_report(document)
    running = frame.PageFrame(
        title=report.title,
        clinic=report.letterhead.clinic_name,
        patient=report.patient,
        reference=report.reference,
        created_at=report.at,
        changed_at=report.at,
        mark=report.mark,
        mark_note=report.mark_note,
        language=report.language,
        words=report.words,
    )
    with rules.of_language(report.language):
        return frame.build(running, list(_Story(report).flowables()))


class _Story:
    """The content of one report. Statements that follow each other are one list of the document's structure."""

    def __init__(self, report: PrintedReport) -> None:
        self._report = report
        self._has_kinds = any(isinstance(block, Item) and block.kind for block in report.blocks)
        self._list = Tag("L")

    def flowables(self) -> Iterator[Flowable]:
        yield from letterhead(self._report.letterhead, self._report.words.signature.licence)
        blocks = self._report.blocks
        for block, following in zip(blocks, (*blocks[1:], None), strict=True):
            if isinstance(block, Heading):
                yield from self._heading(block, following)
            else:
                yield from self._block(block)

    def _block(self, block: Block) -> Iterator[Flowable]:
        if not isinstance(block, Item):
            self._list = Tag("L")
        match block:
            case Heading():
                yield from self._heading(block, None)
            case Item():
                yield self._item(block)
            case Remark(text, is_small):
                yield Text(text, _ABOUT_ALL if is_small else _NOTHING)
            case Facts(pairs, wide):
                yield from page.facts(pairs, wide=wide, not_recorded=self._report.words.facts.not_recorded)
            case Answers():
                yield from _answers(block)
            case Box():
                yield from _boxed(block)
            case Rule():
                yield page.Rule(0.5, page.RULE, before=2)
            case Together(blocks):
                content = [flowable for each in blocks for flowable in self._block(each)]
                yield KeepTogether(content)

    def _heading(self, heading: Heading, following: Block | None) -> Iterator[Flowable]:
        self._list = Tag("L")
        if heading.level == 1:
            yield from titled(heading.text)
            return
        style = _HEADING if heading.level == 2 else _SUBHEADING
        text = Text(heading.text, style, tag=Tag(f"H{heading.level}"))
        # The heading of a first part follows directly: both need room together.
        is_followed = isinstance(following, Heading)
        below = _room_of(Text(following.text, _SUBHEADING), _SUBHEADING) if isinstance(following, Heading) else 0
        if heading.level == 2 or not is_followed:
            yield CondPageBreak(_room_of(text, style) + below + _THREE_LINES)
        yield text

    def _item(self, item: Item) -> Flowable:
        entry = self._list.child("LI")
        text = Text(item.text, _STATEMENT, bullet="•", tag=entry.child("LBody"))
        said: Flowable = text
        if self._has_kinds:
            kind = [Text(item.kind, _KIND, tag=entry.child("Span"))] if item.kind else []
            said = Columns([[text], kind], [page.WIDTH - _KIND_COLUMN, _KIND_COLUMN])
        if not item.note:
            return said
        return KeepTogether([said, Text(item.note, _NOTES[item.note_tone], tag=entry.child("P"))])


def _answers(answers: Answers) -> Iterator[Flowable]:
    """Items with their answers, a rule below each."""
    table = Tag("Table")
    yield _answer(answers.head, table, "TH", _TABLE_HEAD)
    for row in answers.rows:
        yield page.Rule(0.4, page.RULE, before=2, after=2)
        yield _answer(row, table, "TD", page.PROSE)


def _answer(row: tuple[str, str], table: Tag, role: str, style: TextStyle) -> Columns:
    line = table.child("TR")
    scope = "Column" if role == "TH" else ""
    item, answer = (Text(text, style, tag=line.child(role, scope=scope)) for text in row)
    return Columns([[item], [], [answer]], _ANSWER_COLUMNS)


def _room_of(heading: Text, style: TextStyle) -> float:
    _, height = heading.wrap(page.WIDTH, 0)
    return style.space_before + height + style.space_after


def _boxed(box: Box) -> Iterator[Flowable]:
    content: list[Flowable] = []
    if box.title:
        title = Tag("H2") if box.tone is Tone.SIGNED else Tag("P")
        content.append(Text(box.title, _TITLES.get(box.tone, page.BODY_BOLD), tag=title))
    content += [Text(line, page.SMALL) for line in box.lines]
    content += _rows(box.rows)
    yield Spacer(0, 12)
    yield Columns([content], [page.WIDTH - 2 * _BOX_PADDING], border=_COLORS[box.tone], padding=_BOX_PADDING)
    yield Spacer(0, 6)


def _rows(rows: tuple[Row, ...]) -> list[Flowable]:
    table = Tag("Table")
    widths = [_LABEL_COLUMN, page.WIDTH - 2 * _BOX_PADDING - _LABEL_COLUMN]
    flowables: list[Flowable] = []
    for row in rows:
        style = _VALUES[row.weight]
        line = table.child("TR")
        label = Text(row.label, replace(style, weight="Regular", color=page.MUTED), tag=line.child("TH", scope="Row"))
        value = Text(row.value, style, tag=line.child("TD"))
        flowables += [Columns([[label], [value]], widths), Spacer(0, 1.5)]
    return flowables
