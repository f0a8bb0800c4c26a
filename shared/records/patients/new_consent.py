"""What a client sends to record a consent or its withdrawal, and what is wrong with it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from shared.records.clinic.consent_policy import ConsentPurpose
from shared.records.clinic.settings import ClinicSettings
from shared.records.problems import FieldError
from shared.records.record import Value
from shared.records.text import Name, ShortText, Text
from shared.records.types import CLOCK_SKEW, Code, Digest, Id, Language, Moment

LONGEST_CONSENT = timedelta(days=3_660)
"""From the time it was given to its end."""
LONGEST_WORDING = 10_000
"""Characters."""


class ConsentMethod(StrEnum):
    """How a consent was given."""

    VERBAL = "verbal"
    WRITTEN = "written"
    """In an app or a form of the clinic."""
    DOCUMENT = "document"
    """On a signed document, which `document_reference` names."""


class ConsentGiver(StrEnum):
    """Who decides: the patient, or somebody who may do so for the patient."""

    PATIENT = "patient"
    GUARDIAN = "guardian"
    REPRESENTATIVE = "representative"


class Wording(Value):
    """The wording of a consent, by its version at the clinic and the digest of its text."""

    version: Code
    """Such as recording-2026-10."""
    sha256: Digest
    """Of the text in UTF-8 and Unicode normalization form C."""


class WordingText(Value):
    """A wording with its text."""

    sha256: Digest
    text: Text


class ShownWording(Value):
    """The wording that was shown or read out: its text, or its SHA-256, or both."""

    version: Code
    """Such as recording-2026-10."""
    text: Annotated[Text, Field(min_length=1, max_length=LONGEST_WORDING)] | None = None
    sha256: Digest | None = None
    """Of the text in UTF-8 and Unicode normalization form C."""

    @property
    def digest(self) -> str | None:
        """The digest of the text, or the one that was sent without a text."""
        return self.sha256 if self.text is None else hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def named(self) -> Wording:
        """The wording without its text."""
        return Wording(version=self.version, sha256=self.digest or "")

    @property
    def kept(self) -> WordingText | None:
        """The text to keep, if it was sent."""
        return None if self.text is None else WordingText(sha256=self.named.sha256, text=self.text)

    def errors(self) -> Iterator[FieldError]:
        """Errors of the wording as a whole."""
        if self.digest is None:
            yield FieldError("/wording", "send the text that was shown, or its sha256")
        elif self.sha256 not in (None, self.digest):
            yield FieldError("/wording/sha256", "is not the SHA-256 of the text")


class NewConsent(Value):
    """A consent that a patient gave."""

    purposes: list[ConsentPurpose] = Field(
        min_length=1, max_length=len(ConsentPurpose), json_schema_extra={"uniqueItems": True}
    )
    """Each purpose that the wording named, once. A consent to one purpose is none to another."""
    wording: ShownWording
    language: Language
    """Of the wording."""
    method: ConsentMethod
    document_reference: ShortText | None = None
    """Where the signed document is kept; required for the method `document`."""
    witness: Name | None = None
    """Required if the clinic's settings say so."""
    given_by: ConsentGiver = ConsentGiver.PATIENT
    given_by_name: Name | None = None
    """The name of a guardian or representative; required for them."""
    general_terms: bool = False
    """True if the wording was part of general terms, such as those of a registration."""
    given_at: Moment | None = None
    """Now, if it is left out. Not in the future, and not longer ago than the clinic's settings allow."""
    expires_at: Moment | None = None
    session_id: Id | None = None
    """The only visit that it is for; without it, it is for all visits."""

    def errors(self, settings: ClinicSettings, now: datetime) -> Iterator[FieldError]:
        """Errors of the consent as a whole, and those that depend on the clinic's settings and the time."""
        if len(set(self.purposes)) < len(self.purposes):
            yield FieldError("/purposes", "names a purpose twice")
        yield from self.wording.errors()
        if self.method == ConsentMethod.DOCUMENT and self.document_reference is None:
            yield FieldError("/document_reference", "is required for the method document")
        if settings.consent_witness_required and self.witness is None:
            yield FieldError("/witness", "is required by the clinic")
        yield from _name_errors(self.given_by, self.given_by_name, "/given_by_name")
        yield from self._time_errors(timedelta(days=settings.consent_backdating_days), now)

    def _time_errors(self, backdating: timedelta, now: datetime) -> Iterator[FieldError]:
        given_at = self.given_at or now
        if given_at > now + CLOCK_SKEW:
            yield FieldError("/given_at", "is in the future")
        if given_at < now - backdating:
            yield FieldError("/given_at", f"is too long ago: the clinic accepts {backdating.days} days")
        if self.expires_at is not None and not given_at < self.expires_at <= given_at + LONGEST_CONSENT:
            yield FieldError("/expires_at", "must be later than given_at, by ten years at most")


class NewWithdrawal(Value):
    """The withdrawal of a consent, from now on. The patient need not give a reason."""

    requested_by: ConsentGiver = ConsentGiver.PATIENT
    requested_by_name: Name | None = None
    """The name of a guardian or representative; required for them."""
    reason: ShortText | None = None

    def errors(self) -> Iterator[FieldError]:
        """Errors of the withdrawal as a whole."""
        return _name_errors(self.requested_by, self.requested_by_name, "/requested_by_name")


def _name_errors(giver: ConsentGiver, name: str | None, pointer: str) -> Iterator[FieldError]:
    if giver != ConsentGiver.PATIENT and name is None:
        yield FieldError(pointer, f"is required for a {giver}")
