"""The request for another time, as it is read from a posted form."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.scheduling.other_time import LONGEST_WISH, OtherTimeRequest, PartOfDay
from shared.records.scheduling.types import MOST_DAYS_AHEAD
from shared.records.text import refused_characters

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
TODAY = NOW.date()
LAST = TODAY + timedelta(days=MOST_DAYS_AHEAD)


def read(**fields: str) -> OtherTimeRequest | None:
    return OtherTimeRequest.read(fields, NOW, TODAY)


@given(st.dates(TODAY, LAST), st.sampled_from(PartOfDay))
def test_days_to_come_are_read_with_their_part(day: date, part: PartOfDay) -> None:
    found = read(day1="", day2=f" {day.isoformat()} ", part2=part.value, wish="  ")

    assert found is not None
    assert [(one.day, one.part_of_day) for one in found.preferred] == [(day, part)]
    assert (found.asked_at, found.wish) == (NOW, None)


def test_everything_may_be_empty() -> None:
    assert read() == OtherTimeRequest(asked_at=NOW)


@pytest.mark.parametrize(
    "fields",
    [
        {"day1": (TODAY - timedelta(days=1)).isoformat()},
        {"day1": (LAST + timedelta(days=1)).isoformat()},
        {"day1": "2027-02-30"},
        {"day1": "20270214"},
        {"day1": "tomorrow"},
        {"day1": TODAY.isoformat(), "part1": "night"},
        {"wish": "x" * (LONGEST_WISH + 1)},
    ],
)
def test_what_is_no_day_to_come_or_too_long_is_refused(fields: dict[str, str]) -> None:
    assert read(**fields) is None


@given(st.text(max_size=400))
def test_a_wish_never_has_what_readers_do_not_see(text: str) -> None:
    found = read(wish=text)

    assert found is None or found.wish is None or not refused_characters(found.wish)
