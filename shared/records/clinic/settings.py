"""A clinic: the tenant. Its settings determine billing and time zone."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from shared.records.money import Minor, TaxTreatment
from shared.records.privacy import Encrypted, Plain
from shared.records.record import Keyset, Record, Value
from shared.records.text import Name, ShortText, Text
from shared.records.types import Currency, Email, Phone, Zone


class Fee(Value):
    """The price of a session by type and maximum duration (None: any duration)."""

    session_type: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]
    up_to_minutes: int | None = Field(default=None, gt=0)
    amount: Minor
    description: ShortText
    cpt_code: Annotated[str, Field(pattern=r"^[A-Z0-9]{4,7}$")] | None = None


class ClinicSettings(Record):
    """The settings of a clinic, stored in the clinic's own document."""

    kind: ClassVar[str] = "ClinicSettings"
    collection: ClassVar[str] = ""
    keyset: ClassVar[Keyset] = Keyset.CLINIC

    name: Encrypted[Name]
    address: Encrypted[Text | None] = None
    phone: Encrypted[Phone | None] = None
    email: Encrypted[Email | None] = None
    time_zone: Plain[Zone] = "Asia/Kolkata"
    currency: Plain[Currency] = "INR"
    fees: Encrypted[list[Fee]] = []
    tax: Encrypted[TaxTreatment] = TaxTreatment.model_construct()
    payment_days: Plain[int] = 15
    payment_terms: Encrypted[ShortText | None] = None
    payment_instructions: Encrypted[Text | None] = None
    gst_number: Encrypted[Annotated[str, Field(pattern=r"^[0-9A-Z]{15}$")] | None] = None
    financial_year_starts_in: Plain[int] = Field(default=4, ge=1, le=12)
    """Month, 1 to 12."""
    signing_requires_second_factor: Plain[bool] = False
    """True if a report is signed only after a sign-in with a second factor. The platform's operator sets it."""

    @classmethod
    def path_of(cls, id: str) -> str:  # noqa: ARG003 - the clinic's own document has an empty path
        return ""

    def fee_for(self, session_type: str, minutes: int) -> Fee | None:
        """The fee of a session: among the fees that cover its duration, the one with the smallest limit."""
        matching = [
            fee
            for fee in self.fees
            if fee.session_type == session_type and (fee.up_to_minutes is None or minutes <= fee.up_to_minutes)
        ]
        return min(matching, key=lambda fee: fee.up_to_minutes or float("inf"), default=None)
