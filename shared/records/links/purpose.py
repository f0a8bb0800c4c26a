"""What links are for. Each link has one purpose and opens one thing."""

from __future__ import annotations

from enum import StrEnum


class LinkPurpose(StrEnum):
    """What a link opens. docs/howto/add-a-link-purpose.md says how to add one."""

    REPORT = "report"
    """A signed report, as PDF."""
    BILL = "bill"
    """An issued bill."""
    APPOINTMENT = "appointment"
    """The page on which a patient confirms an appointment, asks for another time, or cancels."""
