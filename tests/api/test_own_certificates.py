"""The certificate of a clinic's PDF signatures: made by itself, or requested and uploaded by the operator's command."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from google.cloud import kms_v1

from local.stack.environment import SIGNING_KEY
from shared import cli, settings
from shared.vault import certifying, kms
from shared.workflows.clinic import own_certificate
from tests.api.test_exports import exported, files
from tests.shared.vault.test_certificates import usage
from tests.support.clinics import TestClinic
from tests.support.pdf_signatures import verdict
from tests.support.proofs import signed_report

AUTHORITY = ec.generate_private_key(ec.SECP256R1())
NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Authority")])
NOW = datetime.now(UTC)


@pytest.fixture
def root() -> x509.Certificate:
    return issued(NAME, AUTHORITY.public_key(), ca=True)


def issued(name: x509.Name, key: ec.EllipticCurvePublicKey, *, ca: bool = False) -> x509.Certificate:
    """A certificate by the authority."""
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(NAME).public_key(key).serial_number(11)
    builder = builder.not_valid_before(NOW - timedelta(days=1)).not_valid_after(NOW + timedelta(days=365))
    builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    return usage(content_commitment=not ca, key_cert_sign=ca)(builder).sign(AUTHORITY, hashes.SHA256())


@pytest.fixture
def second_version(clinic: TestClinic, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Another version of the signing key, which this process signs with."""
    endpoint = clinic.stack.client_environment()["KMS_ENDPOINT"]
    client = kms_v1.KeyManagementServiceClient(client_options={"api_endpoint": endpoint})
    version = client.create_crypto_key_version(parent=SIGNING_KEY, crypto_key_version=kms_v1.CryptoKeyVersion()).name
    monkeypatch.setenv("SIGNING_KEY_VERSION", version.rpartition("/")[2])
    settings.load.cache_clear()
    yield version
    monkeypatch.undo()
    settings.load.cache_clear()


def run(*arguments: object) -> int:
    return cli.main(["pdf-certificate", *map(str, arguments)])


def test_a_clinic_without_a_certificate_gets_one_and_keeps_it(
    clinic: TestClinic, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    codes = [run(clinic.id, "--save", tmp_path / name) for name in ("first.pem", "again.pem")]

    certificate = x509.load_pem_x509_certificate((tmp_path / "first.pem").read_bytes())
    assert codes == [0, 0]
    assert (tmp_path / "again.pem").read_bytes() == (tmp_path / "first.pem").read_bytes()
    certificate.verify_directly_issued_by(certificate)
    assert certificate.public_key() == certifying.public_key(kms.signing_key_version())
    assert f"certificate 1 of {clinic.id}, self-signed, of {kms.signing_key_version()}" in capsys.readouterr().out


def test_another_version_of_the_key_gets_a_certificate_of_its_own(clinic: TestClinic, second_version: str) -> None:
    found = own_certificate.show(clinic.id)

    assert (found.number, found.key_version) == (2, second_version)
    certificate = x509.load_pem_x509_certificate(found.chain.encode())
    assert certificate.public_key() == certifying.public_key(second_version)
    certificate.verify_directly_issued_by(certificate)


def test_a_requested_certificate_is_uploaded_and_named_by_new_signatures_alone(
    own_clinic: TestClinic, tmp_path: Path, root: x509.Certificate
) -> None:
    earlier = signed_report(own_clinic)
    before = files(exported(own_clinic, earlier, ["pdf"]))["pdf"]
    csr, chain = tmp_path / "clinic.csr", tmp_path / "clinic.pem"
    assert run(own_clinic.id, "--request", csr) == 0
    request = x509.load_pem_x509_csr(csr.read_bytes())
    key = request.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    certificate = issued(request.subject, key)
    chain.write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in (certificate, root)))

    assert run(own_clinic.id, "--upload", chain) == run(own_clinic.id, "--upload", chain) == 0
    after = files(exported(own_clinic, signed_report(own_clinic), ["pdf"]))["pdf"]

    assert request.is_signature_valid
    found = verdict(after, root.public_bytes(Encoding.DER))
    assert (found.good, found.trusted) == (True, True)
    assert found.certificate == certificate.public_bytes(Encoding.DER)
    assert not verdict(before, root.public_bytes(Encoding.DER)).trusted
    assert files(exported(own_clinic, earlier, ["pdf"]))["pdf"] == before, "what was signed never changes"
    assert own_certificate.show(own_clinic.id).number == 2


def test_a_certificate_that_cannot_be_used_is_refused_with_every_problem(
    clinic: TestClinic, tmp_path: Path, root: x509.Certificate, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "root.pem").write_bytes(root.public_bytes(Encoding.PEM))
    before = own_certificate.show(clinic.id)

    assert run(clinic.id, "--upload", tmp_path / "root.pem") == 2

    printed = capsys.readouterr().err
    for problem in ("of another key", "of a certification authority", "key usage"):
        assert problem in printed
    assert own_certificate.show(clinic.id) == before
    assert run(clinic.id, "--upload", tmp_path / "missing.pem") == 2
    assert run("nosuchclinic") == 2
    assert "there is no clinic nosuchclinic" in capsys.readouterr().err
