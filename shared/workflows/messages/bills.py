"""Messages about bills: looked at again right before they are sent."""

from __future__ import annotations

from shared.lazily import lazily
from shared.records.billing.reminder_policy import POLICY_ID, PaymentReminderPolicy
from shared.records.messages.message import Message, PatientMessage
from shared.records.patients.patient import Patient
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.billing.bill import Bill
    from shared.records.billing.reminding import is_due_for_reminder
    from shared.records.billing.sharing import is_sendable
    from shared.records.messages.kinds import MessageKind
    from shared.records.reminders.notices import Void
    from shared.workflows.messages import reach
    from shared.workflows.messages.visits import address_of

_POLICY = PaymentReminderPolicy.ref(POLICY_ID)


def reason_against(work: UnitOfWork, message: Message) -> Void | None:
    """Why a message about a bill must not go any more, as everything is now; None for other messages.

    The commit that claims the message fails if bill or patient change until then, so it is looked at again.
    """
    if not isinstance(message, PatientMessage) or message.bill_id is None:
        return None
    by_policy = [] if message.days_after_due is None else [_POLICY]
    work.prefetch(Bill.ref(message.bill_id), *reach.refs(message.patient_id), *by_policy)
    bill, patient = work.get_or_none(Bill.ref(message.bill_id)), work.get_or_none(Patient.ref(message.patient_id))
    if bill is None or not _is_wanted(work, message, bill):
        return Void.BILL_CHANGED
    if message.days_after_due is not None:
        policy = work.get_or_none(_POLICY)
        if policy is None or not policy.sends(message.days_after_due):
            return Void.NOT_WANTED
    reason = reach.reason_against(work, patient, message.channel)
    if reason is None and patient is not None and message.to != address_of(patient, message.channel):
        reason = Void.ADDRESS_CHANGED
    if reason is None and patient is not None:
        work.require_unchanged(bill)
        work.require_unchanged(patient)
    return reason


def _is_wanted(work: UnitOfWork, message: PatientMessage, bill: Bill) -> bool:
    """True while the bill is what the message says: one that stands, or of which something is owed."""
    if message.message_kind == MessageKind.PAYMENT_REMINDER:
        return is_due_for_reminder(bill, work.today())
    return is_sendable(bill)
