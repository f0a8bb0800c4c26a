"""X.509 certificates and requests for the key that signs reports. The key stays in KMS.

`cryptography` builds both with a private key; the key here passes the digest on to KMS.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any, NoReturn

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID, ObjectIdentifier

from shared.vault import kms

_LONGEST_NAME = 64
"""Bytes of a name in a certificate (ITU-T X.520, ub-common-name)."""
_DOCUMENT_SIGNING = ObjectIdentifier("1.3.6.1.5.5.7.3.36")
"""RFC 9336."""


def self_signed(name: str, key_version: str, valid_from: datetime, valid_until: datetime) -> str:
    """A certificate of the current signing key by itself, for an organisation of this name, in PEM."""
    key = _KmsKey(key_version)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_subject(name))
        .issuer_name(_subject(name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(valid_from)
        .not_valid_after(valid_until)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(), critical=True)
        .add_extension(x509.ExtendedKeyUsage([_DOCUMENT_SIGNING]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


def request(name: str, key_version: str) -> str:
    """A certificate signing request (PKCS #10) of the current signing key, for a certification authority, in PEM."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(_subject(name))
    builder = builder.add_extension(_key_usage(), critical=True)
    return builder.sign(_KmsKey(key_version), hashes.SHA256()).public_bytes(Encoding.PEM).decode()


def sign_digest(digest: bytes, key_version: str) -> bytes:
    """The signature (DER) of a SHA-256 digest. Raises KmsError if another version of the key signed it."""
    made = kms.sign(digest)
    if made.key_version != key_version:
        raise kms.KmsError("sign: another key version")
    return made.signature


def public_key(key_version: str) -> ec.EllipticCurvePublicKey:
    """The public key of a version of the signing key. Raises UntrustedKeyError."""
    key = serialization.load_pem_public_key(kms.public_key(key_version).encode())
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise kms.UntrustedKeyError("other_algorithm")
    return key


def _subject(name: str) -> x509.Name:
    """The organisation, cut to what a certificate holds."""
    fitting = name.encode()[:_LONGEST_NAME].decode(errors="ignore").strip()
    return x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, fitting), x509.NameAttribute(NameOID.COMMON_NAME, fitting)]
    )


def _key_usage() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


class _KmsKey(ec.EllipticCurvePrivateKey):
    """The signing key as the builders use it: its public key, and ECDSA signatures with SHA-256."""

    def __init__(self, key_version: str) -> None:
        self._version = key_version
        self._public = public_key(key_version)

    def public_key(self) -> ec.EllipticCurvePublicKey:
        return self._public

    @property
    def curve(self) -> ec.EllipticCurve:
        return self._public.curve

    @property
    def key_size(self) -> int:
        return self._public.key_size

    def sign(self, data: Any, signature_algorithm: ec.EllipticCurveSignatureAlgorithm) -> bytes:  # noqa: ARG002
        return sign_digest(hashlib.sha256(data).digest(), self._version)

    def _stays_in_kms(self, *_arguments: Any, **_named: Any) -> NoReturn:
        raise NotImplementedError("the key stays in KMS")

    exchange = private_numbers = private_bytes = __copy__ = __deepcopy__ = _stays_in_kms
