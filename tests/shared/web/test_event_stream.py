"""Server-sent events: their format, and the versions that a stream sends; no I/O."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.records.event import Event, Events
from shared.records.record import Value
from shared.web import event_stream
from shared.web.event_stream import EventStream, Follower, Pace, event_frame, followed, retry_frame
from tests.shared.web.event_source import Received, Source, Version, event, received, stream_of

VISIBLE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=40)


@given(st.lists(st.tuples(VISIBLE, st.text(max_size=40)), max_size=4))
@example([("1", "a\r\nb\rc\n"), ("2", ""), ("3", ": x\n\nid: 4\ndata: y\n\n")])
def test_a_client_gets_each_event_with_its_id_whatever_the_data_contains(sent: list[tuple[str, str]]) -> None:
    frames = b"".join(event_frame(id, data) for id, data in sent)

    assert received(frames).events == [(id, re.sub(r"\r\n|\r", "\n", data)) for id, data in sent]


@given(st.text(max_size=10).filter(lambda text: not re.fullmatch(r"[\x21-\x7e]+", text)))
@example("")
@example("a\nb")
@example("a\0")
def test_an_id_that_no_client_would_send_back_is_refused(id: str) -> None:
    with pytest.raises(ValueError, match="visible ASCII"):
        event_frame(id, "x")


def test_retry_is_in_milliseconds() -> None:
    assert received(retry_frame(5)) == Received([], 5000, 0)


# A stream


def test_a_stream_begins_with_the_current_version_and_sends_each_later_one_once() -> None:
    source = Source([event(1), event(1), event(2), event(2), event(5, final=True)])

    got = stream_of(source)

    assert got.events == [("v1", '{"count": 1}'), ("v2", '{"count": 2}'), ("v5", '{"count": 5}')]
    assert (got.retry, got.comments) == (1000, 2)
    assert source.slept == [event_stream.POLL_SECONDS] * 4


@pytest.mark.parametrize("seen", ["", "v0", "v9", "v1 ", "v1,v2", "ÿ"])
def test_a_client_with_any_other_id_gets_the_current_version(seen: str) -> None:
    assert stream_of(Source([event(1), event(2, final=True)]), seen).events[0][0] == "v1"


def test_a_resumed_stream_leaves_out_what_the_client_has_and_nothing_newer() -> None:
    assert [id for id, _ in stream_of(Source([event(1), event(2), event(3, final=True)]), "v1").events] == ["v2", "v3"]
    assert [id for id, _ in stream_of(Source([event(2), event(3, final=True)]), "v1").events] == ["v2", "v3"]


def test_a_stream_closes_in_time_and_has_written_after_each_poll() -> None:
    source = Source([event(1)])

    got = stream_of(source)

    assert [id for id, _ in got.events] == ["v1"]
    assert (source.time, source.polls, got.comments) == (50.0, 51, 50)


@given(
    st.lists(st.integers(1, 4), min_size=1, max_size=12),
    st.integers(0, 4),
    st.floats(0, 20, allow_nan=False),
    st.booleans(),
)
def test_no_version_is_lost_and_none_is_repeated(counts: list[int], seen: int, until: float, ends: bool) -> None:
    seen = min(seen, *counts)  # the current version or an earlier one
    versions = [event(count) for count in sorted(counts)]
    source = Source([*versions, *([event(5, final=True)] if ends else [])])

    got = [id for id, _ in stream_of(source, f"v{seen}", until).events]

    polled = [version.id for version in source.versions[: source.polls] if isinstance(version, Version)]
    assert got == list(dict.fromkeys(id for id in polled if id != f"v{seen}"))


# A series


class Item(Value):
    text: str


@dataclass
class Series:
    """A series that grows by one item in each second, in pages of three; the ids are the numbers of its items."""

    items: int
    ends: bool = False
    size: int = 1
    """Characters of an item."""
    time: float = 0.0

    def poll(self, seen: str) -> Events[Item]:
        first = int(seen or 0)
        there = min(self.items, 1 + int(self.time))
        page = [Event(str(n), Item(text=self.size * "a")) for n in range(first + 1, min(there, first + 3) + 1)]
        return Events(page, final=self.ends and first + len(page) >= self.items)

    def sleep(self, seconds: float) -> None:
        self.time += seconds

    def stream(self, seen: str = "", poll_seconds: float = 0.5) -> Received:
        follower = Follower(EventStream(self.poll, poll_seconds), seen, clinical=False)
        return received(b"".join(followed(follower, self.time + 50.0, Pace(lambda: self.time, self.sleep))))


def test_each_item_of_a_series_is_one_event_and_the_last_ends_the_stream() -> None:
    series = Series(5, ends=True)

    assert [id for id, _ in series.stream().events] == ["1", "2", "3", "4", "5"]
    assert series.time == 4.0


@given(st.integers(0, 9), st.integers(1, 9))
def test_a_client_that_resumes_a_series_gets_the_rest_whatever_the_page(seen: int, items: int) -> None:
    series = Series(items, ends=True, time=100.0)

    assert [id for id, _ in series.stream(str(seen)).events] == [str(n) for n in range(seen + 1, items + 1)]


def test_a_stream_that_is_too_long_closes_itself_and_loses_nothing() -> None:
    series = Series(10**6, size=200_000, time=10.0**6)

    first = series.stream()
    second = series.stream(first.events[-1][0])

    assert sum(len(data) for _, data in first.events) < event_stream.MOST_BYTES + 3 * 200_100
    assert [int(id) for id, _ in first.events + second.events][-1] == len(first.events + second.events)
    assert series.time < 10.0**6 + 50
