"""Amounts in words, as bills and receipts print them: `Rupees Twelve Lakh Thirty-Four Thousand and Fifty Paise Only`.

Own code under a property test, because the library for it (num2words) is LGPL and requires a package that is no longer
kept. English only.
"""

from __future__ import annotations

from shared.render.formats import minor_digits

_ONES = (
    "Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve",
    "Thirteen", "Fourteen", "Fifteen", "Sixteen", "Seventeen", "Eighteen", "Nineteen",
)  # fmt: skip
_TENS = ("", "", "Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety")
_INDIAN = ((10**7, "Crore"), (10**5, "Lakh"), (10**3, "Thousand"), (10**2, "Hundred"))
_INTERNATIONAL = ((10**12, "Trillion"), (10**9, "Billion"), (10**6, "Million"), (10**3, "Thousand"), (10**2, "Hundred"))
_NAMES = {
    "INR": ("Rupees", "Paise"),
    "USD": ("US Dollars", "Cents"),
    "EUR": ("Euros", "Cents"),
    "GBP": ("Pounds", "Pence"),
    "JPY": ("Yen", ""),
    "KWD": ("Kuwaiti Dinars", "Fils"),
    "AED": ("UAE Dirhams", "Fils"),
}
_PARTS = {0: "", 2: "Hundredths", 3: "Thousandths"}
"""Of currencies without a name here, by the digits of their minor units."""
_INDIAN_CURRENCIES = frozenset({"INR", "NPR", "PKR", "BDT", "LKR"})


def amount_in_words(minor: int, currency: str) -> str:
    """An amount of at least 0 in minor units, in words: `Rupees One Thousand and Fifty Paise Only`."""
    digits = minor_digits(currency)
    units, parts = _NAMES.get(currency, (currency, _PARTS[digits]))
    whole, fraction = divmod(minor, 10**digits)
    groups = _INDIAN if currency in _INDIAN_CURRENCIES else _INTERNATIONAL
    words = f"{units} {number_in_words(whole, groups)}"
    if fraction:
        words += f" and {number_in_words(fraction, groups)} {parts}"
    return f"{words} Only"


def number_in_words(number: int, groups: tuple[tuple[int, str], ...] = _INDIAN) -> str:
    """A whole number of at least 0 in words, by the Indian groups (lakh, crore) or others."""
    for size, name in groups:
        if number >= size:
            head, rest = divmod(number, size)
            return f"{number_in_words(head, groups)} {name}" + (f" {number_in_words(rest, groups)}" if rest else "")
    if number < len(_ONES):
        return _ONES[number]
    tens, ones = divmod(number, 10)
    return _TENS[tens] + (f"-{_ONES[ones]}" if ones else "")
