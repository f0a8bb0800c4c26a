"""What a printed report may have besides its sections: decided findings, addenda, and that a later one supersedes it.

Plain values, as in `documents.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

PART_2_NOTICE = "42 CFR part 2 prohibits unauthorized use or disclosure of these records."
"""The words that 42 CFR 2.32 demands of a disclosure of substance use disorder records; in English in every report."""


@dataclass(frozen=True, slots=True)
class PrintedFinding:
    """One finding, and how it was decided."""

    about: str
    """The statement, or what was left out."""
    reasons: str
    """What the checks doubted, in words; empty for what was left out."""
    decision: str
    """How it was decided, why, by whom and when; or that it was not."""


@dataclass(frozen=True, slots=True)
class PrintedAddendum:
    """A text that was added after the signature, and its own signature."""

    lines: tuple[str, ...]
    printed_name: str
    licence_number: str
    account_id: str
    signed_at: datetime
    content_digest: str
    """SHA-256 of the addendum's signed bytes, in hex."""


@dataclass(frozen=True, slots=True)
class Superseded:
    """The later report that stands in the place of this one."""

    report_number: str
    """With the version, if it has the same number."""
    at: datetime
    reason: str
