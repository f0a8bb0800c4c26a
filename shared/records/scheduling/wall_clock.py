"""Times on the wall: what people agree on is a local time in a zone, and the instant follows from the zone's rules.

When clocks go forward, an hour of local times does not exist; when they go back, an hour happens twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, StringConstraints, WithJsonSchema

from shared.records.problems import FieldError

_LOCAL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?")


def _local(value: object) -> object:
    if isinstance(value, str) and _LOCAL.fullmatch(value):
        return datetime.fromisoformat(value)
    if isinstance(value, datetime) and value.tzinfo is None:
        return value
    raise ValueError("write it as a local time without offset: 2026-09-14T12:00")


def _written(local: datetime) -> str:
    return local.replace(fold=0).isoformat(timespec="seconds")


def _stored(value: object) -> str:
    local = _local(value)
    assert isinstance(local, datetime)
    return _written(local)


LocalTime = Annotated[
    str,
    StringConstraints(max_length=19),
    BeforeValidator(_stored),
    WithJsonSchema(
        {"type": "string", "pattern": rf"^{_LOCAL.pattern}$", "maxLength": 19, "examples": ["2026-09-14T12:00:00"]}
    ),
]
"""A date and time on the wall, without zone or offset, such as 2026-09-14T12:00:00."""


class Occurrence(StrEnum):
    """Which of two instants a local time means that happens twice, when clocks go back."""

    EARLIER = "earlier"
    LATER = "later"


def instants_of(local: str, zone: str) -> list[datetime]:
    """The instants, in UTC and in order, at which clocks of the zone show this local time: one, none or two."""
    naive, found = datetime.fromisoformat(local), set[datetime]()
    for fold in (0, 1):
        instant = _utc(naive.replace(fold=fold), zone)
        if local_of(instant, zone) == local:
            found.add(instant)
    return sorted(found)


def neighbours_of(local: str, zone: str) -> tuple[str, str]:
    """The local times before and after the gap in which a local time does not exist, each as far from it as the gap is
    long: 01:30 and 03:30 for 02:30."""
    naive = datetime.fromisoformat(local)
    # In a gap, fold 0 uses the offset before it and fold 1 the offset after it (PEP 495).
    instants = sorted(_utc(naive.replace(fold=fold), zone) for fold in (0, 1))
    return local_of(instants[0], zone), local_of(instants[1], zone)


def local_of(instant: datetime, zone: str) -> str:
    """What clocks of the zone show at an instant."""
    return _written(instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None))


def occurrence_of(instant: datetime, zone: str) -> Occurrence:
    """Which of the instants with this local time an instant is; `earlier` where there is one alone."""
    return Occurrence.LATER if instant.astimezone(ZoneInfo(zone)).fold else Occurrence.EARLIER


def instant_of(local: str, zone: str, occurrence: Occurrence) -> datetime:
    """The instant of a local time that was agreed on. If the rules of the zone have changed so that it does not exist
    any more, the instant after the gap."""
    instants = instants_of(local, zone)
    if instants:
        return instants[0 if occurrence == Occurrence.EARLIER else -1]
    return _utc(datetime.fromisoformat(local), zone)


def errors_of(local: str, zone: str, occurrence: Occurrence | None, pointer: str) -> Iterable[FieldError]:
    """Why a local time cannot be booked: it does not exist, or it happens twice and nothing says which one is meant."""
    instants = instants_of(local, zone)
    if not instants:
        before, after = neighbours_of(local, zone)
        yield FieldError(pointer, f"does not exist in {zone}, where clocks go forward; {before} and {after} do")
    elif len(instants) > 1 and occurrence is None:
        both = " or ".join(each.isoformat().replace("+00:00", "Z") for each in instants)
        text = f"happens twice in {zone}, at {both}: send `occurrence`, earlier or later"
        yield FieldError(pointer, text)


def _utc(local: datetime, zone: str) -> datetime:
    return local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
