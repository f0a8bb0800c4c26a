"""Groups of environment variables as classes, with an attribute for each variable: its annotation says what is valid.

    class Relay(Settings):
        relay_host: str
        relay_port: Annotated[int, lambda port: 1 <= port <= 65535]
        relay_password: Secret
        relay_region: str | None = None  # not required

They are no models of pydantic: those would take 8 ms of the start of each function, and 65 of `api_docs`, which has no
others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, NoReturn, get_args, get_type_hints


class Settings:
    """A group of settings; the attribute `region` is the value of the environment variable `REGION`."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        vars(self).update(values)

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise AttributeError(f"{name} is what the environment says")


class Secret:
    """A text that no log and no error shows by accident."""

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text


class Variable(NamedTuple):
    """What one variable must be."""

    kind: Callable[[str], Any]
    """`str`, `int`, `float` or `Secret`: makes the value of the text, or raises ValueError."""
    checks: tuple[Callable[[Any], bool], ...]
    """Each is true of every valid value."""
    is_required: bool

    def value_of(self, text: str) -> Any:
        """Raises ValueError for a text that is not valid."""
        value = self.kind(text)
        if not all(check(value) for check in self.checks):
            raise ValueError
        return value

    def takes(self, text: str) -> bool:
        """True if the text is valid."""
        try:
            self.value_of(text)
        except ValueError:
            return False
        return True


def variables_of(group: type[Settings]) -> dict[str, Variable]:
    """The variables of a group, by name. A variable is required if its attribute has no default."""
    annotations = get_type_hints(group, include_extras=True)
    return {
        name.upper(): _variable(annotation, is_required=not hasattr(group, name))
        for name, annotation in annotations.items()
    }


def _variable(annotation: Any, *, is_required: bool) -> Variable:
    if type(None) in get_args(annotation):
        annotation = get_args(annotation)[0]
    kind, *checks = get_args(annotation) or (annotation,)
    return Variable(kind, tuple(checks), is_required)
