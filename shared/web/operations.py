"""One operation of the API, as its handler's signature declares it."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from shared.records.types import Role
from shared.store.clinic import Clinic

ANYONE = frozenset(Role)
FRONT_DESK = ANYONE
"""Demographics, appointments, bills: everybody of the clinic."""
CLINICIANS = frozenset({Role.DOCTOR, Role.ADMIN})
"""Clinical content."""
DOCTORS = frozenset({Role.DOCTOR})


@dataclass(frozen=True)
class Operation:
    """A method on a path: who may call it, what it takes, what it answers."""

    method: str
    path: str
    """Below the resource, with parameters in braces: `/{id}/complete`."""
    handler: Callable[..., Any]
    roles: frozenset[Role]
    status: int
    once: bool
    """Needs an Idempotency-Key: it creates something or moves money."""
    changes: bool
    """Needs If-Match: it changes what the client must have seen."""
    body: type[BaseModel] | None
    body_name: str
    parameters: tuple[str, ...]
    returns: Any

    @property
    def takes_key(self) -> bool:
        """Whether an Idempotency-Key counts."""
        return self.method == "POST"

    @property
    def takes_revision(self) -> bool:
        """Whether If-Match counts; a PUT that does not need it creates what is not there."""
        return self.changes or self.method == "PUT"

    @property
    def name(self) -> str:
        return self.handler.__name__

    @property
    def summary(self) -> str:
        return (inspect.getdoc(self.handler) or "").partition("\n")[0]

    @property
    def description(self) -> str:
        return (inspect.getdoc(self.handler) or "").partition("\n")[2].strip()


def operation(
    method: str,
    path: str,
    handler: Callable[..., Any],
    *,
    roles: frozenset[Role],
    status: int,
    once: bool,
    changes: bool,
) -> Operation:
    """Read a handler's signature: `clinic`, path parameters by name, and at most one model, the JSON body."""
    hints = typing.get_type_hints(handler)
    returns = hints.pop("return", None)
    if hints.pop("clinic", None) is not Clinic:
        raise TypeError(f"{handler.__name__} must take clinic: Clinic first")
    bodies = {name: hint for name, hint in hints.items() if isinstance(hint, type) and issubclass(hint, BaseModel)}
    parameters = tuple(name for name in hints if name not in bodies)
    if len(bodies) > 1 or any(f"{{{name}}}" not in path for name in parameters):
        raise TypeError(f"{handler.__name__}: one body at most, and every other parameter in the path")
    body_name, body = next(iter(bodies.items()), ("", None))
    return Operation(method, path, handler, roles, status, once, changes, body, body_name, parameters, returns)
