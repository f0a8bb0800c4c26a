"""The layout of bills."""

from __future__ import annotations

from collections.abc import Iterator

from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, Spacer

from shared.render import frame, page, rules
from shared.render.bill_account import HEADING, ROOM_BELOW_HEADING, account, upi
from shared.render.bill_documents import BillDocument, BillLine
from shared.render.bill_wording import Wording
from shared.render.columns import turn
from shared.render.formats import plain_number
from shared.render.letterhead import head
from shared.render.ruled_table import Column, RuledTable, ruled_table
from shared.render.spelling import amount_in_words
from shared.render.sums import sums, tax_row
from shared.render.table_end import TableWithEnd
from shared.render.text import Text

_LINE_COLUMNS = [
    Column(0),
    Column(22 * mm, is_optional=True),
    Column.of_numbers(16 * mm),
    Column.of_numbers(31 * mm),
    Column.of_numbers(33 * mm),
]


def layout(document: BillDocument) -> bytes:
    """Lay out a bill as PDF."""
    with rules.of_edition(document.edition):
        return frame.build(_frame(document), list(_Story(document).flowables()))


def _frame(document: BillDocument) -> frame.PageFrame:
    wording, is_draft = document.wording, document.bill_number is None
    cancelled = wording.bill.texts.cancelled if document.is_cancelled else ""
    return frame.PageFrame(
        title=document.title,
        clinic=document.letterhead.clinic_name,
        patient=document.patient,
        reference=document.bill_number or "",
        created_at=document.created_at,
        changed_at=document.changed_at,
        mark=wording.general.marks.draft if is_draft else cancelled,
        mark_note=wording.bill.facts.not_issued if is_draft else "",
        layout=wording.layout,
        language=wording.language,
        words=wording.general,
    )


class _Story:
    """The content of one bill."""

    def __init__(self, document: BillDocument) -> None:
        self._document = document
        self._wording: Wording = document.wording
        self._words = document.wording.bill

    def flowables(self) -> Iterator[Flowable]:
        document = self._document
        yield from head(document.letterhead, document.title, self._wording.licence(document.letterhead.licence_number))
        yield from self._facts()
        yield Spacer(0, 8)
        if document.needs_pricing:
            yield Text(self._words.texts.not_priced, page.PROSE)
        else:
            yield from self._priced()
        yield from self._texts()
        if document.bill_number is not None:
            yield from account(document)
        if document.upi_link:
            yield upi(document)

    def _priced(self) -> Iterator[Flowable]:
        """The lines and what they come to."""
        end = [self._totals(), *self._remarks()]
        if self._wording.leaves_out:
            yield TableWithEnd(self._lines(), [Spacer(0, 6), *end])
        else:
            yield from [self._lines(), Spacer(0, 6), KeepTogether(end)]

    def _facts(self) -> Iterator[Flowable]:
        document, labels = self._document, self._words.facts
        patient, day = document.patient, self._wording.day
        pairs = [
            (labels.billed_to, patient.name),
            (labels.patient_number, patient.number),
            (labels.bill_number, document.bill_number or labels.not_issued),
            (labels.bill_date, day(document.bill_date)),
            (labels.visit_date, day(document.visit_date) if document.visit_date else ""),
            self._due(),
            *([(labels.place_of_supply, document.place_of_supply)] if document.place_of_supply else []),
            *([(labels.replaces, document.amends)] if document.amends else []),
        ]
        yield from page.facts(
            self._wording.facts(pairs),
            wide=self._wording.wide_fact(labels.address, document.address),
            not_recorded=labels.not_recorded,
            least_wide=self._wording.least_wide,
        )

    def _due(self) -> tuple[str, str]:
        """When the bill is to be paid, or was."""
        document, labels = self._document, self._words.facts
        if document.paid_on:
            return labels.paid_on, self._wording.day(document.paid_on)
        if document.is_owed and document.due_date:
            return labels.due_date, self._wording.day(document.due_date)
        return labels.due_date, labels.set_at_issue if document.bill_number is None else labels.nothing_due

    def _lines(self) -> RuledTable:
        heads, currency = self._words.columns, self._document.currency
        rows = [self._line(line) for line in self._document.lines]
        head = [
            heads.description,
            heads.code,
            heads.quantity,
            heads.unit_price.format(currency=currency),
            heads.amount.format(currency=currency),
        ]
        return ruled_table(head, rows, _LINE_COLUMNS, mirrored=self._wording.mirrored, compact=self._wording.leaves_out)

    def _line(self, line: BillLine) -> list[str]:
        amount = self._wording.amount
        return [
            self._wording.own(line.description),
            self._wording.own(line.code),
            plain_number(line.quantity),
            amount(line.unit_price_minor),
            amount(line.amount_minor),
        ]

    def _totals(self) -> RuledTable:
        document, labels, money = self._document, self._words.sums, self._wording.money
        rows = []
        if document.discount_minor or document.taxes or document.round_off_minor:
            rows.append((labels.subtotal, money(document.subtotal_minor)))
        if document.discount_minor:
            rows.append((labels.discount, money(-document.discount_minor)))
        rows += [tax_row(tax, self._wording, within=document.prices_include_tax) for tax in document.taxes]
        if document.round_off_minor:
            rows.append((labels.round_off, money(document.round_off_minor)))
        rows.append((labels.total, money(document.total_minor)))
        return self._sums(rows)

    def _remarks(self) -> list[Text]:
        """What belongs to the total: the amount in words, why there is a discount, and why there is no tax."""
        document, sentences, own = self._document, self._words.texts, self._wording.own
        texts = [amount_in_words(document.total_minor, document.currency)]
        texts += [sentences.discount.format(reason=own(reason)) for reason in document.discount_reasons]
        texts += [sentences.exempt.format(provision=own(provision)) for provision in document.exemptions]
        remarks = [Text(text, page.SMALL_RIGHT) for text in texts]
        if self._wording.mirrored:
            turn(remarks)
        return remarks

    def _texts(self) -> Iterator[Flowable]:
        """How to pay and the terms while something is owed, and the notes."""
        document, titles = self._document, self._words.texts
        owed = document.is_owed and not document.needs_pricing
        for title, text in (
            (titles.how_to_pay, document.payment_instructions if owed else ""),
            (titles.terms, document.payment_terms if owed else ""),
            (titles.notes, document.notes),
        ):
            if text:
                yield CondPageBreak(ROOM_BELOW_HEADING)
                yield Text(title, HEADING)
                yield Text(self._wording.own(text), page.PROSE)

    def _sums(self, rows: list[tuple[str, str]]) -> RuledTable:
        """Labelled amounts, of which the last one is bold."""
        return sums(rows, bold=(len(rows) - 1,), mirrored=self._wording.mirrored)
