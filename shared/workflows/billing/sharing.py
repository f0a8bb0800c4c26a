"""Sending a bill to its patient, or a reminder of it, by a link that asks for the date of birth."""

from __future__ import annotations

from collections.abc import Callable

from shared.lazily import lazily
from shared.records.billing.sharing import BillLinkShare, BillShare, SendBill, SentBill, SentTo, sent, share_id
from shared.records.clinic.settings import ClinicSettings
from shared.records.conflict_codes import ConflictCode
from shared.records.links.link import LONGEST_VALID, MOST_OPENINGS, Link
from shared.records.messages.message import SEND_WITHIN, Message, model_of
from shared.records.numbering import is_number
from shared.records.patients.patient import Patient
from shared.records.problems import Conflict, NotFound
from shared.records.record import Detailed, Stamp, patient_of
from shared.records.types import local_date
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.billing import reminding
    from shared.records.billing.bill import Bill
    from shared.records.billing.ledger import Booked
    from shared.records.billing.reminder_plan import DueReminder
    from shared.records.links.passcode import PasscodeKind
    from shared.records.links.purpose import LinkPurpose
    from shared.records.messages.kinds import MessageKind
    from shared.records.messages.new_message import NewMessage
    from shared.records.messages.slots import NewSlots
    from shared.records.page import Page, PageQuery
    from shared.store import pagination
    from shared.workflows.billing import booking
    from shared.workflows.links import issuing
    from shared.workflows.links.issuing import NewLink
    from shared.workflows.messages import queueing, reach
    from shared.workflows.messages.reach import Way
    from shared.workflows.parties import named


def send(clinic: Clinic, bill_id: str, request: SendBill) -> Detailed[Bill, SentBill]:
    """Send an issued bill to its patient, by mail or text message.

    Raises Conflict for a draft, a cancelled or replaced bill, and a patient who cannot be written to.
    """
    return _send(
        clinic,
        "bill.send",
        bill_id,
        request,
        kind=MessageKind.BILL,
        rule=lambda bill, stamp, _: sent(bill, stamp),
    )


def send_reminder(clinic: Clinic, bill_id: str, request: SendBill) -> Detailed[Bill, SentBill]:
    """Remind a patient of what is owed of a bill, by mail or text message.

    Raises Conflict as `send`, and if nothing is owed, the collection pauses the reminders, or one went today.
    """
    return _send(
        clinic,
        "bill.send_reminder",
        bill_id,
        request,
        kind=MessageKind.PAYMENT_REMINDER,
        rule=lambda bill, stamp, settings: reminding.reminded(bill, stamp, settings.time_zone),
    )


def _send(
    clinic: Clinic,
    action: str,
    bill_id: str,
    request: SendBill,
    *,
    kind: MessageKind,
    rule: Callable[[Bill, Stamp, ClinicSettings], Bill],
) -> Detailed[Bill, SentBill]:
    """Write to the patient of a bill, which is then as the rule says."""
    made: list[tuple[SentTo, Message]] = []

    def transaction(work: UnitOfWork) -> Bill:
        made.clear()
        choices = [] if is_number(bill_id) else reach.refs(patient_of(bill_id))
        work.prefetch(Bill.ref(bill_id), work.settings_ref(), *choices)
        bill = rule(work.get_for_update(Bill.ref(bill_id)), work.stamp, work.settings())
        patient = work.get(Patient.ref(bill.patient_id))
        if not patient.birth_day:
            raise Conflict(ConflictCode.BIRTH_DATE_INCOMPLETE, "the link of a bill opens with the day of birth")
        way = reach.first_way(work, patient, request.channels)
        share, link, message = shared(work, bill, way, kind)
        made.append((SentTo.of(share, link), message))
        return booking.save(work, Booked(bill))

    def with_address(work: UnitOfWork) -> Detailed[Bill, SentBill]:
        found = named(transaction)(work)
        return Detailed(found.record, SentBill(**dict(found.extra), sent_to=made[0][0]))

    answer = clinic.perform(action, with_address)
    for _, message in made:
        queueing.dispatch(clinic, message)
    return answer


def shared(
    work: UnitOfWork, bill: Bill, way: Way, kind: MessageKind, due: DueReminder | None = None
) -> tuple[BillShare, Link, Message]:
    """A new link to an issued bill, the record that says where it went, and the message that brings it, in this commit.

    `kind` has the slots of `MessageKind.BILL`; `due` is the reminder by policy, if it is one. Call `queueing.dispatch`
    with the message once the commit is done. The link shows the bill as it is when it is opened: once it is cancelled,
    replaced or paid, it says so.
    """
    id = share_id(bill.id)
    new = NewLink(
        LinkPurpose.BILL,
        id,
        bill.patient_id,
        PasscodeKind.DATE_OF_BIRTH,
        opens_until=work.now + LONGEST_VALID,
        most_openings=MOST_OPENINGS,
    )
    issued = issuing.issue(work, new)
    last_day = local_date(issued.link.opens_until, work.settings().time_zone)
    message = NewMessage(
        cause=cause_by_policy(bill.id, due.days_after_due) if due else f"bill {id}",
        kind=kind,
        channel=way.channel,
        to=way.to,
        language=way.language,
        slots=NewSlots(url=issued.url, day=last_day),
        patient_id=bill.patient_id,
        bill_id=bill.id,
        days_after_due=due.days_after_due if due else None,
        within=due.within if due else SEND_WITHIN,
    )
    share = BillShare.new(
        id,
        work.stamp,
        bill_id=bill.id,
        link_id=issued.link.id,
        message_kind=kind,
        channel=way.channel,
        recipient_address=way.to,
        message_id=queueing.ref_of(message).id,
    )
    return work.create(share), issued.link, queueing.queue(work, message)


def listed(clinic: Clinic, bill_id: str, query: PageQuery) -> Page[BillLinkShare]:
    """A page of the links to a bill, newest first."""

    def transaction(work: UnitOfWork) -> Page[BillLinkShare]:
        work.show_kept()
        bill = work.get(Bill.ref(bill_id))
        found = pagination.newest(work, BillShare, query, [pagination.LIVE, ("bill_id", "==", bill.id)])
        work.prefetch(*(Link.ref(one.link_id) for one in found.items))
        shares = [BillLinkShare.of(one, work.get(Link.ref(one.link_id)), work.now) for one in found.items]
        return Page(shares, found.next_page_token)

    return clinic.perform("bill.shares", transaction)


def revoke(clinic: Clinic, bill_id: str, share_id: str) -> BillLinkShare:
    """Revoke a link to a bill. A message with it that is not sent yet is cancelled."""

    def transaction(work: UnitOfWork) -> BillLinkShare:
        work.prefetch(Bill.ref(bill_id), BillShare.ref(share_id))
        bill, share = work.get(Bill.ref(bill_id)), work.get(BillShare.ref(share_id))
        if share.bill_id != bill.id:
            raise NotFound
        message = [model_of(share.message_id).ref(share.message_id)] if share.message_id else []
        work.prefetch(Link.ref(share.link_id), *message)
        link = issuing.revoke(work, work.get(Link.ref(share.link_id)))
        for ref in message:
            queueing.cancel(work, ref)
        return BillLinkShare.of(share, link, work.now)

    return clinic.perform("bill.unshare", transaction)


def cause_by_policy(bill_id: str, days_after_due: int) -> str:
    """The cause of a reminder by policy: of a bill each of them makes one message, however often it is asked for."""
    return f"payment reminder {bill_id} {days_after_due}"
