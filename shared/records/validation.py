"""The errors of pydantic as errors of fields in a problem."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.records.problems import FieldError

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

_LONGEST_POINTER = 300
"""Characters; a name in a pointer comes from the client."""


def field_errors(error: ValidationError) -> list[FieldError]:
    """Convert pydantic's errors: JSON pointer and readable message, without the input values."""
    details = error.errors(include_url=False, include_input=False, include_context=False)
    return [FieldError(_pointer(detail["loc"]), _message(detail)) for detail in details]


_TEXTS = {
    "extra_forbidden": "is not known here",
    "missing": "is required",
    "string_pattern_mismatch": "has characters or a form that this field does not take",
    "string_too_short": "must not be empty, or is too short",
}
"""The messages of pydantic's errors that are not for people."""


def _pointer(location: tuple[int | str, ...]) -> str:
    """Format a location as a JSON pointer (RFC 6901); a very long one is cut."""
    pointer = "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in location)
    return pointer if len(pointer) <= _LONGEST_POINTER else f"{pointer[:_LONGEST_POINTER]}…"


def _message(detail: ErrorDetails) -> str:
    """The message of one error, without pydantic's prefix "Value error" and without regular expressions."""
    if text := _TEXTS.get(detail["type"]):
        return text
    return detail["msg"].removeprefix("Value error, ")
