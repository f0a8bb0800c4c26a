"""Decimal digits of any script."""

from __future__ import annotations

import unicodedata


def in_ascii(text: str) -> str:
    """The text with its decimal digits in ASCII."""
    return text if text.isascii() else "".join(map(_in_ascii, text))


def _in_ascii(character: str) -> str:
    return str(unicodedata.decimal(character)) if character.isdecimal() else character
