"""The layout of statements of account."""

from __future__ import annotations

from collections.abc import Iterator

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, Spacer

from shared.render import frame, page
from shared.render.bill_account import HEADING
from shared.render.bill_wording import Wording
from shared.render.letterhead import head
from shared.render.ruled_table import Column, RuledTable, ruled_table
from shared.render.statement_documents import StatementDocument, StatementLine, StatementPart
from shared.render.sums import sums
from shared.render.text import Text

_COLUMNS = [
    Column(34 * mm),
    Column(0),
    Column(40 * mm),
    Column.of_numbers(28 * mm),
    Column.of_numbers(30 * mm),
]


def layout(document: StatementDocument) -> bytes:
    """Lay out a statement of account as PDF."""
    wording = document.wording()
    running = frame.PageFrame(
        title=document.title,
        clinic=document.letterhead.clinic_name,
        patient=document.patient,
        reference="",
        created_at=document.made_at,
        changed_at=document.made_at,
        layout=wording.layout,
        language=wording.language,
        words=wording.general,
    )
    return frame.build(running, list(_story(document)))


def _story(document: StatementDocument) -> Iterator[Flowable]:
    wording = document.wording()
    labels = wording.bill.facts
    yield from head(document.letterhead, document.title, wording.licence(document.letterhead.licence_number))
    pairs = [
        (labels.patient, document.patient.name),
        (labels.patient_number, document.patient.number),
        (labels.period, f"{wording.day(document.first_day)} – {wording.day(document.last_day)}"),
    ]
    address = wording.wide_fact(labels.address, document.address)
    yield from page.facts(wording.facts(pairs), wide=address, least_wide=wording.least_wide)
    if not document.parts:
        yield Text(wording.bill.texts.no_entries, page.PROSE)
    for part in document.parts:
        yield from _part(part, document.wording(part.currency))


def _part(part: StatementPart, wording: Wording) -> Iterator[Flowable]:
    labels, texts = wording.bill.sums, wording.bill.texts
    yield Spacer(0, 8)
    yield _sums([(labels.opening, wording.money(part.opening_minor))], wording)
    yield Spacer(0, 6)
    if part.lines:
        yield _lines(part, wording)
    else:
        yield Text(texts.no_entries, page.PROSE)
    yield Spacer(0, 6)
    yield KeepTogether([_sums([(labels.closing, wording.money(part.closing_minor))], wording, bold=(0,))])
    if part.aged:
        rows = [(label, wording.money(minor)) for label, minor in part.aged]
        yield KeepTogether([Text(texts.aged, HEADING), _sums(rows, wording)])


def _lines(part: StatementPart, wording: Wording) -> RuledTable:
    heads = wording.bill.columns
    head = [
        heads.date,
        heads.entry,
        heads.document,
        heads.amount.format(currency=part.currency),
        heads.balance.format(currency=part.currency),
    ]
    rows = [_line(line, wording) for line in part.lines]
    return ruled_table(head, rows, _COLUMNS, mirrored=wording.mirrored)


def _line(line: StatementLine, wording: Wording) -> list[str]:
    return [
        wording.day(line.day),
        line.entry,
        wording.own(line.document),
        wording.amount(line.amount_minor),
        wording.amount(line.balance_minor),
    ]


def _sums(rows: list[tuple[str, str]], wording: Wording, bold: tuple[int, ...] = ()) -> RuledTable:
    return sums(rows, bold=bold, mirrored=wording.mirrored)
