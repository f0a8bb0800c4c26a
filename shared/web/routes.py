"""Routes: which operation a method and a path are of.

Werkzeug's `Map` compiles regular expressions and two functions for each rule, at every start: 0.3 ms of a processor, 9
for the 31 rules of `patients`.
"""

from __future__ import annotations

from typing import NamedTuple

from shared.records.problems import MethodNotAllowed, NotFound
from shared.web.operations import Operation

_PARAMETER = "{"
"""What a part of a path begins with that stands for any text."""


class _Route(NamedTuple):
    parts: tuple[str, ...]
    operation: Operation

    @property
    def methods(self) -> tuple[str, ...]:
        return ("GET", "HEAD") if self.operation.method == "GET" else (self.operation.method,)

    @property
    def generality(self) -> tuple[bool, ...]:
        """By part, whether it is a parameter. The least of several is what is most like the path."""
        return tuple(part.startswith(_PARAMETER) for part in self.parts)

    def matches(self, parts: tuple[str, ...]) -> bool:
        return len(parts) == len(self.parts) and all(
            bool(sent) if part.startswith(_PARAMETER) else sent == part
            for sent, part in zip(parts, self.parts, strict=True)
        )


class Routes:
    """The operations of a resource by their paths."""

    def __init__(self, prefix: str) -> None:
        """`prefix` is the path of the resource."""
        self._prefix = prefix
        self._routes: list[_Route] = []

    def add(self, operation: Operation) -> None:
        self._routes.append(_Route(_parts(f"{self._prefix}{operation.path}"), operation))

    def match(self, method: str, path: str) -> tuple[Operation, dict[str, str]]:
        """The operation, and the texts at the parameters of its path. Slashes at the start, and one at the
        end, do not matter.

        Of several paths that match, the one with fewer parameters at its beginning is taken. Raises NotFound, or
        MethodNotAllowed when the path has operations with other methods.
        """
        parts = _parts(path)
        matching = [route for route in self._routes if route.matches(parts)]
        if not matching:
            raise NotFound
        offering = [route for route in matching if method in route.methods]
        if not offering:
            raise MethodNotAllowed({method for route in matching for method in route.methods})
        route = min(offering, key=lambda one: one.generality)
        sent = zip(route.parts, parts, strict=True)
        return route.operation, {part[1:-1]: text for part, text in sent if part.startswith(_PARAMETER)}


def _parts(path: str) -> tuple[str, ...]:
    return tuple(path.lstrip("/").removesuffix("/").split("/"))
