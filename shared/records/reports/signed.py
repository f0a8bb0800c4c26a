"""The signature of a report and the signed bytes."""

from __future__ import annotations

from typing import ClassVar

from shared.records.privacy import Clinical, Encrypted
from shared.records.record import Keyset, Record, Value
from shared.records.text import Name, ShortText
from shared.records.types import Code, Digest, Id, Moment, ResourceName


class SignRequest(Value):
    """The signer's declaration."""

    meaning: ShortText = "I am the author of this report and approve its content."


class Signature(Value):
    """A signature over the canonical bytes of a report."""

    signer_id: Id
    signer_name: Name
    licence_number: ShortText | None
    meaning: ShortText
    signed_at: Moment
    key_version: ResourceName
    """The Cloud KMS key version."""
    algorithm: Code = "EC_SIGN_P256_SHA256"
    content_digest: Digest
    """SHA-256 of the canonical bytes."""
    signature: str
    """Base64 of the DER signature."""


class SignedReport(Record):
    """The signed canonical bytes and the signature; every rendering of a signed report uses them."""

    kind: ClassVar[str] = "SignedReport"
    collection: ClassVar[str] = "bodies"
    keyset: ClassVar[Keyset] = Keyset.RETAINED

    canonical: Clinical[Encrypted[str]]
    """The signed bytes (RFC 8785 JSON, UTF-8)."""
    signature: Clinical[Encrypted[Signature]]

    @classmethod
    def path_of(cls, id: str) -> str:
        return f"reports/{id}/bodies/signed"
