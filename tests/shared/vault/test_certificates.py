"""Certificates of the signing key: made with signatures of KMS, and those that a clinic brings, checked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from shared.vault.certificate_check import MOST_BYTES, CertificateRefused, Checked, check

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
DAY = timedelta(days=1)
KEY = ec.generate_private_key(ec.SECP256R1())
OTHER = ec.generate_private_key(ec.SECP256R1())
Builder = x509.CertificateBuilder


def certificate(
    key: ec.EllipticCurvePrivateKey = KEY,
    issuer: ec.EllipticCurvePrivateKey | None = None,
    valid: tuple[datetime, datetime] = (NOW - DAY, NOW + 365 * DAY),
    extend: Callable[[Builder], Builder] = lambda builder: builder,
    names: tuple[str, str] = ("Clinic", "Clinic"),
) -> bytes:
    subject, issued_by = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in names)
    builder = Builder().subject_name(subject).issuer_name(issued_by).public_key(key.public_key()).serial_number(7)
    builder = extend(builder.not_valid_before(valid[0]).not_valid_after(valid[1]))
    return builder.sign(issuer or key, hashes.SHA256()).public_bytes(Encoding.PEM)


def usage(**changes: bool) -> Callable[[Builder], Builder]:
    names = (
        "digital_signature content_commitment key_encipherment data_encipherment key_agreement key_cert_sign crl_sign"
    )
    flags = dict.fromkeys([*names.split(), "encipher_only", "decipher_only"], False)
    return lambda builder: builder.add_extension(x509.KeyUsage(**{**flags, **changes}), critical=True)


def checked(content: bytes) -> Checked:
    return check(content, KEY.public_key(), NOW, 30 * DAY)


def problems(content: bytes) -> list[str]:
    with pytest.raises(CertificateRefused) as refused:
        checked(content)
    return str(refused.value).splitlines()


def test_a_certificate_of_the_key_is_taken_with_those_of_its_issuers() -> None:
    issued = certificate(issuer=OTHER, names=("Clinic", "Authority"), extend=usage(content_commitment=True))
    authority = certificate(OTHER, names=("Authority", "Authority"))

    found = checked(issued + authority)

    assert found.chain.encode() == issued + authority
    assert (found.not_before, found.not_after) == (NOW - DAY, NOW + 365 * DAY)
    assert checked(issued).chain.encode() == issued


@pytest.mark.parametrize("content", [b"", b"no certificate", certificate()[:-40], b"-----BEGIN CERTIFICATE-----\nAAAA"])
def test_what_is_no_certificate_is_refused(content: bytes) -> None:
    assert problems(content) == ["the file is not a certificate in PEM, or is cut off"]


def test_a_file_that_is_too_large_is_not_read() -> None:
    assert problems(b"x" * (MOST_BYTES + 1)) == ["the file is larger than 64,000 bytes"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (certificate(OTHER), "it is of another key: request it with the file that --request writes"),
        (certificate(valid=(NOW + DAY, NOW + 90 * DAY)), "it is not valid before 2026-11-29 12:00 UTC"),
        (certificate(valid=(NOW - 90 * DAY, NOW - DAY)), "it expired on 2026-11-27"),
        (certificate(valid=(NOW - DAY, NOW + 30 * DAY)), "it expires on 2026-12-28, in 30 days or less"),
        (
            certificate(
                extend=lambda one: one.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            ),
            "it is of a certification authority",
        ),
        (
            certificate(extend=usage(key_agreement=True)),
            "its key usage allows neither digital signatures nor non-repudiation",
        ),
        (certificate() + certificate(OTHER), "certificate 1 of the file is not issued by certificate 2"),
        (certificate() * 7, "the file has 7 certificates, and 6 are enough"),
    ],
)
def test_each_problem_has_its_words(content: bytes, problem: str) -> None:
    assert problems(content) == [problem]


def test_a_second_more_than_thirty_days_is_enough() -> None:
    assert checked(certificate(valid=(NOW, NOW + 30 * DAY + timedelta(seconds=1))))


def test_every_problem_is_named() -> None:
    wrong = certificate(OTHER, valid=(NOW - 90 * DAY, NOW - DAY), extend=usage(key_agreement=True))

    assert len(problems(wrong + certificate())) == 4
