"""Measures in clinical notation: spoken numbers and units, rewritten without adding or dropping anything.

Only forms with one reading are rewritten: a blood pressure that is named as one, and a number directly before
"per minute". The unit of a blood pressure is added, because pairs in this range are in mmHg only (in kPa they are below
30).
"""

from __future__ import annotations

import re

_PRESSURE = re.compile(
    r"(?P<named>\b(?:BP|blood pressure)\b[^\d.;:!?\"“”]{0,40}?)\b(?P<systolic>\d{2,3}) over (?P<diastolic>\d{2,3})\b"
    r"(?: ?(?:mm ?Hg|millimet(?:re|er)s? of mercury)\b)?(?! ?(?:(?:to|or|over|kPa|mm\w*|millim\w+)\b|[-–/%]|[.,]\d))",
    re.IGNORECASE,
)
_RATE = re.compile(r"(?<![\d.,/–-])\b(?P<count>\d{1,3})(?P<what> (?:beats|breaths))? per minute\b", re.IGNORECASE)
_QUOTES = frozenset('"“”«»')
_SYSTOLIC, _DIASTOLIC = range(50, 301), range(20, 201)


def in_clinical_form(text: str) -> str:
    """`BP today is 118/76 mmHg` for "BP today is 118 over 76", `72/min` for "72 per minute".

    A text with quotation marks stays as it is: it repeats somebody's words.
    """
    if not _QUOTES.isdisjoint(text):
        return text
    return _RATE.sub(_rate, _PRESSURE.sub(_pressure, text))


def _pressure(found: re.Match[str]) -> str:
    systolic, diastolic = int(found["systolic"]), int(found["diastolic"])
    if systolic not in _SYSTOLIC or diastolic not in _DIASTOLIC or systolic <= diastolic:
        return found[0]
    return f"{found['named']}{found['systolic']}/{found['diastolic']} mmHg"


def _rate(found: re.Match[str]) -> str:
    return f"{found['count']}{found['what'] or ''}/min"
