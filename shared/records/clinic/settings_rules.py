"""What is wrong with a clinic's settings by themselves. Pure; what needs other records is in the workflow."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import TypeVar

from shared.records.clinic.consent_policy import ConsentPurpose
from shared.records.clinic.settings import ClinicSettings, Fee, OpeningHours
from shared.records.currencies import CURRENCIES
from shared.records.numbering import MOST_PREFIXES, RESERVED_PREFIXES, DocumentSeries
from shared.records.problems import FieldError
from shared.records.taxes.gstin import STATES, state_of, states_in
from shared.records.types import country_of

T = TypeVar("T")


def errors_of(
    before: ClinicSettings | None, after: ClinicSettings, sent: Iterable[str], session_types: Collection[str]
) -> Iterator[FieldError]:
    """The errors of the settings that a request sent; settings of before that it leaves alone do not hold it up.

    `before` is None for a clinic that is about to be opened; `session_types` are those that a visit can have.
    """
    found = frozenset(sent)
    if "hours" in found:
        yield from _overlaps(after.hours)
    if "closures" in found:
        yield from _twice("/closures", after.closures, lambda one: one.day, "the day is closed already")
    if "rooms" in found:
        yield from _twice("/rooms", after.rooms, lambda one: one.id, "another room has this id")
        yield from _twice("/rooms", after.rooms, lambda one: one.name.casefold(), "another room has this name")
    if "fees" in found:
        yield from _errors_of_fees(after.fees, session_types)
    yield from _errors_of_policies(after, found)
    if found & {"gst_number", "address", "time_zone"}:
        yield from _errors_of_registration(after)
    if "number_prefixes" in found:
        yield from _errors_of_prefixes(before, after)
    if found & {"currency", "upi_id"}:
        yield from _errors_of_currency(after)
    if before is not None and before.currency != after.currency and before.fees and "fees" not in found:
        yield FieldError("/fees", f"are in {before.currency}: send those in {after.currency}")


def _overlaps(hours: Sequence[OpeningHours]) -> Iterator[FieldError]:
    """Times that begin before an earlier one of the same day ends; they may touch."""
    by_day = sorted(enumerate(hours), key=lambda one: (one[1].day, one[1].opens, one[1].closes))
    latest = ""
    for (_, earlier), (index, later) in pairwise(by_day):
        latest = max(latest, earlier.closes) if earlier.day == later.day else ""
        if earlier.day == later.day and later.opens < latest:
            yield FieldError(f"/hours/{index}", f"overlaps with other hours of {later.day}")


def _errors_of_fees(fees: Sequence[Fee], session_types: Collection[str]) -> Iterator[FieldError]:
    yield from _twice(
        "/fees",
        fees,
        lambda one: (one.session_type, one.up_to_minutes, one.doctor_id),
        "there is another fee for this type, duration and doctor",
    )
    for index, fee in enumerate(fees):
        if fee.session_type not in session_types:
            yield FieldError(f"/fees/{index}/session_type", f"is none of {', '.join(sorted(session_types))}")


def _errors_of_policies(after: ClinicSettings, found: Collection[str]) -> Iterator[FieldError]:
    if "recording_purposes" in found:
        yield from _errors_of_purposes(after.recording_purposes)
    sent = "retention_until_age" in found or "retention_years" in found
    if sent and after.retention_until_age and not after.retention_years:
        yield FieldError("/retention_until_age", "needs retention_years, which hold for everybody")


def _errors_of_purposes(purposes: Sequence[ConsentPurpose]) -> Iterator[FieldError]:
    yield from _twice("/recording_purposes", purposes, lambda one: one, "is there already")
    for index, purpose in enumerate(purposes):
        if purpose == ConsentPurpose.RECORDING:
            yield FieldError(f"/recording_purposes/{index}", "every recording needs the consent to be recorded")


def _errors_of_registration(settings: ClinicSettings) -> Iterator[FieldError]:
    """Whether the GST registration fits where the clinic is."""
    if settings.gst_number is None:
        return
    state = state_of(settings.gst_number)
    if country_of(settings.time_zone) not in (None, "IN"):
        yield FieldError("/gst_number", f"is a registration in India, but the clinic's time is {settings.time_zone}")
    named = states_in(settings.address or "")
    if named and state not in named:
        states = ", ".join(STATES[code] for code in sorted(named))
        yield FieldError("/gst_number", f"is a registration in {STATES[state]}, but the address names {states}")


def _errors_of_currency(settings: ClinicSettings) -> Iterator[FieldError]:
    if settings.currency not in CURRENCIES:
        yield FieldError("/currency", "is no currency of ISO 4217")
    if settings.upi_id is not None and settings.currency != "INR":
        yield FieldError("/upi_id", f"UPI pays in INR, and the clinic's bills are in {settings.currency}")


def _errors_of_prefixes(before: ClinicSettings | None, after: ClinicSettings) -> Iterator[FieldError]:
    """Whether each series keeps numbers of its own: every series counts from 1, so what one ever had is its own."""
    owners = {series.value: series for series in DocumentSeries}
    if before is not None:
        owners |= {prefix: series for series, prefix in before.number_prefixes.by_series()} | before.series_of_prefixes
    chosen: dict[str, DocumentSeries] = {}
    for series, prefix in after.number_prefixes.by_series():
        pointer = f"/number_prefixes/{series.name.lower()}"
        owner = chosen.setdefault(prefix, owners.get(prefix, series))
        if prefix in RESERVED_PREFIXES:
            yield FieldError(pointer, f"{prefix} begins the numbers of other records")
        elif owner != series:
            yield FieldError(pointer, f"{prefix} belongs to the series of {owner.name.lower()}")
    if len(after.series_of_prefixes) > MOST_PREFIXES:
        yield FieldError("/number_prefixes", f"the clinic has had {MOST_PREFIXES} prefixes: choose among those")


def _twice(pointer: str, items: Sequence[T], key: Callable[[T], Hashable], detail: str) -> Iterator[FieldError]:
    """The items whose key an earlier item has."""
    seen: set[Hashable] = set()
    for index, item in enumerate(items):
        if key(item) in seen:
            yield FieldError(f"{pointer}/{index}", detail)
        seen.add(key(item))
