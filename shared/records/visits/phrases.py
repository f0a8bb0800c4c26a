"""Phrase hints: words that a recogniser does not expect, such as names of drugs and of the people in the visit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from shared.records.drugs.names import often_prescribed

MOST_PHRASES = 300
"""Speech-to-Text takes 5,000 in a request."""
_LONGEST = 80
"""Characters; Speech-to-Text takes 100."""


def phrases_of(names: Iterable[str | None]) -> list[str]:
    """The hints for a visit of people with these names, without duplicates, at most `MOST_PHRASES`."""
    return list(dict.fromkeys([*_parts(names), *often_prescribed()]))[:MOST_PHRASES]


def _parts(names: Iterable[str | None]) -> Iterator[str]:
    """Each name, and its parts of three letters or more."""
    for name in names:
        whole = " ".join((name or "").split())
        if 0 < len(whole) <= _LONGEST:
            yield whole
            yield from (part for part in whole.split() if len(part) > 2)
