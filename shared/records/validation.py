"""The errors of pydantic as errors of fields in a problem."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.records.error_texts import text_of
from shared.records.problems import FieldError

if TYPE_CHECKING:
    from pydantic import ValidationError

_LONGEST_POINTER = 300
"""Characters; a name in a pointer comes from the client."""


def field_errors(error: ValidationError) -> list[FieldError]:
    """Convert pydantic's errors: JSON pointer and readable message, without the input values."""
    return [
        FieldError(_pointer(detail["loc"]), text_of(detail["type"], detail.get("ctx", {}), detail["msg"]))
        for detail in error.errors(include_url=False, include_input=False)
    ]


def _pointer(location: tuple[int | str, ...]) -> str:
    """Format a location as a JSON pointer (RFC 6901); a very long one is cut."""
    pointer = "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in location)
    return pointer if len(pointer) <= _LONGEST_POINTER else f"{pointer[:_LONGEST_POINTER]}…"
