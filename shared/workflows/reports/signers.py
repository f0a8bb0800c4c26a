"""Who signs: known by name and licence number, signed in freshly, with a second factor where the clinic wants one."""

from __future__ import annotations

import base64
from typing import Any

from shared.records.canonical import CanonicalValue
from shared.records.clinic.people import User
from shared.records.clinic.profile import UserProfile
from shared.records.reports.signed import Meaning, SignedBytes
from shared.records.reports.signed_payload import digest_of
from shared.store.unit_of_work import UnitOfWork
from shared.vault import kms
from shared.workflows.reports.proofs import Proof


def declared(work: UnitOfWork, profile: UserProfile | None, meaning: Meaning) -> dict[str, Any]:
    """The fields of the caller's declaration. The confirmation of the caller's name and licence number must not change
    before the commit.

    Raises FreshSignInRequired, SecondFactorRequired or IdentityUnconfirmed when the caller is not known well enough.
    """
    user = work.get(User.ref(work.user_id))
    confirmation = user.confirmation_of(profile)
    work.require_fresh_sign_in()
    if work.settings().signing_requires_second_factor:
        work.require_second_factor()
    work.require_unchanged(user)
    return {
        "signer_id": work.user_id,
        "signer_name": confirmation.full_name,
        "licence_number": confirmation.licence_number,
        "identity_confirmed_by": confirmation.confirmed_by,
        "identity_confirmed_at": confirmation.confirmed_at,
        "meaning": meaning,
        "signed_at": work.now,
        "key_version": kms.signing_key_version(),
    }


def about(proof: Proof) -> dict[str, Any]:
    """The fields with which an addition names the report that it is about."""
    report = proof.payload.report
    names = ("clinic_id", "patient_id", "session_id", "report_id", "report_number", "time_zone")
    return {name: getattr(report, name) for name in names} | {"report_digest": proof.signed.digest.hex()}


def signed_by_key(payload: CanonicalValue, key_version: str) -> SignedBytes:
    """The bytes of a payload with the signature of the key version that the payload names."""
    canonical = payload.canonical()
    made = kms.sign(digest_of(canonical))
    if made.key_version != key_version:
        raise kms.KmsError("sign: another key version")
    return SignedBytes(canonical=canonical.decode(), signature=base64.b64encode(made.signature).decode())
