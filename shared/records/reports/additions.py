"""What is signed about a signed report, in canonical JSON (RFC 8785): a co-signature, or an addendum.

Each names the report and the digest of its signed bytes, so it counts for no other report and no other version.
"""

from __future__ import annotations

from typing import Literal

from shared.records.canonical import CanonicalValue
from shared.records.reports.signed import FORMAT, Declaration, Signature
from shared.records.text import Text
from shared.records.types import Digest, Id, Number, Zone


class Addition(CanonicalValue, Declaration):
    """What every addition says, with the signer's declaration."""

    format: int = FORMAT
    clinic_id: Id
    patient_id: Id
    session_id: Id
    report_id: Id
    report_number: Number
    report_digest: Digest
    """SHA-256 of the signed bytes of the report."""
    time_zone: Zone

    def shown_signature(self, digest: bytes, signature: str) -> Signature:
        """The signature as it is shown; `signature` is base64."""
        declaration = {name: getattr(self, name) for name in Declaration.model_fields}
        return Signature(**declaration, content_digest=digest.hex(), signature=signature)


class CosignaturePayload(Addition):
    """The supervisor's signature, as approver, of what the author signed."""

    kind: Literal["cosignature"] = "cosignature"
    version: int
    """The version of the report."""


class AddendumPayload(Addition):
    """An addendum, which names the one before it: none can be left out, exchanged or moved unnoticed."""

    kind: Literal["addendum"] = "addendum"
    number: int
    """1 for the first addendum of the report."""
    previous_digest: Digest | None
    """SHA-256 of the signed bytes of the addendum before; null for the first."""
    text: Text
