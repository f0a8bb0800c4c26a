"""A change of the clinic's settings by its admin."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from shared.records import phone_fields
from shared.records.clinic.consent_policy import AfterWithdrawal, ConsentPolicy, ConsentPurpose
from shared.records.clinic.recording_policy import PiecesInPauses
from shared.records.clinic.settings import (
    LONGEST_VISIT_HOURS,
    MOST_CLOSURES,
    MOST_CONSENT_BACKDATING_DAYS,
    MOST_FEES,
    MOST_HOURS,
    MOST_RETENTION_YEARS,
    MOST_ROOMS,
    BillIssue,
    ClinicSettings,
    Closure,
    Fee,
    OpeningHours,
    PlaceOfSupply,
    Room,
)
from shared.records.numbering import DocumentSeries, NumberPrefixes
from shared.records.problems import FieldError
from shared.records.record import Stamp, Value, partial
from shared.records.taxes.gstin import Gstin
from shared.records.taxes.treatment import TaxTreatment
from shared.records.text import Name, ShortText, Text
from shared.records.types import Currency, Email, TypedPhone, Zone, country_of
from shared.records.upi import UpiId


@partial
class SettingsChange(Value):
    """The settings to change, and null to clear one. A list, `tax` and `number_prefixes` are replaced as a whole."""

    name: Name
    address: Text | None
    phone: TypedPhone | None
    """A number without a country code is of the country of the time zone."""
    phone_unverified: bool
    """Keeps `phone` although its country has no number of this length."""
    email: Email | None
    time_zone: Zone
    """Appointments keep the time and the zone in which they were agreed, so a change needs `despite_appointments`
    while some are coming."""
    despite_appointments: bool
    """Changes `time_zone` though appointments are coming."""
    currency: Currency
    """With other fees in the same request, if there are any; refused while bills are drafts or unpaid."""
    hours: list[OpeningHours] = Field(max_length=MOST_HOURS)
    closures: list[Closure] = Field(max_length=MOST_CLOSURES)
    rooms: list[Room] = Field(max_length=MOST_ROOMS)
    """A room with coming appointments cannot be left out."""
    fees: list[Fee] = Field(max_length=MOST_FEES)
    """One a type, duration and doctor. Completed visits and drafts keep their price."""
    tax: TaxTreatment
    """Of services whose fee names none. It counts for lines that are priced from now on."""
    prices_include_tax: bool
    round_total_to: int = Field(ge=1, le=10_000)
    """The multiple of minor units to which the totals of bills are rounded: 100 for whole rupees, 1 for none."""
    place_of_supply: PlaceOfSupply
    gst_number: Gstin | None
    payment_days: int = Field(ge=0, le=366)
    """Days from the issue of a bill until it is due."""
    payment_terms: ShortText | None
    payment_instructions: Text | None
    upi_id: UpiId | None
    financial_year_starts_in: int = Field(ge=1, le=12)
    """Month, 1 to 12. It stays once a document of account has a number."""
    number_prefixes: NumberPrefixes
    """They begin the next numbers; the count goes on."""
    bill_issue: BillIssue
    backdating_days: int = Field(ge=0, le=366)
    visit_limit_hours: int = Field(ge=1, le=LONGEST_VISIT_HOURS)
    undo_minutes: int = Field(ge=0, le=1_440)
    consent_policy: ConsentPolicy
    recording_purposes: list[ConsentPurpose] = Field(max_length=len(ConsentPurpose))
    """Purposes that a recording needs consents to besides `recording`."""
    consent_witness_required: bool
    consent_backdating_days: int = Field(ge=0, le=MOST_CONSENT_BACKDATING_DAYS)
    after_withdrawal: AfterWithdrawal
    retention_years: int | None = Field(ge=1, le=MOST_RETENTION_YEARS)
    """How long records are kept after the last change of one. Nothing is deleted by itself: the operator lists the
    patients whose period is over."""
    retention_until_age: int | None = Field(ge=1, le=MOST_RETENTION_YEARS)
    """The age to which records of children are kept at least; it needs `retention_years`."""
    pieces_in_pauses: PiecesInPauses
    message_name: Name | None
    first_name_in_messages: bool
    doctor_name_in_messages: bool
    cancel_by_link_hours: int = Field(ge=0, le=336)
    unsigned_after_days: int | None = Field(ge=1, le=366)

    @property
    def settings(self) -> dict[str, Any]:
        """The settings that the change contains."""
        return {name: getattr(self, name) for name in self.model_fields_set - {"despite_appointments"}}

    def with_phone(self, before: ClinicSettings) -> tuple[SettingsChange, list[FieldError]]:
        """The change with its telephone number in E.164, and marked if no numbering plan has it; and its errors."""
        if "phone" not in self.model_fields_set:
            return self.model_copy(update={"phone_unverified": before.phone_unverified}), []
        country = country_of(self.time_zone or before.time_zone)
        changes, errors = phone_fields.marked(self.phone, country, insisted=bool(self.phone_unverified))
        return self.model_copy(update=changes), errors

    def applied_to(self, before: ClinicSettings, stamp: Stamp) -> ClinicSettings:
        """The settings after the change; `before` itself if nothing differs."""
        settings = self.settings
        if self.number_prefixes and self.number_prefixes != before.number_prefixes:
            settings["series_of_prefixes"] = series_of_prefixes(before, self.number_prefixes)
        return before.edited(stamp, **settings)


def series_of_prefixes(before: ClinicSettings, chosen: NumberPrefixes) -> dict[str, DocumentSeries]:
    """The series of every prefix that the clinic ever chose, with those chosen now. The first series keeps it."""
    known = {prefix: series for series, prefix in before.number_prefixes.by_series()} | before.series_of_prefixes
    return {**{prefix: series for series, prefix in chosen.by_series()}, **known}
