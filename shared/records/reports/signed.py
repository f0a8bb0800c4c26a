"""The signature of a report and the signed bytes."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from shared.records.privacy import Clinical, Encrypted
from shared.records.record import Keyset, Record, Value
from shared.records.types import Code, Digest, Id, Moment, ResourceName

FORMAT = 2
"""Of the signed bytes. Bytes without a format have format 1: they know no reviews by several people and no
co-signature."""
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


class SignedPart(Value):
    """Signed bytes of a report, of its co-signature or of an addendum, with what a third party needs to verify them."""

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


class SignedCopy(SignedPart):
    """What a third party needs to verify a signed report without this service. `docs/api.md` explains how."""

    cosignature: SignedPart | None = None
    """The supervisor's signature, if the report needed one."""
    addenda: list[SignedPart] = []
    """The addenda, in their order."""
    superseded_by: Id | None = None
    """The report that supersedes this one, whose signed bytes say so."""


class SignedBytes(Value):
    """Signed bytes with their signature, as they are stored."""

    canonical: str
    """The signed bytes (RFC 8785 JSON, UTF-8)."""
    signature: str
    """Base64 of the DER signature."""


class _Signed(Record):
    """Stored bytes with their signature: a proof. Proofs never change."""

    keyset: ClassVar[Keyset] = Keyset.RETAINED

    if TYPE_CHECKING:  # each record declares it, as clinical content or not
        canonical: str

    signature: Encrypted[str]
    """Base64 of the DER signature."""


class SignedReport(_Signed):
    """The proof of a report. Everything shown of a signed report is read from these bytes."""

    kind: ClassVar[str] = "SignedReport"
    collection: ClassVar[str] = "bodies"

    canonical: Clinical[Encrypted[str]]
    """The signed bytes (RFC 8785 JSON, UTF-8)."""

    @classmethod
    def path_of(cls, id: str) -> str:
        return f"reports/{id}/bodies/signed"


class AuthoredReport(_Signed):
    """What an author signed of a report that needs a co-signature: of each version, if it was returned. With the
    co-signature the same bytes become the proof of the report."""

    kind: ClassVar[str] = "AuthoredReport"
    collection: ClassVar[str] = "bodies"

    canonical: Clinical[Encrypted[str]]
    """The signed bytes (RFC 8785 JSON, UTF-8)."""

    @classmethod
    def id_of(cls, report_id: str, version: int) -> str:
        return f"{report_id}-v{version}"

    @classmethod
    def path_of(cls, id: str) -> str:
        report_id, _, version = id.rpartition("-v")
        return f"reports/{report_id}/bodies/authored-{version}"


class Cosignature(_Signed):
    """The supervisor's signature of a report."""

    kind: ClassVar[str] = "Cosignature"
    collection: ClassVar[str] = "bodies"

    canonical: Encrypted[str]
    """The signed bytes (RFC 8785 JSON, UTF-8): ids and digests, and nothing about the patient."""

    @classmethod
    def path_of(cls, id: str) -> str:
        return f"reports/{id}/bodies/cosigned"
