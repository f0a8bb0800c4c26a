"""Human-readable numbers."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from shared.records import numbering
from shared.records.numbering import DocumentSeries
from shared.records.types import Number, new_id

DAYS = st.dates(date(2020, 1, 1), date(2099, 12, 31))
COUNTS = st.integers(1, 10**7)
SERIES = st.sampled_from(DocumentSeries)
SEPTEMBER = date(2026, 9, 14)


@pytest.mark.parametrize(
    ("series", "count", "written"),
    [
        (numbering.patients(SEPTEMBER), 1, "PAT-20260001"),
        (numbering.patients(SEPTEMBER), 12345, "PAT-202612345"),
        (numbering.sessions(SEPTEMBER), 42, "SESS-20260042"),
        (numbering.reports(SEPTEMBER), 7, "REP-20260007"),
        (numbering.documents(DocumentSeries.INVOICE, SEPTEMBER, 4, gst=False), 123, "INV-202609-000123"),
        (numbering.documents(DocumentSeries.INVOICE, SEPTEMBER, 4, gst=True), 123, "INV202609-000123"),
        (numbering.documents(DocumentSeries.BILL_OF_SUPPLY, SEPTEMBER, 4, gst=True), 7, "BOS202609-000007"),
        (numbering.documents(DocumentSeries.CREDIT_NOTE, SEPTEMBER, 4, gst=False), 7, "CRN-202609-000007"),
        (numbering.documents(DocumentSeries.RECEIPT, SEPTEMBER, 4, gst=False), 7, "RCT-202609-000007"),
    ],
)
def test_numbers_have_their_usual_form(series: numbering.Series, count: int, written: str) -> None:
    assert series.write(count) == written


@given(SERIES, DAYS, st.integers(1, 999_999))
def test_a_gst_number_has_exactly_sixteen_characters(series: DocumentSeries, day: date, count: int) -> None:
    assert len(numbering.documents(series, day, 4, gst=True).write(count)) == 16


@pytest.mark.parametrize(
    ("day", "starts_in", "year"),
    [
        (date(2026, 3, 31), 4, "2025"),
        (date(2026, 4, 1), 4, "2026"),
        (date(2026, 12, 31), 4, "2026"),
        (date(2027, 1, 1), 4, "2026"),
        (date(2026, 1, 1), 1, "2026"),
        (date(2026, 11, 30), 12, "2025"),
        (date(2026, 12, 1), 12, "2026"),
    ],
)
def test_bills_are_counted_by_the_financial_year(day: date, starts_in: int, year: str) -> None:
    assert numbering.documents(DocumentSeries.INVOICE, day, starts_in, gst=True).year == year


@given(st.tuples(SERIES, DAYS), st.tuples(SERIES, DAYS), COUNTS, COUNTS, st.booleans())
def test_no_two_documents_of_a_clinic_have_the_same_number(
    one: tuple[DocumentSeries, date], other: tuple[DocumentSeries, date], m: int, n: int, gst: bool
) -> None:
    """Within a financial year the count differs; between two years the month differs; two series differ in letters."""
    first, second = numbering.documents(*one, 4, gst=gst), numbering.documents(*other, 4, gst=gst)

    if (first.counter, first.year, m) != (second.counter, second.year, n):
        assert first.write(m) != second.write(n)


@given(SERIES, DAYS, COUNTS, st.booleans())
def test_every_number_is_known_as_one_and_fits_its_field(
    of_documents: DocumentSeries, day: date, count: int, gst: bool
) -> None:
    of_a_year = (numbering.patients(day), numbering.sessions(day), numbering.reports(day))
    for series in (*of_a_year, numbering.documents(of_documents, day, 4, gst=gst)):
        number = series.write(count)

        assert numbering.is_number(number)
        assert TypeAdapter(Number).validate_python(number) == number


@given(st.builds(new_id, st.integers(1, 40)))
def test_an_id_is_never_taken_for_a_number(id: str) -> None:
    assert not numbering.is_number(id)
    assert not numbering.is_number(f"{id}-bill")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PAT-2026",
        "PAT-20260001\n",
        " PAT-20260001",
        "pat-20260001",
        "PAT-2026\u0967\u0967\u0967\u0967",
        "INV-202609",
        "x-PAT-20260001",
    ],
)
def test_what_only_resembles_a_number_is_none(text: str) -> None:
    assert not numbering.is_number(text)


@given(st.integers(1, 30))
def test_ids_are_long_as_asked_and_contain_no_separator(length: int) -> None:
    made = new_id(length)

    assert len(made) == length
    assert made.isalnum() and made == made.lower()
