"""Signatures of reports, and what follows a signature: addenda, new versions, the signed copy."""

from __future__ import annotations

from shared.lazily import lazily
from shared.records.problems import Conflict, FreshSignInRequired, IdentityUnconfirmed, SecondFactorRequired
from shared.records.reports.resolutions import DoubtsUnresolved
from shared.store.clinic import Clinic
from shared.web.api import Api
from shared.web.operations import CLINICIANS, DOCTORS, UNVERIFIED

with lazily(globals()):
    from shared.records.reports.addenda import NewAddendum
    from shared.records.reports.cosignature import ReturnRequest
    from shared.records.reports.signed import SignedCopy, SignRequest
    from shared.records.reports.superseding import NewVersion
    from shared.workflows.reports import addenda, amending, cosigning, reading, signing, superseding

api = Api("reports")
NOT_SIGNABLE = frozenset({FreshSignInRequired, SecondFactorRequired, IdentityUnconfirmed, DoubtsUnresolved})


@api.post("/{id}/sign", roles=DOCTORS, requires_idempotency_key=False, requires_if_match=True, problems=NOT_SIGNABLE)
def sign(clinic: Clinic, id: str, request: SignRequest) -> reading.ReportDetail:
    """Sign the report. A signed report is final, unless it then waits for a co-signature (`cosignature_pending`).

    That is so for a doctor with a supervisor, where the clinic or the template asks for it.
    Major doubts, omissions and risk answers must be resolved first (`doubts-unresolved`). An admin must have confirmed
    the signer's name and licence number, and the sign-in must be of the last 5 minutes; some clinics also require a
    second factor.
    """
    return signing.sign(clinic, id, request)


@api.post("/{id}/cosign", roles=DOCTORS, requires_idempotency_key=False, requires_if_match=True, problems=NOT_SIGNABLE)
def cosign(clinic: Clinic, id: str) -> reading.ReportDetail:
    """Co-sign, as approver, a report that a trainee signed as author, which makes it final.

    For the supervisor whom the trainee's signature names, also without access to the patient. The signature covers the
    digest of what the author signed. Name, licence number and sign-in as for signing.
    """
    return cosigning.cosign(clinic, id)


@api.post("/{id}/return", roles=DOCTORS, requires_idempotency_key=False, requires_if_match=True)
def give_back(clinic: Clinic, id: str, request: ReturnRequest) -> reading.ReportDetail:
    """Return a report that waits for the co-signature, with a reason: its author corrects it and signs it again.

    For the supervisor, and for the doctor of the report, who so withdraws the signature. What was signed is kept; it
    does not sign the next version. `returns` has the reasons.
    """
    return cosigning.give_back(clinic, id, request)


@api.get("/{id}/addenda", roles=CLINICIANS, problems=UNVERIFIED)
def list_addenda(clinic: Clinic, id: str) -> addenda.AddendaOfReport:
    """List the addenda of a report, in their order, each with its own signature, which was verified."""
    return addenda.of_report(clinic, id)


@api.post("/{id}/addenda", roles=DOCTORS, status=201, requires_if_match=True, problems=NOT_SIGNABLE | UNVERIFIED)
def add_addendum(clinic: Clinic, id: str, new: NewAddendum) -> reading.ReportDetail:
    """Add a text to a signed report, which itself stays as it is: at most 20 addenda of 5,000 characters.

    For those who signed the report, its doctor, and the doctor of the patient. The addendum has a signature of its own,
    which names the report, the digest of its signed bytes and the addendum before; name, licence number and sign-in as
    for signing. It stands on the report wherever the report is shown. A trainee's supervisor writes it.
    """
    return amending.add(clinic, id, new)


@api.post("/{id}/new-version", roles=DOCTORS, status=201, requires_if_match=True, problems=UNVERIFIED)
def new_version(clinic: Clinic, id: str, new: NewVersion) -> reading.ReportDetail:
    """Make a new version of a signed report, with a reason: an unsigned report with its content and an own number.

    Correct and sign it as any other. Its signature makes it supersede the earlier report, which stays readable and
    verifiable, marked as superseded. For the doctor of the report and the doctor of the patient; the caller becomes its
    doctor. One new version at a time; a session has at most six reports, new versions included.
    """
    return superseding.make(clinic, id, new)


@api.get("/{id}/signed", roles=CLINICIANS, problems=UNVERIFIED | {Conflict})
def signed_copy(clinic: Clinic, id: str) -> SignedCopy:
    """Get what verifies a signed report without this service: signed bytes, signature and public key.

    With the co-signature, if the report needed one, and with its addenda.
    """
    return reading.signed_copy(clinic, id)
