"""Local times and the instants that they mean, where clocks go forward and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared.records.scheduling.requests import NewTime
from shared.records.scheduling.wall_clock import (
    LocalTime,
    Occurrence,
    errors_of,
    instant_of,
    instants_of,
    local_of,
    neighbours_of,
    occurrence_of,
)

NEW_YORK = "America/New_York"
ZONES = (
    *("Asia/Kolkata", NEW_YORK, "Europe/London", "Europe/Berlin", "Australia/Lord_Howe", "Australia/Sydney"),
    *("America/St_Johns", "Africa/Casablanca", "Asia/Kathmandu", "Pacific/Chatham", "America/Santiago", "UTC"),
)
"""Twelve zones: with and without summer time, of half an hour, of both hemispheres, and with odd offsets."""
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2029, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda moment: moment.replace(second=0, microsecond=0)
)
NOW = datetime(2027, 1, 1, tzinfo=UTC)


@given(INSTANTS, st.sampled_from(ZONES))
def test_an_instant_is_found_again_by_its_local_time_and_occurrence(instant: datetime, zone: str) -> None:
    local = local_of(instant, zone)

    assert instant in instants_of(local, zone)
    assert instant_of(local, zone, occurrence_of(instant, zone)) == instant


@pytest.mark.parametrize("zone", ZONES)
def test_a_weekly_visit_stays_at_nine_over_the_whole_year(zone: str) -> None:
    first = datetime(2027, 1, 4, 9)  # noqa: DTZ001 - on the wall
    mondays = [(first + timedelta(weeks=week)).isoformat() for week in range(52)]

    instants = [instant_of(local, zone, Occurrence.EARLIER) for local in mondays]

    assert [local_of(instant, zone) for instant in instants] == mondays
    assert instants == sorted(set(instants))


def test_a_time_that_clocks_skip_is_refused_with_both_neighbours() -> None:
    (error,) = errors_of("2027-03-14T02:30:00", NEW_YORK, None, "/local_time")

    assert instants_of("2027-03-14T02:30:00", NEW_YORK) == []
    assert neighbours_of("2027-03-14T02:30:00", NEW_YORK) == ("2027-03-14T01:30:00", "2027-03-14T03:30:00")
    assert (error.pointer, "2027-03-14T01:30:00" in error.detail) == ("/local_time", True)
    assert "2027-03-14T03:30:00" in error.detail


def test_a_day_that_a_zone_skipped_has_no_time() -> None:
    assert instants_of("2011-12-30T10:00:00", "Pacific/Apia") == []
    assert neighbours_of("2011-12-30T10:00:00", "Pacific/Apia") == ("2011-12-29T10:00:00", "2011-12-31T10:00:00")


def test_a_time_that_happens_twice_must_be_chosen() -> None:
    twice = "2027-11-07T01:30:00"
    earlier, later = datetime(2027, 11, 7, 5, 30, tzinfo=UTC), datetime(2027, 11, 7, 6, 30, tzinfo=UTC)

    (error,) = errors_of(twice, NEW_YORK, None, "/local_time")

    assert ("2027-11-07T05:30:00Z" in error.detail, "2027-11-07T06:30:00Z" in error.detail) == (True, True)
    for occurrence, instant in ((Occurrence.EARLIER, earlier), (Occurrence.LATER, later)):
        assert [*errors_of(twice, NEW_YORK, occurrence, "/local_time")] == []
        assert NewTime(local_time=twice, occurrence=occurrence).start(NEW_YORK) == instant
        assert occurrence_of(instant, NEW_YORK) == occurrence


def test_a_half_hour_change_of_clocks_is_one_too() -> None:
    assert instants_of("2027-10-03T02:15:00", "Australia/Lord_Howe") == []
    assert len(instants_of("2027-04-04T01:45:00", "Australia/Lord_Howe")) == 2


@given(INSTANTS, st.sampled_from(ZONES))
def test_a_request_by_instant_or_by_wall_clock_is_the_same_appointment(instant: datetime, zone: str) -> None:
    by_instant = NewTime(scheduled_at=instant, time_zone=zone)
    by_wall = NewTime(local_time=local_of(instant, zone), occurrence=occurrence_of(instant, zone), time_zone=zone)

    assert by_instant.fields("UTC") == by_wall.fields("UTC")


@pytest.mark.parametrize("values", [{}, {"scheduled_at": NOW, "local_time": "2027-02-01T09:00"}])
def test_either_the_instant_or_the_local_time_is_sent(values: dict[str, object]) -> None:
    errors = [*NewTime.model_validate(values).time_errors(NOW, NEW_YORK)]

    assert [error.pointer for error in errors] == ["/scheduled_at"]


@pytest.mark.parametrize("local", ["2926-01-01T09:00", "2027-01-01T00:00"])
def test_a_mistyped_year_and_the_past_are_no_times(local: str) -> None:
    errors = [*NewTime(local_time=local).time_errors(NOW, "UTC")]

    assert [error.pointer for error in errors] == ["/local_time"]


@pytest.mark.parametrize("text", ["2027-01-01T09:00Z", "2027-01-01", "2027-01-01 09:00", "2027-02-30T09:00", 5])
def test_a_local_time_has_no_offset_and_exists_in_the_calendar(text: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(LocalTime).validate_python(text)
