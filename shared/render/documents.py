"""The renderers' input: plain values, computed elsewhere.

The renderers compute and look up nothing. Times are UTC with a separate zone; money is integer minor units.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.records.partial_date import PartialDate
from shared.render.annexes import PrintedAddendum, PrintedFinding, Superseded

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"


@dataclass(frozen=True, slots=True)
class LetterheadBlock:
    """The issuer of the document. Raises ValueError if the logo is neither PNG nor JPEG."""

    practitioner_name: str
    credentials: str
    """Degrees or specialization, such as `MD (Psychiatry)`."""
    licence_number: str
    clinic_name: str
    clinic_address: str
    """One or more lines, separated by newlines."""
    phone: str = ""
    email: str = ""
    logo: bytes | None = None
    gst_number: str | None = None

    def __post_init__(self) -> None:
        if self.logo is not None and not self.logo.startswith((_PNG, _JPEG)):
            raise ValueError("the logo is neither PNG nor JPEG")


@dataclass(frozen=True, slots=True)
class PatientBlock:
    """The patient that the document identifies."""

    name: str
    number: str
    """Such as `PAT-20260001`; every page has it with name and date of birth."""
    date_of_birth: PartialDate | None = None
    gender: str | None = None
    died: PartialDate | None = None


@dataclass(frozen=True, slots=True)
class ReportStatement:
    """One statement as printed."""

    text: str
    is_revised: bool = False
    """True prints †: a person corrected or added it."""
    kind: str = ""
    """Who said it, or what it is, such as `said by the patient`; empty if unknown."""
    doubts: tuple[str, ...] = ()
    """Printed below the statement, for whoever proof-reads a draft."""


@dataclass(frozen=True, slots=True)
class ReportSection:
    """A heading with its statements or its parts, which are sections without parts."""

    title: str
    statements: tuple[ReportStatement, ...] = ()
    parts: tuple[ReportSection, ...] = ()
    nothing: str = ""
    """Printed in place of statements, such as `Nothing recorded`."""
    is_scored: bool = False
    """True for an instrument: its parts are items with an answer each, and are printed as a table."""
    without_entry: tuple[str, ...] = ()
    """The names of what is not printed, because it is optional and empty: the section itself, or parts of it."""

    @property
    def is_printed(self) -> bool:
        return bool(self.statements or self.parts or self.nothing)


@dataclass(frozen=True, slots=True)
class SignatureBlock:
    """An electronic signature as printed. Verification is done elsewhere."""

    printed_name: str
    licence_number: str
    account_id: str
    """The account of the signer."""
    confirmed_by: str
    """The account of the admin who confirmed the signer's name and licence number."""
    confirmed_at: datetime
    meaning: str
    """Such as `Reviewer: has read and checked this report`."""
    signed_at: datetime
    key_version: str
    """The KMS resource name of the key version."""
    content_digest: str
    """SHA-256 of the signed bytes, in hex."""
    signature: str
    """Base64."""


@dataclass(frozen=True, slots=True)
class ReportDocument:
    """A clinical report. Without a signature, every page is marked as a draft. An empty fact is "not recorded"."""

    letterhead: LetterheadBlock
    patient: PatientBlock
    report_number: str
    """Such as `REP-20260001`."""
    session_number: str
    visit_started: datetime
    at: datetime
    """The date of the PDF: the time of the signature, or of the last change of a draft."""
    zone: str
    """The IANA zone of printed times."""
    version: int
    sections: tuple[ReportSection, ...]
    title: str = "Consultation report"
    language: str = "en"
    """Of the statements (BCP 47). The fixed words are in it, or in English."""
    age: str = ""
    """At the visit, such as `37 years`."""
    allergies: str = ""
    allergies_to_confirm: str = ""
    """Reported and not confirmed; printed, as such, if there are any."""
    visit_kind: str = ""
    visit_minutes: int | None = None
    referred_by: str = ""
    """Printed if there is one."""
    no_entry: tuple[str, ...] = ()
    """Optional sections without statements, printed in one line."""
    not_discussed: str = "Not discussed"
    """The beginning of that line, in the language of the report."""
    origin: str = ""
    """Who drafted and revised the report; printed above the signature."""
    signature: SignatureBlock | None = None
    lost_audio: tuple[str, ...] = ()
    """One line for each place at which audio of the visit was lost; printed before everything else."""
    cosignature: SignatureBlock | None = None
    """The supervisor's, if the report needed one."""
    awaits_cosignature: bool = False
    """True for a report that its author signed, and that is not final before the supervisor signs it too."""
    findings: tuple[PrintedFinding, ...] | None = None
    """Printed on request; None is no request."""
    addenda: tuple[PrintedAddendum, ...] = ()
    superseded: Superseded | None = None
    """The new version that counts instead of this report."""
    has_part_2_notice: bool = False
    psychotherapy_notes: bool = False
    """True for a disclosure of substance use disorder records."""
