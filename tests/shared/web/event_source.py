"""A state that changes, with a clock of the test, and a client that parses its stream."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from shared.records.event import Event
from shared.records.record import Value
from shared.web.event_stream import Pace, Versions, followed


class Count(Value):
    """A state that changes."""

    count: int


def event(count: int, *, final: bool = False) -> Event[Count]:
    return Event(f"v{count}", Count(count=count), final)


@dataclass
class Source:
    """A state that has these versions at successive polls, and then stays; an exception among them is raised."""

    versions: list[Event[Count] | Exception]
    polls: int = 0
    time: float = 0.0
    slept: list[float] = field(default_factory=list)

    def poll(self) -> Event[Count]:
        version = self.versions[min(self.polls, len(self.versions) - 1)]
        self.polls += 1
        if isinstance(version, Exception):
            raise version
        return version

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
    versions = Versions(source.poll, source.poll(), seen, clinical=False)
    return received(b"".join(followed(versions, until, source.pace)))
