"""Payment by UPI, India's instant transfer: the deep link that opens a payment app with payee, amount and reference.

The form is that of NPCI's "UPI Linking Specifications", version 1.6. UPI pays in rupees only.
"""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import quote, urlencode

from pydantic import StringConstraints

from shared.records.record import Value
from shared.records.text import Name

CURRENCY = "INR"
LONGEST_UPI_ID = 255
LONGEST_REFERENCE, LONGEST_NOTE, LONGEST_NAME = 35, 50, 99
"""Characters of `tr`, `tn` and `pn`."""
_NO_REFERENCE = re.compile(r"[^A-Za-z0-9]")

UpiId = Annotated[
    str,
    StringConstraints(
        max_length=LONGEST_UPI_ID, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{1,254}@[A-Za-z][A-Za-z0-9]{1,63}$"
    ),
]
"""A virtual payment address, such as `banyan@okaxis`: a name at a bank or payment app."""


class UpiPayee(Value):
    """Who is paid by UPI."""

    upi_id: UpiId
    name: Name
    """Shown by the payment app, beside the name that the payee's bank has verified."""

    def link(self, minor: int, number: str) -> str:
        """The link that pays so many paise for the bill with this number: `upi://pay?pa=…`.

        The reference is the number without its hyphens, because `tr` takes letters and digits only. Raises ValueError
        unless there is something to pay.
        """
        if minor <= 0:
            raise ValueError("nothing is to be paid")
        fields = {
            "pa": self.upi_id,
            "pn": self.name[:LONGEST_NAME],
            "am": f"{minor // 100}.{minor % 100:02}",
            "cu": CURRENCY,
            "tn": f"Bill {number}"[:LONGEST_NOTE],
            "tr": _NO_REFERENCE.sub("", number)[:LONGEST_REFERENCE],
        }
        return f"upi://pay?{urlencode(fields, quote_via=quote, safe='@')}"
