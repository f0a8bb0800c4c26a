"""The signature of a report and the signed bytes."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from shared.records.privacy import Clinical, Encrypted
from shared.records.record import Keyset, Record, Value
from shared.records.types import Code, Digest, Id, Moment, ResourceName

ALGORITHM = "EC_SIGN_P256_SHA256"
"""ECDSA on P-256 with SHA-256, as Cloud KMS names it."""


class Meaning(StrEnum):
    """What a signature means (21 CFR 11.50)."""

    AUTHOR = "author"
    """The signer wrote the report and answers for its content."""
    REVIEWER = "reviewer"
    """The signer has read and checked the report."""
    APPROVER = "approver"
    """The signer approves the report."""


class SignRequest(Value):
    """The signer's declaration."""

    meaning: Meaning = Meaning.AUTHOR


class Declaration(Value):
    """Who signs a report, as what, when, and with which key. The signed bytes contain it."""

    signer_id: Id
    """The account of the signer."""
    signer_name: str
    licence_number: str
    identity_confirmed_by: Id
    """The admin who confirmed the signer's name and licence number."""
    identity_confirmed_at: Moment
    meaning: Meaning
    signed_at: Moment
    key_version: ResourceName
    """The Cloud KMS key version."""


class Signature(Declaration):
    """A signature over the canonical bytes of a report; everything but `signature` is read from those bytes."""

    algorithm: Code = ALGORITHM
    content_digest: Digest
    """SHA-256 of the canonical bytes."""
    signature: str
    """Base64 of the DER signature."""


class SignedCopy(Value):
    """What a third party needs to verify a signed report without this service. `docs/api.md` explains how."""

    report_id: Id
    canonical: str
    """Base64 of the signed bytes: RFC 8785 JSON in UTF-8."""
    content_digest: Digest
    """SHA-256 of the signed bytes."""
    signature: str
    """Base64 of the DER signature."""
    algorithm: Code = ALGORITHM
    key_version: ResourceName
    """The Cloud KMS key version, as the signed bytes name it."""
    public_key: str
    """The public key of that version, in PEM. Compare it with the key that the operator publishes."""


class SignedReport(Record):
    """The signed bytes and their signature: the proof. Everything shown of a signed report is read from these bytes."""

    kind: ClassVar[str] = "SignedReport"
    collection: ClassVar[str] = "bodies"
    keyset: ClassVar[Keyset] = Keyset.RETAINED

    canonical: Clinical[Encrypted[str]]
    """The signed bytes (RFC 8785 JSON, UTF-8)."""
    signature: Encrypted[str]
    """Base64 of the DER signature."""

    @classmethod
    def path_of(cls, id: str) -> str:
        return f"reports/{id}/bodies/signed"
