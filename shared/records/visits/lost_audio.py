"""Audio of a visit that was lost: where it is missing in a recording, and what the doctor declared about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from shared.records.record import Value
from shared.records.text import ShortText
from shared.records.types import Id, Moment

MOST_PLACES = 100
"""Places in one recording at which audio is missing; the last of them stands for all further ones."""
MOST_IN_REPORT = 4
"""As MOST_PLACES, of all recordings of a report: its signed bytes have room for 10,000 bytes of them."""


class LostAudio(Value):
    """A stretch of a visit that was spoken, and is in no recording."""

    recording_id: Id
    start_ms: int
    """Milliseconds from the beginning of the recording at which the stretch is missing: nothing is put in its place."""
    seconds: float | None
    """Its length; null if nobody knows it, as at the end."""
    places: int = 1
    """More than 1: this entry stands for further places after `at_ms`, with the length of all."""
    reason: ShortText | None = None
    """Why, as the doctor declared it; null if pieces follow each other with a gap that nobody declared."""
    declared_by: Id | None = None
    """The doctor who declared it lost."""
    declared_at: Moment | None = None


def bounded(places: Sequence[LostAudio], most: int) -> list[LostAudio]:
    """At most so many: the last one stands for the rest."""
    kept, rest = list(places[: most - 1]), places[most - 1 :]
    if len(rest) > 1:
        together = {"seconds": _sum(one.seconds for one in rest), "places": sum(one.places for one in rest)}
        rest = [rest[0].model_copy(update=together)]
    return [*kept, *rest]


def _sum(lengths: Iterable[float | None]) -> float | None:
    """None if one is not known."""
    found = list(lengths)
    return None if None in found else round(sum(one for one in found if one is not None), 1)
