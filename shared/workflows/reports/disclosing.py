"""Sharing a signed report with somebody outside of the clinic, by a link. The link opens the report as PDF."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from shared.records.conflict_codes import ConflictCode
from shared.records.links.link import Link
from shared.records.links.passcode import PasscodeKind
from shared.records.links.purpose import LinkPurpose
from shared.records.messages.kinds import Channel, MessageKind
from shared.records.messages.message import SEND_WITHIN, Message, PatientMessage, message_id
from shared.records.messages.new_message import NewMessage
from shared.records.messages.slots import NewSlots
from shared.records.numbering import is_number
from shared.records.page import Page, PageQuery
from shared.records.patients.patient import Patient
from shared.records.permissions import Action
from shared.records.problems import Conflict, FieldError, NotFound, raise_if_any
from shared.records.record import Detailed, Ref, patient_of
from shared.records.reports.disclosure import Disclosure, LinkShare, NewLinkShare, disclosure_id
from shared.records.reports.report import Report
from shared.records.reports.sharing import Contact, RecipientKind, ShareReport, contact_of, other
from shared.records.reports.substance_use import is_about_substance_use
from shared.records.types import local_date
from shared.store import pagination
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import consent_gate, permissions
from shared.workflows.links import issuing
from shared.workflows.links.issuing import IssuedLink, NewLink
from shared.workflows.messages import queueing
from shared.workflows.reports.body import Body
from shared.workflows.reports.final_pdfs import FinalPdfs
from shared.workflows.reports.proofs import Proof, proof_of
from shared.workflows.reports.reading import report_refs, signed_body

_KINDS = (MessageKind.REPORT_LINK, MessageKind.PASSCODE)
"""The messages of a share: the second only for a code that is sent."""


@dataclass
class Disclosed:
    """What a share made, for the answer and for the tasks that send the messages."""

    report: Detailed[Report, Body]
    share: NewLinkShare
    link_id: str
    messages: list[Message] = field(default_factory=list)


def disclose(work: UnitOfWork, report_id: str, request: ShareReport, pdfs: FinalPdfs) -> Disclosed:
    """Record the share, its link and the messages in one commit.

    Raises Invalid for a request or a recipient that lacks something, Conflict for an unsigned report, ConsentMissing
    for a recipient who is not the patient, without the patient's consent.
    """
    known = [] if is_number(report_id) else consent_gate.refs(work, report_id)
    work.prefetch(*report_refs(report_id), *known)
    report = permissions.get_for_update(work, Report.ref(report_id), Action.SHARE_REPORT)
    must_be_shareable(report)
    work.prefetch(*report_refs(report.id), *consent_gate.refs(work, report.id))  # a number names them only now
    raise_if_any(request.field_errors(work.now))
    assert request.recipient is not None
    proof = proof_of(work, report)
    if proof is None:
        raise Conflict(ConflictCode.REPORT_NOT_SIGNED, "only a signed report is shared outside of the clinic")
    patient = work.get(Patient.ref(report.patient_id))
    contact = contact_of(request.recipient, patient, work.settings().country)
    raise_if_any([*contact.missing(request.channel, request.passcode), *_unknown_passcode(request, patient)])
    if contact.kind == RecipientKind.PATIENT:
        patient.must_be_living()
    else:
        consent_gate.require_sharing(work, report.session_id)
    disclosure, issued = _recorded(work, report, proof, request, contact)
    if disclosure.substance_use:
        report = pdfs.request_with_notice(work, report)
    share = LinkShare.of(disclosure, issued.link, work.now)
    told = issued.code if request.passcode == PasscodeKind.TOLD_CODE else None
    answer = NewLinkShare(**dict(share), code=told)
    return Disclosed(signed_body(report, proof), answer, issued.link.id, _queued(work, disclosure, issued, contact))


def _unknown_passcode(request: ShareReport, patient: Patient) -> Iterator[FieldError]:
    """Why the date of birth cannot open a link: nobody knows it to the day."""
    if request.passcode == PasscodeKind.DATE_OF_BIRTH and not patient.birth_day:
        yield FieldError("/passcode", "the day of birth is not known: choose sent_code or told_code")


def must_be_shareable(report: Report) -> None:
    """Raises Conflict for psychotherapy notes."""
    if report.psychotherapy_notes:
        raise Conflict(ConflictCode.PSYCHOTHERAPY_NOTES, "the report is psychotherapy notes, which are never shared")


def listed(clinic: Clinic, report_id: str, query: PageQuery) -> Page[LinkShare]:
    """A page of the shares of a report by link, newest first."""

    def transaction(work: UnitOfWork) -> Page[LinkShare]:
        work.show_kept()
        report = work.get(Report.ref(report_id))
        permissions.require(work, Action.SHARE_REPORT, report)
        found = pagination.newest(work, Disclosure, query, [pagination.LIVE, ("report_id", "==", report.id)])
        work.prefetch(*(Link.ref(one.link_id) for one in found.items))
        shares = [LinkShare.of(one, work.get(Link.ref(one.link_id)), work.now) for one in found.items]
        return Page(shares, found.next_page_token)

    return clinic.perform("report.shares", transaction)


def revoke(clinic: Clinic, report_id: str, share_id: str) -> LinkShare:
    """Revoke the link of a share. A message that is not sent yet is cancelled."""

    def transaction(work: UnitOfWork) -> LinkShare:
        work.prefetch(Report.ref(report_id), Disclosure.ref(share_id), *_message_refs(share_id))
        report = work.get(Report.ref(report_id))
        permissions.require(work, Action.SHARE_REPORT, report)
        disclosure = work.get(Disclosure.ref(share_id))
        if disclosure.report_id != report.id:
            raise NotFound
        link = issuing.revoke(work, work.get(Link.ref(disclosure.link_id)))
        for ref in _message_refs(disclosure.id):
            queueing.cancel(work, ref)
        return LinkShare.of(disclosure, link, work.now)

    return clinic.perform("report.unshare", transaction)


def _recorded(
    work: UnitOfWork, report: Report, proof: Proof, request: ShareReport, contact: Contact
) -> tuple[Disclosure, IssuedLink]:
    """The disclosure and its link, created in this commit."""
    id = disclosure_id(report.id)
    new = NewLink(
        LinkPurpose.REPORT, id, report.patient_id, request.passcode, request.ends(work.now), request.most_openings
    )
    issued = issuing.issue(work, new)
    signed = proof.payload.report
    disclosure = Disclosure.new(
        id,
        work.stamp,
        report_id=report.id,
        link_id=issued.link.id,
        recipient_kind=contact.kind,
        recipient_name=contact.name,
        recipient_address=contact.by[request.channel],
        channel=request.channel,
        purpose=request.purpose,
        passcode=request.passcode,
        substance_use=request.substance_use or is_about_substance_use(signed.sections, signed.statements),
    )
    return work.create(disclosure), issued


def _queued(work: UnitOfWork, disclosure: Disclosure, issued: IssuedLink, contact: Contact) -> list[Message]:
    """The message with the link, and by the other channel the one with the code, queued in this commit."""
    link = issued.link
    last_day = local_date(link.opens_until, work.settings().time_zone)

    def queued(kind: MessageKind, channel: Channel, slots: NewSlots) -> Message:
        new = NewMessage(
            cause=_cause(disclosure.id, kind),
            kind=kind,
            channel=channel,
            to=contact.by[channel] or "",
            language=contact.language,
            slots=slots,
            patient_id=link.patient_id,
            to_patient=contact.kind == RecipientKind.PATIENT,
            within=min(link.opens_until - link.created_at, SEND_WITHIN),
        )
        return queueing.queue(work, new)

    messages = [queued(MessageKind.REPORT_LINK, disclosure.channel, NewSlots(url=issued.url, day=last_day))]
    if disclosure.passcode == PasscodeKind.SENT_CODE:
        messages.append(queued(MessageKind.PASSCODE, other(disclosure.channel), NewSlots(code=issued.code)))
    return messages


def _message_refs(disclosure_id: str) -> list[Ref[Message]]:
    """The messages that a share may have made."""
    model: type[Message] = PatientMessage
    patient_id = patient_of(disclosure_id)
    return [model.ref(message_id(_cause(disclosure_id, kind), patient_id)) for kind in _KINDS]


def _cause(disclosure_id: str, kind: MessageKind) -> str:
    return f"share {disclosure_id} {kind}"
