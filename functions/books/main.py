"""/api/v1/books: reports on all bills of the clinic."""

from __future__ import annotations

from typing import Annotated

from shared.lazily import lazily
from shared.store.clinic import Clinic
from shared.web.api import Api
from shared.web.operations import ADMINS, FRONT_DESK
from shared.web.serialization import Document

with lazily(globals()):
    from shared.records.billing.book_reports.aged_receivables import AgedReceivables, ReceivablesQuery
    from shared.records.billing.book_reports.day_book import DayBook, DayBookQuery
    from shared.records.billing.book_reports.revenue import RevenueQuery, RevenueReport
    from shared.records.billing.book_reports.tax_summary import TaxQuery, TaxSummary
    from shared.workflows.billing import book_reports, book_tables
    from shared.workflows.documents import PrintedDocument

api = Api("books")


@api.get("/receivables", roles=FRONT_DESK)
def receivables(clinic: Clinic, query: ReceivablesQuery) -> AgedReceivables:
    """Sum up what is owed today, by doctor and by the days since it fell due.

    All unpaid bills count, however many there are. What insurers owe is included; credits of patients are apart.
    """
    return book_reports.receivables(clinic, query)


@api.get("/receivables/csv", roles=FRONT_DESK)
def receivables_csv(clinic: Clinic, query: ReceivablesQuery) -> Annotated[Document, "text/csv"]:
    """Get the receivables as a table (CSV in UTF-8), whose last rows are the totals. Amounts are in major units."""
    return _table(book_tables.receivables(clinic, query))


@api.get("/day-book", roles=FRONT_DESK)
def day_book(clinic: Clinic, query: DayBookQuery) -> DayBook:
    """List what was booked on a day, with its sums, the money by method, and the numbers of each series.

    `digest` shows later whether the day is still the same: it changes with every entry that is added or altered.
    Entries of deleted patients are counted and not listed.
    """
    return book_reports.of_day(clinic, query)


@api.get("/day-book/csv", roles=FRONT_DESK)
def day_book_csv(clinic: Clinic, query: DayBookQuery) -> Annotated[Document, "text/csv"]:
    """Get the entries of a day as a table (CSV in UTF-8), oldest first. Amounts are in major units."""
    return _table(book_tables.day_book(clinic, query))


@api.get("/tax-summary", roles=ADMINS)
def tax_summary(clinic: Clinic, query: TaxQuery) -> TaxSummary:
    """Sum up the taxes of some months, by rate, code and place of supply.

    Exempt services and bills of supply have rows of their own. A credit note counts in its own month. In the totals,
    what was credited or cancelled is subtracted.
    """
    return book_reports.taxes(clinic, query)


@api.get("/tax-summary/csv", roles=ADMINS)
def tax_summary_csv(clinic: Clinic, query: TaxQuery) -> Annotated[Document, "text/csv"]:
    """Get the taxes as a table (CSV in UTF-8). What was credited or cancelled is negative, so each column adds up."""
    return _table(book_tables.taxes(clinic, query))


@api.get("/revenue", roles=ADMINS)
def revenue(clinic: Clinic, query: RevenueQuery) -> RevenueReport:
    """Sum up what was billed, credited and received, by day, doctor or service.

    What was billed counts on the day of issue, without tax; money counts on the day of its receipt.
    """
    return book_reports.earned(clinic, query)


@api.get("/revenue/csv", roles=ADMINS)
def revenue_csv(clinic: Clinic, query: RevenueQuery) -> Annotated[Document, "text/csv"]:
    """Get the revenue as a table (CSV in UTF-8), whose last rows are the totals. Amounts are in major units."""
    return _table(book_tables.revenue(clinic, query))


def _table(table: PrintedDocument) -> Document:
    return Document(table.content, "text/csv; charset=utf-8; header=present", table.filename, table.revision)


main = api.function()
