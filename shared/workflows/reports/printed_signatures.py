"""Converts signatures, addenda and what supersedes a report to what is printed. Pure."""

from __future__ import annotations

from shared.records.reports.addenda import Addendum
from shared.records.reports.signed import Signature
from shared.records.reports.superseding import Superseded
from shared.render import annexes
from shared.render.annexes import PrintedAddendum
from shared.render.documents import SignatureBlock
from shared.render.words.vocabulary import Words


def printed_addendum(addendum: Addendum) -> PrintedAddendum:
    """An addendum with its signature."""
    signature = addendum.signature
    return PrintedAddendum(
        lines=tuple(line for line in addendum.text.split("\n") if line),
        printed_name=signature.signer_name,
        licence_number=signature.licence_number,
        account_id=signature.signer_id,
        signed_at=signature.signed_at,
        content_digest=signature.content_digest,
    )


def printed_superseded(later: Superseded) -> annexes.Superseded:
    """The new version that counts instead of a report."""
    return annexes.Superseded(report_number=later.report_number, at=later.at, reason=later.reason)


def signature_block(signature: Signature, words: Words) -> SignatureBlock:
    """A signature, from verified bytes."""
    return SignatureBlock(
        printed_name=signature.signer_name,
        licence_number=signature.licence_number,
        account_id=signature.signer_id,
        confirmed_by=signature.identity_confirmed_by,
        confirmed_at=signature.identity_confirmed_at,
        meaning=words.meanings[signature.meaning],
        signed_at=signature.signed_at,
        key_version=signature.key_version,
        content_digest=signature.content_digest,
        signature=signature.signature,
    )
