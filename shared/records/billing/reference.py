"""References of payments: one reference of a method is booked once in a clinic, until the payment is reversed."""

from __future__ import annotations

import unicodedata
from typing import ClassVar

from shared.records.privacy import Plain
from shared.records.record import Keyset, Record
from shared.records.types import Id


class PaymentReference(Record):
    """That a reference was booked. Its id is a keyed hash: nobody who reads the database learns a reference."""

    kind: ClassVar[str] = "PaymentReference"
    collection: ClassVar[str] = "payment_references"
    keyset: ClassVar[Keyset] = Keyset.CLINIC

    payment_id: Plain[Id | None]
    """The payment; null once it is reversed, as a returned cheque may be presented again."""


def compared(reference: str) -> str:
    """A reference as it is compared: people write the same one with other cases, spaces and dashes."""
    text = unicodedata.normalize("NFKC", reference).casefold()
    return "".join(character for character in text if character.isalnum()) or text
