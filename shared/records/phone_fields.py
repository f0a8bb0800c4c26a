"""Telephone numbers in fields of a request: settled, or an error of the field."""

from __future__ import annotations

from typing import Any

from shared.records import telephones
from shared.records.problems import FieldError
from shared.records.telephones import Telephone

INSISTING = '"phone_unverified": true'
"""How a client insists on the only number of a record."""


def settled(
    signs: str | None, country: str | None, pointer: str, *, insisted: bool = False, how: str | None = None
) -> tuple[Telephone | None, list[FieldError]]:
    """The number that dialled signs mean in a country (ISO 3166-1), and what is wrong with them.

    `how` tells how a client insists on a number of a length that its country does not have; None if it cannot.
    """
    if signs is None:
        return None, []
    try:
        return telephones.settled(signs, country, insisted=insisted), []
    except telephones.UnusualError as error:
        return None, [FieldError(pointer, f"{error}; if it is right, send {how}" if how else str(error))]
    except ValueError as error:
        return None, [FieldError(pointer, str(error))]


def marked(signs: str | None, country: str | None, *, insisted: bool) -> tuple[dict[str, Any], list[FieldError]]:
    """As `settled`, for a record with one number: its fields `phone` and `phone_unverified`, and its errors."""
    found, errors = settled(signs, country, "/phone", insisted=insisted, how=INSISTING)
    return {"phone": found and found.e164, "phone_unverified": found is not None and not found.known}, errors
