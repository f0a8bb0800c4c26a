"""What the platform's operator does with a clinic's certificate, by a command."""

from __future__ import annotations

from shared.records.clinic.certificates import RENEWED_BEFORE, Certificate, Origin
from shared.store import clinic_keys
from shared.store.clinic import Clinic, system_clinic
from shared.vault import kms
from shared.workflows.clinic import certificates
from shared.workflows.clinic.opening import RefusedError

_COMMAND = "pdf-certificate"
_ACTION = "clinic.pdf_certificate"


def show(clinic_id: str) -> Certificate:
    """The certificate that new signatures name; one is made if there is none. Raises RefusedError."""
    return _clinic(clinic_id).perform(_ACTION, certificates.current)


def request(clinic_id: str) -> str:
    """A certificate signing request of the clinic for the signing key, in PEM. Raises RefusedError."""
    from shared.vault import certifying

    name = _clinic(clinic_id).perform(_ACTION, lambda work: work.settings().name)
    return certifying.request(name, kms.signing_key_version())


def upload(clinic_id: str, content: bytes) -> Certificate:
    """Use the clinic's own certificate (PEM, followed by those of its issuers) from now on.

    Raises RefusedError naming every problem; then nothing changes.
    """
    from shared.vault import certificate_check, certifying

    version, clinic = kms.signing_key_version(), _clinic(clinic_id)
    try:
        checked = certificate_check.check(content, certifying.public_key(version), clinic.now(), RENEWED_BEFORE)
    except certificate_check.CertificateRefused as refused:
        raise RefusedError(f"the certificate cannot be used:\n{refused}") from None
    valid = checked.not_before, checked.not_after
    return clinic.perform(_ACTION, lambda work: certificates.add(work, checked.chain, version, Origin.UPLOADED, valid))


def _clinic(clinic_id: str) -> Clinic:
    if not clinic_keys.exists(clinic_id):
        raise RefusedError(f"there is no clinic {clinic_id}")
    return system_clinic(clinic_id, _COMMAND)
