"""Server-sent events: their format, and the versions that a stream sends; no I/O."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.records.event import Event
from shared.web import event_stream
from shared.web.event_stream import event_frame, retry_frame
from tests.shared.web.event_source import Received, Source, event, received, stream_of

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

    polled = [version.id for version in source.versions[: source.polls] if isinstance(version, Event)]
    assert got == list(dict.fromkeys(id for id in polled if id != f"v{seen}"))
