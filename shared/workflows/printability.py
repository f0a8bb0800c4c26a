"""Refuses to issue what could not be printed: a character without a glyph would be an empty box on paper."""

from __future__ import annotations

import unicodedata
from typing import Any

from shared.records.conflict_codes import ConflictCode
from shared.records.problems import Conflict, FieldError
from shared.records.text import code_point
from shared.render.coverage import unprintable

_MOST_NAMED = 5
"""Maximum number of characters that an error of a field names."""


def is_printable(document: Any) -> bool:
    """True if each character of the document can be printed."""
    return not unprintable(document)


def must_be_printable(document: Any) -> None:
    """Raises Conflict, with each text of the document that cannot be printed and its characters."""
    errors = [FieldError(pointer, _named(characters)) for pointer, characters in unprintable(document).items()]
    if errors:
        detail = "a character has no glyph in the fonts of the paper: write the texts that `errors` names without it"
        raise Conflict(ConflictCode.CHARACTERS_NOT_PRINTABLE, detail, errors)


def _named(characters: str) -> str:
    """`cannot be printed: U+1F642 SLIGHTLY SMILING FACE`."""
    named = [f"{code_point(one)} {unicodedata.name(one, '')}".rstrip() for one in characters[:_MOST_NAMED]]
    more = [f"{len(characters) - _MOST_NAMED} more"] if len(characters) > _MOST_NAMED else []
    return f"cannot be printed: {', '.join([*named, *more])}"
