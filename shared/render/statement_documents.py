"""What a statement of account on paper consists of. Amounts are in minor units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from shared.records.billing.types import EDITION
from shared.render.bill_wording import Wording
from shared.render.documents import LetterheadBlock, PatientBlock


@dataclass(frozen=True, slots=True)
class StatementLine:
    """An entry of the account."""

    day: date
    entry: str
    """What was booked, such as `Payment`."""
    document: str
    """The numbers of bill and document."""
    amount_minor: int
    balance_minor: int


@dataclass(frozen=True, slots=True)
class StatementPart:
    """The account in one currency."""

    currency: str
    """ISO 4217."""
    opening_minor: int
    lines: tuple[StatementLine, ...]
    closing_minor: int
    aged: tuple[tuple[str, int], ...]
    """What is owed by days after the due date, with a label each; empty if nothing is owed."""


@dataclass(frozen=True, slots=True)
class StatementDocument:
    """A statement of account. The renderer adds nothing up."""

    title: str
    letterhead: LetterheadBlock
    patient: PatientBlock
    address: str
    first_day: date
    last_day: date
    made_at: datetime
    parts: tuple[StatementPart, ...]
    language: str = "en"
    """BCP 47; the fixed words are in it, or in English."""

    def wording(self, currency: str = "") -> Wording:
        """The words of the document, and of its part in a currency."""
        return Wording(self.language, currency, EDITION)
