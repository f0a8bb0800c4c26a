"""Checks a certificate that a clinic brings for the signing key. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

MOST_BYTES = 64_000
"""Of an uploaded file."""
MOST_CERTIFICATES = 6
"""The clinic's and those of its issuers."""


class CertificateRefused(Exception):
    """A certificate cannot be used; the message names every problem, one a line."""


@dataclass(frozen=True)
class Checked:
    """A certificate that can be used, with its issuers."""

    chain: str
    """PEM."""
    not_before: datetime
    not_after: datetime


def check(content: bytes, key: CertificatePublicKeyTypes, now: datetime, at_least: timedelta) -> Checked:
    """The certificates in a PEM file, the clinic's first, each issued by the following one.

    `key` is the public key that the first one must have; it must be valid now and for longer than `at_least`. Raises
    CertificateRefused.
    """
    if len(content) > MOST_BYTES:
        raise CertificateRefused(f"the file is larger than {MOST_BYTES:,} bytes")
    try:
        chain = x509.load_pem_x509_certificates(content)
    except ValueError:
        raise CertificateRefused("the file is not a certificate in PEM, or is cut off") from None
    problems = [*_problems(chain[0], key, now, at_least), *_problems_of_chain(chain)]
    if problems:
        raise CertificateRefused("\n".join(problems))
    text = b"".join(certificate.public_bytes(Encoding.PEM) for certificate in chain).decode()
    return Checked(text, chain[0].not_valid_before_utc, chain[0].not_valid_after_utc)


def _problems(
    certificate: x509.Certificate, key: CertificatePublicKeyTypes, now: datetime, at_least: timedelta
) -> Iterator[str]:
    try:
        certified = _encoded(certificate.public_key())
    except ValueError:  # on a curve, or of a kind, that is not known here
        certified = b""
    if certified != _encoded(key):
        yield "it is of another key: request it with the file that --request writes"
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if begins > now:
        yield f"it is not valid before {begins:%Y-%m-%d %H:%M} UTC"
    if ends <= now:
        yield f"it expired on {ends:%Y-%m-%d}"
    elif ends - now <= at_least:
        yield f"it expires on {ends:%Y-%m-%d}, in {at_least.days} days or less"
    yield from _problems_of_extensions(certificate)


def _problems_of_extensions(certificate: x509.Certificate) -> Iterator[str]:
    try:
        extensions = certificate.extensions
    except ValueError:
        yield "its extensions cannot be read"
        return
    for extension in extensions:
        if isinstance(extension.value, x509.BasicConstraints) and extension.value.ca:
            yield "it is of a certification authority"
        if isinstance(extension.value, x509.KeyUsage) and not (
            extension.value.digital_signature or extension.value.content_commitment
        ):
            yield "its key usage allows neither digital signatures nor non-repudiation"


def _problems_of_chain(chain: list[x509.Certificate]) -> Iterator[str]:
    if len(chain) > MOST_CERTIFICATES:
        yield f"the file has {len(chain)} certificates, and {MOST_CERTIFICATES} are enough"
        return
    for number, (issued, issuer) in enumerate(pairwise(chain), start=1):
        try:
            issued.verify_directly_issued_by(issuer)
        except (ValueError, TypeError, InvalidSignature):
            yield f"certificate {number} of the file is not issued by certificate {number + 1}"


def _encoded(key: CertificatePublicKeyTypes) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
