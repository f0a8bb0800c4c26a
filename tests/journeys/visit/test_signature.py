"""The signature of the report, verified outside the product."""

from __future__ import annotations

import base64
import hashlib
import json

import rfc8785
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from google.cloud import kms_v1

from local.stack.stack import Stack
from shared.records.reports.signed import SignedReport
from shared.store.clinic import system_clinic
from tests.support.journey import Journey


def test_signature_verifies_with_the_public_key_of_kms(journey: Journey, stack: Stack) -> None:
    published = journey.body("sign report")["signature"]

    stored = _stored_signature(journey)

    key = _public_key(stack, published["key_version"])
    key.verify(base64.b64decode(published["signature"]), stored.canonical.encode(), ec.ECDSA(hashes.SHA256()))
    assert hashlib.sha256(stored.canonical.encode()).hexdigest() == published["content_digest"]


def test_signed_payload_is_the_reviewed_report(journey: Journey) -> None:
    reviewed, signature = journey.body("review report"), journey.body("sign report")["signature"]

    canonical = _stored_signature(journey).canonical

    declared = json.loads(canonical)
    assert rfc8785.dumps(declared) == canonical.encode()
    assert declared["report"]["statements"] == reviewed["statements"]
    assert declared["report"]["version"] == reviewed["version"]
    assert {name: declared[name] for name in ("signer_name", "meaning", "key_version")}.items() <= signature.items()


def _stored_signature(journey: Journey) -> SignedReport:
    """The stored signed bytes, read as the platform's operator."""
    clinic = system_clinic(journey.clinic.id, "test")
    return clinic.perform("report.verify", lambda work: work.get(SignedReport.ref(f"{journey.session_id}-r1")))


def _public_key(stack: Stack, version: str) -> ec.EllipticCurvePublicKey:
    client = kms_v1.KeyManagementServiceClient(
        client_options={"api_endpoint": stack.client_environment()["KMS_ENDPOINT"]}
    )
    key = serialization.load_pem_public_key(client.get_public_key(name=version).pem.encode())
    assert isinstance(key, ec.EllipticCurvePublicKey)
    return key
