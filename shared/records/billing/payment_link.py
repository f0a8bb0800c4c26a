"""The link by which a bill is paid online, at the clinic's payment provider."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from shared.records.money import Minor
from shared.records.record import Value
from shared.records.types import Code, Currency, Moment

PaymentUrl = Annotated[str, StringConstraints(pattern=r"^https://[!-~]{1,500}$")]
"""The address of a page of the provider."""


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
