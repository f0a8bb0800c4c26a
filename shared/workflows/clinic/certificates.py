"""The certificate that the PDF signatures of a clinic name: made when it is first needed, or brought by the clinic."""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.records.clinic.certificates import CERTIFICATES_ID, Certificate, ClinicCertificates, Origin
from shared.records.record import Ref
from shared.store.unit_of_work import UnitOfWork
from shared.vault import kms

VALID_FOR = timedelta(days=5 * 365)
"""Of a self-signed certificate. Another one is made before it ends, and for each version of the key."""
_CLOCKS_DIFFER = timedelta(hours=1)
"""A certificate begins earlier by this, for readers whose clock is behind."""


def ref() -> Ref[ClinicCertificates]:
    """What a signer reads."""
    return ClinicCertificates.ref(CERTIFICATES_ID)


def current(work: UnitOfWork) -> Certificate:
    """The certificate for new signatures. Without one for the current version of the key, or if it ends soon, a
    self-signed one is made, which costs one signature, and stored with this commit."""
    work.prefetch(ref(), work.settings_ref())
    stored = work.get_or_none(ref())
    version = kms.signing_key_version()
    if found := stored and stored.usable(version, work.now):
        return found
    from shared.vault import certifying

    valid = (work.now - _CLOCKS_DIFFER).replace(microsecond=0), (work.now + VALID_FOR).replace(microsecond=0)
    chain = certifying.self_signed(work.settings().name, version, *valid)
    return add(work, chain, version, Origin.SELF_SIGNED, valid)


def add(work: UnitOfWork, chain: str, version: str, origin: Origin, valid: tuple[datetime, datetime]) -> Certificate:
    """The newest certificate, added to the others. Adding the same again changes nothing."""
    stored = work.get_or_none(ref())
    if stored and (last := stored.certificates[-1:]) and last[0].chain == chain:
        return last[0]
    base = stored or ClinicCertificates.new(CERTIFICATES_ID, work.stamp)
    added = base.with_certificate(chain, version, origin, valid, work.stamp)
    saved = work.save(added) if stored else work.create(added.model_copy(update={"revision": 1}))
    return saved.certificates[-1]
