"""Genuine addenda, written without the product's rules."""

from __future__ import annotations

import base64

from shared.records.record import Stamp
from shared.records.reports.addenda import ReportAddenda
from shared.records.reports.additions import AddendumPayload
from shared.records.reports.signed import Declaration, SignedBytes, SignedReport
from shared.records.reports.signed_payload import SignedPayload, digest_of
from shared.records.types import STORED
from shared.vault import kms

_NAMED = ("clinic_id", "patient_id", "session_id", "report_id", "report_number", "time_zone")


def addendum_of(proof: SignedReport, stamp: Stamp, text: str) -> ReportAddenda:
    """The first addendum to a signed report, by the one who signed it."""
    signed = SignedPayload.model_validate_json(proof.canonical, context=STORED)
    declaration = {name: getattr(signed, name) for name in Declaration.model_fields}
    payload = AddendumPayload(
        **declaration,
        **{name: getattr(signed.report, name) for name in _NAMED},
        report_digest=digest_of(proof.canonical.encode()).hex(),
        number=1,
        previous_digest=None,
        text=text,
    )
    canonical = payload.canonical()
    signature = base64.b64encode(kms.sign(digest_of(canonical)).signature).decode()
    return ReportAddenda.new(proof.id, stamp, signed=[SignedBytes(canonical=canonical.decode(), signature=signature)])
