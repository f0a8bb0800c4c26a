"""The link by which a bill is paid online, at the clinic's payment provider."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field, StringConstraints

from shared.records.money import Minor
from shared.records.record import Value
from shared.records.types import Code, Currency, Moment

PaymentUrl = Annotated[str, StringConstraints(pattern=r"^https://[!-~]{1,500}$")]
"""The address of a page of the provider."""

HOLDS_FOR = timedelta(days=90)
"""How long a link can be paid."""
LONGEST_REFERENCE = 40
"""Characters of Razorpay's `reference_id`."""


class PaymentLink(Value):
    """A page of the payment provider on which the patient pays one amount of one bill."""

    id: Code
    """The provider's id."""
    reference: Code
    """Ours: the number of the bill, and a count of its links."""
    url: PaymentUrl
    amount: Minor = Field(gt=0)
    currency: Currency
    expires_at: Moment
    cancelled: bool = False
    """True once nobody can pay by it any more."""

    @property
    def count(self) -> int:
        """Which link of the bill it is, from 1."""
        return int(self.reference.rpartition("-")[2])
