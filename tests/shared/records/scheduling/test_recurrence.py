"""Rules of series: what is refused, and which dates a rule has."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shared.records.record import Stamp
from shared.records.scheduling.recurrence import MOST_DATES, Frequency, RecurrenceRule, bounded, parse, rule_errors
from shared.records.scheduling.series import AppointmentSeries, moved_rule
from shared.records.scheduling.wall_clock import instants_of

MONDAY = datetime.fromisoformat("2027-01-04T09:00")
STAMP = Stamp("desk", datetime(2026, 12, 1, tzinfo=UTC))


def problems(text: str, start: datetime = MONDAY, zone: str = "Europe/Berlin") -> list[str]:
    return [error.detail for error in rule_errors(text, start.isoformat(), zone, "/rule")]


def dates(text: str, start: datetime = MONDAY, zone: str = "Europe/Berlin") -> list[date]:
    rule, found = parse(text, start, zone)
    assert rule is not None, found
    return bounded(rule, start.date())


def test_weekly_rule_counts_its_first_date() -> None:
    assert dates("FREQ=WEEKLY;COUNT=3") == [date(2027, 1, 4), date(2027, 1, 11), date(2027, 1, 18)]


def test_rule_may_name_weekdays_of_every_second_week_and_of_a_month() -> None:
    twice = dates("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;COUNT=4")
    last_friday = dates("FREQ=MONTHLY;BYDAY=-1FR;COUNT=3", datetime.fromisoformat("2027-01-29T09:00"))

    assert twice == [date(2027, 1, 4), date(2027, 1, 7), date(2027, 1, 18), date(2027, 1, 21)]
    assert last_friday == [date(2027, 1, 29), date(2027, 2, 26), date(2027, 3, 26)]


def test_months_without_the_day_have_no_date() -> None:
    assert dates("FREQ=MONTHLY;COUNT=3", datetime.fromisoformat("2027-01-31T09:00")) == [
        date(2027, 1, 31),
        date(2027, 3, 31),
        date(2027, 5, 31),
    ]


@pytest.mark.parametrize(
    ("until", "last"),
    [
        ("20270118", date(2027, 1, 18)),
        ("20270118T080000Z", date(2027, 1, 18)),  # 09:00 in Berlin
        ("20270118T075959Z", date(2027, 1, 11)),
        ("20270117T235959Z", date(2027, 1, 11)),  # the 18th in Berlin, before 09:00
    ],
)
def test_until_includes_a_visit_that_begins_then(until: str, last: date) -> None:
    assert dates(f"FREQ=WEEKLY;UNTIL={until}")[-1] == last


def test_every_problem_of_a_rule_is_named() -> None:
    found = problems("FREQ=SECONDLY;INTERVAL=0;BYDAY=XX;COUNT=105;UNTIL=2027;BYSETPOS=1")

    assert len(found) == 7
    assert any("BYSETPOS is not supported" in one for one in found)
    assert any("either COUNT or UNTIL" in one for one in found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FREQ=WEEKLY", "needs either COUNT or UNTIL"),
        ("FREQ=WEEKLY;COUNT=3;COUNT=4", "COUNT occurs twice"),
        ("FREQ=WEEKLY;BYDAY=2MO;COUNT=3", "only with FREQ=MONTHLY"),
        ("FREQ=WEEKLY;BYDAY=TU;COUNT=3", "not on a day of this rule"),
        ("FREQ=WEEKLY;UNTIL=20261231", "before the first visit"),
        ("FREQ=DAILY;UNTIL=20280101", f"more than {MOST_DATES} dates"),
        ("FREQ=MONTHLY;COUNT=30", "reaches further"),
        ("FREQ=MONTHLY;UNTIL=20290201", "reaches further"),
        ("FREQ=WEEKLY;UNTIL=20270230", "UNTIL must be"),
        ("FREQ=WEEKLY;COUNT=٣", "COUNT must be"),
    ],
)
def test_rule_that_cannot_be_booked_is_refused(text: str, expected: str) -> None:
    assert [expected in one for one in problems(text)] == [True]


RULES = st.builds(
    RecurrenceRule,
    frequency=st.sampled_from([Frequency.DAILY, Frequency.WEEKLY]),
    interval=st.integers(1, 4),
    days=st.lists(st.integers(0, 6), max_size=3, unique=True).map(lambda days: tuple((0, day) for day in days)),
    count=st.integers(1, 20),
)
MONTHLY = st.builds(
    RecurrenceRule,
    frequency=st.just(Frequency.MONTHLY),
    interval=st.integers(1, 3),
    days=st.sampled_from([(), ((2, 0),), ((-1, 4),), ((0, 1),)]),
    count=st.integers(1, 8),
)
STARTS = st.integers(0, 400).map(lambda days: date(2027, 1, 1) + timedelta(days=days))


def series_of(rule: RecurrenceRule, first: date) -> AppointmentSeries:
    return AppointmentSeries.new(
        "p-s",
        STAMP,
        patient_id="p",
        doctor_id="d",
        type="followup",
        duration_minutes=50,
        local_time=f"{first}T09:00",
        time_zone="Europe/Berlin",
        rule=rule.text,
    )


@given(rule=RULES | MONTHLY, start=STARTS, cut=st.integers(1, 19))
def test_cut_series_and_its_continuation_have_the_dates_of_the_whole(
    rule: RecurrenceRule, start: date, cut: int
) -> None:
    whole = bounded(rule, start)
    assume(whole)
    whole = bounded(rule, whole[0])
    series, day = series_of(rule, whole[0]), whole[min(cut, len(whole) - 1)]
    assume(day > whole[0])

    before = series.cut(day, STAMP, "p-t")
    rest = series.rest(day)

    assert [*before.recurrence.dates(before.first_date), *rest.dates(day)] == whole
    assert (before.cut_from, before.continued_by) == (day, "p-t")


@given(rule=RULES | MONTHLY, start=STARTS, days=st.integers(-6, 6))
def test_moved_rule_has_exactly_the_moved_dates_or_there_is_none(rule: RecurrenceRule, start: date, days: int) -> None:
    whole = bounded(rule, start)
    assume(whole)
    whole = bounded(rule, whole[0])

    moved = moved_rule(rule, whole[0], days)

    if moved is not None:
        shifted = [day + timedelta(days=days) for day in whole]
        assert [*moved.dates(shifted[0])] == shifted
    if rule.frequency == Frequency.WEEKLY and len(rule.days) <= 1:
        assert moved is not None


@given(rule=RULES | MONTHLY)
def test_written_rule_reads_as_the_same(rule: RecurrenceRule) -> None:
    assert parse(rule.text, MONDAY, "Europe/Berlin") == (rule, [])


ZONES = [
    *("Europe/Berlin", "Europe/London", "America/New_York", "America/Los_Angeles", "America/Halifax"),
    *("America/Santiago", "Australia/Sydney", "Australia/Lord_Howe", "Pacific/Auckland", "Africa/Cairo"),
    *("Asia/Beirut", "Asia/Kolkata"),
]


@pytest.mark.parametrize("zone", ZONES)
def test_52_weekly_visits_stay_at_nine_on_the_wall(zone: str) -> None:
    series = series_of(RecurrenceRule(Frequency.WEEKLY, count=52), date(2027, 1, 4))
    days = [*series.recurrence.dates(series.first_date)]

    times = {series.local_time_on(day)[11:] for day in days}
    offsets = {instants_of(series.local_time_on(day), zone)[0].hour for day in days}

    assert (len(days), times) == (52, {"09:00:00"})
    assert len(offsets) == (1 if zone in ("Asia/Kolkata", "Australia/Lord_Howe") else 2)
