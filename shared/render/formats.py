"""Formatting of money, dates and names in documents. Pure functions, independent of the locale."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

_NO_MINOR_UNITS = ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV",
                   "XAF", "XOF", "XPF")  # fmt: skip
_THOUSANDTHS = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
_SYMBOLS = {"INR": "₹", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}


def minor_digits(currency: str) -> int:
    """Number of decimals of an amount in `currency` (ISO 4217)."""
    if currency in _NO_MINOR_UNITS:
        return 0
    return 3 if currency in _THOUSANDTHS else 2


def in_major_units(minor: int, currency: str) -> Decimal:
    """An amount for tables: 1500.00 for 150000 INR."""
    return Decimal(minor).scaleb(-minor_digits(currency))


def amount(minor: int, currency: str) -> str:
    """Format `minor` units without a symbol: `1,23,456.00` for 12345600 INR, `1,500` for 1500 JPY."""
    digits = minor_digits(currency)
    whole, fraction = divmod(abs(minor), 10**digits)
    sign = "−" if minor < 0 else ""
    decimals = f".{fraction:0{digits}d}" if digits else ""
    return f"{sign}{_grouped(whole, currency)}{decimals}"


def money(minor: int, currency: str) -> str:
    """Format `minor` units with the currency: `₹1,23,456.00`, `KWD 1.250`."""
    number = amount(abs(minor), currency)
    sign = "−" if minor < 0 else ""
    return f"{sign}{_SYMBOLS.get(currency, f'{currency} ')}{number}"


def _grouped(whole: int, currency: str) -> str:
    """Groups of three digits; for rupees three digits in the last group and two in the others (lakh, crore)."""
    if currency != "INR" or whole < 1000:
        return f"{whole:,}"
    head, tail = divmod(whole, 1000)
    pairs = []
    while head:
        head, pair = divmod(head, 100)
        pairs.append(f"{pair:02d}" if head else str(pair))
    return ",".join([*reversed(pairs), f"{tail:03d}"])


def plain_number(value: Decimal) -> str:
    """Format a quantity or a rate without trailing zeros or exponent: `1`, `1.5`, `100`."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def long_date(day: date) -> str:
    """`4 November 2026`."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def wall_clock(moment: datetime, zone: str, written: Callable[[date], str] = long_date) -> str:
    """Format a moment as local time in `zone` (IANA): `4 November 2026, 14:30 IST`. `written` writes the day.

    Raises ValueError for a naive time, ZoneInfoNotFoundError for an unknown `zone`.
    """
    if moment.tzinfo is None:
        raise ValueError("a naive time has no time zone")
    local = moment.astimezone(ZoneInfo(zone))
    name = local.tzname() or zone
    if not name.isalpha():  # zones without abbreviation have an offset such as +03
        name = f"UTC{name}"
    return f"{written(local)}, {local:%H:%M} {name}"


def key_and_version(resource: str) -> tuple[str, str] | None:
    """`report-signing` and `3` for the KMS resource name of a key version; None for another name."""
    match resource.split("/"):
        case [*_, "cryptoKeys", key, "cryptoKeyVersions", version]:
            return key, version
    return None
