"""In which words a document of account speaks, and how it writes money and days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from shared.records.billing.types import FIRST_EDITION, FOURTH_EDITION
from shared.render import formats
from shared.render.bidi import embedded
from shared.render.words.bills.languages import bill_words_of
from shared.render.words.bills.vocabulary import BillWords
from shared.render.words.languages import words_of
from shared.render.words.vocabulary import Words


@dataclass(frozen=True, slots=True)
class Wording:
    """The language of a document, its currency (ISO 4217), and the edition of its layout."""

    language: str
    currency: str
    edition: int

    @property
    def general(self) -> Words:
        """What every document says."""
        return words_of(self.language)

    @property
    def bill(self) -> BillWords:
        return bill_words_of(self.language)

    @property
    def mirrored(self) -> bool:
        """True if the document begins at the right."""
        return self.general.right_to_left

    @property
    def leaves_out(self) -> bool:
        """True if what there is not is left out."""
        return self.edition > FIRST_EDITION

    @property
    def layout(self) -> int:
        """What the file says of its layout."""
        return self.edition + 1

    def own(self, text: str) -> str:
        """A text of a person or a number within a document of this language: it moves nothing beside it."""
        return "\n".join(map(embedded, text.split("\n"))) if self.mirrored and text else text

    def day(self, day: date) -> str:
        """`4 November 2026`."""
        return self.general.long_date(day)

    def money(self, minor: int) -> str:
        """Minor units with the currency."""
        return formats.money(minor, self.currency)

    def amount(self, minor: int) -> str:
        """Minor units without the currency, for a column that names it."""
        return formats.amount(minor, self.currency)

    def licence(self, number: str) -> str:
        """The label of a licence number; empty if it is left out."""
        return "" if self.leaves_out and not number else self.bill.facts.licence

    def facts(self, pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """The facts of a document that it prints."""
        return [(label, self.own(value)) for label, value in pairs if value or not self.leaves_out]

    @property
    def least_wide(self) -> int:
        """The columns that a wide fact takes at least."""
        return 2 if self.edition > FOURTH_EDITION else 1

    def wide_fact(self, label: str, value: str) -> tuple[str, str] | None:
        """A fact that takes the rest of its row."""
        return (label, self.own(value)) if value or not self.leaves_out else None
