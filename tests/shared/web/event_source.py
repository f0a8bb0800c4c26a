"""A state that changes, with a clock of the test, and a client that parses its stream."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from shared.records.event import Event, Events, version_unless
from shared.records.record import Value
from shared.web.event_stream import EventStream, Follower, Pace, followed


class Count(Value):
    """A state that changes."""

    count: int


@dataclass(frozen=True)
class Version:
    """A version of the state."""

    count: int
    final: bool = False

    @property
    def id(self) -> str:
        return f"v{self.count}"


def event(count: int, *, final: bool = False) -> Version:
    return Version(count, final)


@dataclass
class Source:
    """A state that has these versions at successive polls, and then stays; an exception among them is raised."""

    versions: list[Version | Exception]
    polls: int = 0
    time: float = 0.0
    slept: list[float] = field(default_factory=list)

    def poll(self, seen: str) -> Events[Count]:
        version = self.versions[min(self.polls, len(self.versions) - 1)]
        self.polls += 1
        if isinstance(version, Exception):
            raise version
        return version_unless(seen, Event(version.id, Count(count=version.count)), final=version.final)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds

    @property
    def pace(self) -> Pace:
        return Pace(lambda: self.time, self.sleep)


@dataclass
class Received:
    """What a client of the standard takes from a stream."""

    events: list[tuple[str, str]]
    """Last event id and data of each event."""
    retry: int | None
    comments: int


def received(stream: bytes) -> Received:
    """Parse a stream as WHATWG HTML prescribes, section 9.2.6."""
    found, last_id, data = Received([], None, 0), "", list[str]()
    for line in re.split(r"\r\n|\r|\n", stream.decode()):
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if line == "":
            if data:
                found.events.append((last_id, "\n".join(data)))
            data = []
        elif name == "":
            found.comments += 1
        elif name == "data":
            data.append(value)
        elif name == "id" and "\0" not in value:
            last_id = value
        elif name == "retry" and value.isdecimal():
            found.retry = int(value)
    return found


def stream_of(source: Source, seen: str = "", until: float = 50.0) -> Received:
    follower = Follower(EventStream(source.poll), seen, clinical=False)
    return received(b"".join(followed(follower, until, source.pace)))
