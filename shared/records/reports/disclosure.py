"""A disclosure: to whom a signed report was passed outside of the clinic, why, and by which link."""

from __future__ import annotations

from typing import ClassVar

from shared.records.links.passcode import PasscodeKind
from shared.records.links.share import Share, SharedLink
from shared.records.privacy import Encrypted, Plain
from shared.records.reports.sharing import RecipientKind, SharePurpose
from shared.records.text import Name
from shared.records.types import Id, new_id


class Disclosure(Share):
    """One share of a report with somebody outside."""

    kind: ClassVar[str] = "Disclosure"
    collection: ClassVar[str] = "disclosures"

    report_id: Plain[Id]
    recipient_kind: Plain[RecipientKind]
    recipient_name: Encrypted[Name | None] = None
    purpose: Plain[SharePurpose]
    passcode: Plain[PasscodeKind]
    substance_use: Encrypted[bool] = False
    """True: the document carries the notice of 42 CFR Part 2."""


class LinkShare(SharedLink):
    """A share of a report by a link."""

    report_id: Id
    recipient_kind: RecipientKind
    recipient_name: Name | None
    purpose: SharePurpose
    passcode: PasscodeKind
    substance_use: bool


class NewLinkShare(LinkShare):
    """A share that was made just now."""

    code: str | None
    """The code that the practice tells the recipient; null for another kind of passcode. It is shown only here."""


def disclosure_id(report_id: str) -> str:
    """A new id of a disclosure of this report."""
    return f"{report_id}-{new_id(10)}"


def report_of(disclosure_id: str) -> str:
    """The id of the report within the id of a disclosure."""
    return disclosure_id.rpartition("-")[0]
