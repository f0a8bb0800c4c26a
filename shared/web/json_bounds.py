"""Bounds of a JSON body, checked before a model sees it: the cost of validation grows with the number of values."""

from __future__ import annotations

import json
from typing import Any

from shared.records.problems import BadRequest, TooLarge

MOST_VALUES = 2_000
"""Maximum number of members and items in one body, at all depths together. The largest request of the API, the
correction of a report, has about 600."""
NOT_JSON = "the body is not JSON"


def check(body: bytes) -> None:
    """Raises BadRequest for a body that is not JSON (UTF-8, no name twice in an object), TooLarge for too many
    values."""
    counter = _Counter()
    try:
        value = json.loads(body.decode(), object_pairs_hook=counter.add_object)
    except RecursionError:
        raise BadRequest("the body is nested too deeply") from None
    except ValueError:
        raise BadRequest(NOT_JSON) from None
    counter.add_lists([value])


class _Counter:
    """The number of values seen so far."""

    def __init__(self) -> None:
        self._count = 0

    def add_object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """Count an object, and the lists in it; the objects in it were counted before."""
        self._add(1 + len(pairs))
        found = dict(pairs)
        if len(found) < len(pairs):
            raise BadRequest("a name is given twice in one object")
        self.add_lists(list(found.values()))
        return found

    def add_lists(self, values: list[Any]) -> None:
        """Count the items of all lists among these values, at all depths."""
        pending = [value for value in values if isinstance(value, list)]
        while pending:
            items = pending.pop()
            self._add(len(items))
            pending += [item for item in items if isinstance(item, list)]

    def _add(self, count: int) -> None:
        self._count += count
        if self._count > MOST_VALUES:
            raise TooLarge(f"at most {MOST_VALUES} values in one body")
