"""Dates that are known in part: read, written and compared without a filler."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from shared.records.partial_date import PartialDate, Precision

DAYS = st.dates(date(1000, 1, 1))
PARTIAL = st.tuples(DAYS, st.sampled_from([4, 7, 10])).map(lambda drawn: PartialDate(drawn[0].isoformat()[: drawn[1]]))


class Form(BaseModel):
    born: PartialDate | None = None


@given(PARTIAL)
def test_a_date_comes_back_from_json_as_it_was_written(born: PartialDate) -> None:
    read = Form.model_validate_json(f'{{"born": "{born}"}}')

    assert read.born == born
    assert isinstance(read.born, PartialDate)
    assert read.model_dump(mode="json") == {"born": str(born)}
    assert type(Form.model_validate(read.model_dump()).born) is PartialDate


@given(PARTIAL, st.integers(-400, 400))
def test_the_days_from_the_earliest_to_the_latest_are_those_that_it_contains(born: PartialDate, days: int) -> None:
    near = born.earliest + timedelta(days=days) if 365 < born.earliest.toordinal() < 3_000_000 else born.earliest

    within = born.earliest <= near <= born.latest

    assert born.contains(PartialDate.of(near)) == within
    assert (PartialDate.of(near).exact, born.contains(born)) == (near, True)


@given(PARTIAL)
def test_each_wider_date_contains_it_and_says_less(born: PartialDate) -> None:
    order = [Precision.YEAR, Precision.MONTH, Precision.DAY]

    assert [wide.precision for wide in born.wider] == order[: order.index(born.precision)][::-1]
    assert all(wide.contains(born) and not born.contains(wide) for wide in born.wider)
    assert (born.exact is None) == (born.earliest != born.latest)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("1900", date(1900, 1, 1), date(1900, 12, 31)),
        ("1900-02", date(1900, 2, 1), date(1900, 2, 28)),
        ("2000-02", date(2000, 2, 1), date(2000, 2, 29)),
        ("2000-02-29", date(2000, 2, 29), date(2000, 2, 29)),
    ],
)
def test_what_it_can_be(text: str, first: date, last: date) -> None:
    assert (PartialDate(text).earliest, PartialDate(text).latest) == (first, last)


@pytest.mark.parametrize(
    "value",
    [
        *("", "50", "195", "19500", "1950-6", "1950-13", "1950-00", "1950-02-29", "1950-06-31", "1950-06-8"),
        *("1950-06-", "1950/06", "06-1950", " 1950", "1950\n", "१९५०", "1950-??-??", "0000", "1950-06-08T00:00:00Z"),
        *(1950, -631152000, True, ["1950"]),
    ],
)
def test_another_form_is_refused_with_advice(value: object) -> None:
    with pytest.raises(ValidationError, match="YYYY-MM"):
        Form.model_validate({"born": value})
