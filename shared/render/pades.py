"""PDF signatures: PAdES B-B (ETSI EN 319 142-1), which ordinary readers verify.

The signature is an incremental update: the signed file begins with the bytes of the PDF that was given. It is a
certification: any later change but further signatures' validation data is reported by readers. Its field is invisible,
because the printed signature block is part of the document.

Loading pyHanko takes most of a second, so only the function that signs does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, Signer

SignDigest = Callable[[bytes], bytes]
"""The ECDSA signature (DER) of a SHA-256 digest, by a key on P-256."""

FIELD = "ClinicSignature"
"""The name of the signature's field."""
_LONGEST_SIGNATURE = 72
"""Bytes of the longest ECDSA signature on P-256 in DER."""


def sign_pdf(pdf: bytes, chain: str, sign: SignDigest, *, name: str, reason: str) -> bytes:
    """The PDF with a signature by the key of the first certificate of `chain` (PEM). `sign` is called once."""
    from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
    from pyhanko.sign.signers import PdfSignatureMetadata

    metadata = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        name=name,
        reason=reason,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
    )
    signed = _pdf_signer(metadata, _signer(chain, sign)).sign_pdf(_revision_of(pdf))
    return bytes(signed.getvalue())


def _revision_of(pdf: bytes) -> IncrementalPdfFileWriter:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    class AsPrinted(IncrementalPdfFileWriter):
        """Keeps what the file says of itself. pyHanko writes producer and dates differently into the information
        dictionary and the XMP, which PDF/A forbids."""

        def _update_meta(self) -> None:
            return

    return AsPrinted(BytesIO(pdf))


def _pdf_signer(metadata: PdfSignatureMetadata, signer: Signer) -> PdfSigner:
    from pyhanko.pdf_utils.writer import BasePdfFileWriter
    from pyhanko.sign.signers import PdfSigner
    from pyhanko.sign.signers.constants import ESIC_EXTENSION_1

    class Within17(PdfSigner):
        """Keeps the file at PDF 1.7, where PDF/A-2 ends. For ECDSA pyHanko raises it to 2.0; PAdES allows the curve in
        1.7, by the extension that is declared here."""

        def register_extensions(self, pdf_out: BasePdfFileWriter, *, md_algorithm: str) -> None:  # noqa: ARG002
            pdf_out.ensure_output_version(version=(1, 7))
            pdf_out.register_extension(ESIC_EXTENSION_1)

    return Within17(metadata, signer=signer)


def _signer(chain: str, sign: SignDigest) -> Signer:
    from asn1crypto import pem, x509
    from asn1crypto.algos import SignedDigestAlgorithm
    from pyhanko.sign.signers import Signer
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    certificate, *issuers = (x509.Certificate.load(der) for _, _, der in pem.unarmor(chain.encode(), multiple=True))
    store = SimpleCertificateStore()
    store.register_multiple(issuers)

    class ByDigest(Signer):
        """A key elsewhere, which signs digests."""

        async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:  # noqa: ARG002
            if dry_run:  # to measure how much room the signature needs
                return bytes(_LONGEST_SIGNATURE)
            return sign(hashlib.sha256(data).digest())

    return ByDigest(
        signing_cert=certificate,
        cert_registry=store,
        signature_mechanism=SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
    )
