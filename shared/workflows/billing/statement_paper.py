"""Converts statements of account to printable documents. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

from shared.records.billing.statement import BUCKETS, AccountStatement, Aged, StatementAccount, StatementEntry
from shared.records.letterhead import Letterhead, PatientIdentity
from shared.render.statement_documents import StatementDocument, StatementLine, StatementPart
from shared.render.words.bills.languages import bill_words_of, title_of
from shared.render.words.bills.vocabulary import BillWords, PaperKind
from shared.workflows.documents import letterhead_block, patient_block


def document(
    statement: AccountStatement,
    subject: PatientIdentity,
    *,
    issuer: Letterhead,
    address: str | None,
    language: str,
    made_at: datetime,
) -> StatementDocument:
    """A statement as it is printed, in a language."""
    words = bill_words_of(language)
    return StatementDocument(
        title=title_of(PaperKind.STATEMENT, language),
        letterhead=letterhead_block(issuer),
        patient=patient_block(subject),
        address=address or "",
        first_day=statement.first_day,
        last_day=statement.last_day,
        made_at=made_at,
        parts=tuple(_part(account, words) for account in statement.accounts),
        language=language,
    )


def _part(account: StatementAccount, words: BillWords) -> StatementPart:
    return StatementPart(
        currency=account.currency,
        opening_minor=account.opening_balance,
        lines=tuple(_line(entry, words) for entry in account.entries),
        closing_minor=account.closing_balance,
        aged=tuple(_aged(account.aged, words)),
    )


def _line(entry: StatementEntry, words: BillWords) -> StatementLine:
    documents = "\n".join(filter(None, (entry.bill_number, entry.document)))
    return StatementLine(entry.day, words.entries[entry.entry_kind], documents, entry.amount, entry.balance)


def _aged(aged: Aged, words: BillWords) -> Iterator[tuple[str, int]]:
    """Each bucket with its label, and the credit if there is one; nothing if there is neither debt nor credit."""
    if not any((*aged.buckets, aged.credit)):
        return
    texts = words.texts
    spans = [texts.overdue.format(first=before + 1, last=last) for before, last in pairwise((0, *BUCKETS))]
    labels = [texts.not_due, *spans, texts.overdue_more.format(days=BUCKETS[-1])]
    yield from zip(labels, aged.buckets, strict=True)
    if aged.credit:
        yield words.sums.credit, -aged.credit
