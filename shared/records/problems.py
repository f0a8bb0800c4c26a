"""Everything that can be refused, each with the HTTP status and the stable name that a client sees."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails


@dataclass(frozen=True)
class FieldError:
    """One thing wrong with a request: where (a JSON pointer, or a parameter's name) and what."""

    pointer: str
    detail: str


class Problem(Exception):
    """A refusal that the caller can understand. `detail` never holds a name or clinical text."""

    status: ClassVar[int] = 500
    name: ClassVar[str] = "internal"
    title: ClassVar[str] = "Internal error"

    def __init__(self, detail: str = "", errors: Sequence[FieldError] = ()) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.errors = tuple(errors)

    @property
    def members(self) -> Mapping[str, Any]:
        """What this kind of refusal says besides, by name."""
        return {}


class BadRequest(Problem):
    status, name, title = 400, "bad-request", "The request cannot be read"


class Unauthenticated(Problem):
    status, name, title = 401, "unauthenticated", "A valid ID token is required"


class Forbidden(Problem):
    status, name, title = 403, "forbidden", "Your role does not allow this"


class NotFound(Problem):
    """There is no such thing, or the caller may not know of it: the two look the same."""

    status, name, title = 404, "not-found", "Not found"


class MethodNotAllowed(Problem):
    status, name, title = 405, "method-not-allowed", "This resource has no such method"

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        super().__init__()
        self.allowed = tuple(sorted(allowed))
        """The methods that it has."""


class Conflict(Problem):
    """The state of the thing does not allow what was asked."""

    status, name, title = 409, "conflict", "The current state does not allow this"


class Duplicate(Problem):
    """What is to be created seems to be there already; whoever knows better says so in the request."""

    status, name, title = 409, "duplicate", "There seems to be one already"

    def __init__(self, ids: Sequence[str], errors: Sequence[FieldError]) -> None:
        super().__init__(errors=errors)
        self.ids = tuple(ids)

    @property
    def members(self) -> Mapping[str, Any]:
        """The ids of those that are there."""
        return {"duplicates": self.ids}


class PreconditionFailed(Problem):
    status, name, title = 412, "stale", "It was changed since you read it"


class TooLarge(Problem):
    status, name, title = 413, "too-large", "The request is too large"


class UnsupportedMediaType(Problem):
    status, name, title = 415, "unsupported-media-type", "The request body has another media type"


class Invalid(Problem):
    """The request is readable, and some of its fields are wrong; all of them are named."""

    status, name, title = 422, "invalid", "Some fields are not valid"


class PreconditionRequired(Problem):
    status, name, title = 428, "precondition-required", "If-Match is required"


class Unavailable(Problem):
    """Too many changes met at once, or something we depend on does not answer: nothing was done, try again."""

    status, name, title = 503, "busy", "Try again shortly"


def raise_if_any(errors: Iterable[FieldError]) -> None:
    """Raises Invalid with all errors, if there are any."""
    if found := [*errors]:
        raise Invalid(errors=found)


def wrong_fields(error: ValidationError) -> list[FieldError]:
    """What pydantic found wrong, by JSON pointer and for people, without what was sent."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    return [FieldError(_pointer(one["loc"]), _detail(one)) for one in found]


def _pointer(location: tuple[int | str, ...]) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in location)


def _detail(problem: ErrorDetails) -> str:
    """The rule that is broken: pydantic says of ours first that they are ours, and writes a pattern as it is."""
    if problem["type"] == "string_pattern_mismatch":
        return "does not have the form that the API's description gives"
    return problem["msg"].removeprefix("Value error, ")
