"""Recording a step of the collection of a bill."""

from __future__ import annotations

from datetime import date

from shared.records.billing.bill import Bill
from shared.records.billing.collection import MOST_STEPS, CollectionStatus, CollectionStep, NewStep, reopened
from shared.records.billing.ledger import must_be_issued
from shared.records.conflict_codes import ConflictCode
from shared.records.problems import Conflict, raise_if_any
from shared.records.record import Stamp

_PURSUED = (CollectionStatus.FINAL_NOTICE, CollectionStatus.PROMISE_TO_PAY, CollectionStatus.WITH_AGENCY)
"""States in which a person put the collection and to which it returns after a dispute."""


def collected(bill: Bill, new: NewStep, stamp: Stamp, today: date) -> Bill:
    """The bill with a step of its collection.

    Raises Conflict for a bill of which the patient owes nothing, for a step from the state to itself, other than a new
    promise, to an agency during a dispute, and after MOST_STEPS of them; Invalid for a step that cannot be.
    """
    must_be_issued(bill)
    if not bill.account.patient_owes:
        raise Conflict(ConflictCode.NOTHING_OWED, "the patient owes nothing of the bill")
    raise_if_any([*new.errors(today)])
    _must_follow(bill, new)
    if len(bill.collection_history) >= MOST_STEPS:
        raise Conflict(ConflictCode.COLLECTION_STATE, f"the bill has {MOST_STEPS} steps")
    step = CollectionStep(**dict(new), recorded_at=stamp.at, recorded_by=stamp.by)
    status = new.status or resumed(bill)
    return bill.revised(stamp, collection_status=status, collection_history=[*bill.collection_history, step])


def promised_on(bill: Bill) -> date | None:
    """The day by which the patient has promised to pay, while the bill waits for it."""
    if bill.collection_status != CollectionStatus.PROMISE_TO_PAY or not bill.collection_history:
        return None
    return bill.collection_history[-1].promised_on


def pauses_reminders(bill: Bill, today: date) -> bool:
    """True while no reminder of the bill goes: disputed, with an agency, or until a promised day is over."""
    promised = promised_on(bill)
    if promised is not None:
        return today <= promised
    return bill.collection_status in (CollectionStatus.DISPUTED, CollectionStatus.WITH_AGENCY)


def resumed(bill: Bill) -> CollectionStatus | None:
    """The state to which a collection returns once a dispute, or another state of the kind, has ended."""
    if bill.account.patient_owes:
        return reopened(bill.reminder_sent_count)
    if bill.account.written_off:
        return CollectionStatus.WRITTEN_OFF
    return CollectionStatus.SETTLED if bill.reminder_sent_count or bill.collection_history else None


def disputed_at_provider(bill: Bill, payments: list[str]) -> Bill:
    """The bill while the payers' banks dispute these payments."""
    now = bill.collection_status
    before = bill.collection_before_dispute if now == CollectionStatus.DISPUTED else now
    return bill.amended(
        disputed_payments=payments, collection_before_dispute=before, collection_status=CollectionStatus.DISPUTED
    )


def after_dispute_at_provider(bill: Bill) -> Bill:
    """The bill after its last dispute at the provider has ended: as before, unless a person recorded a dispute too."""
    before, goes_on = bill.collection_before_dispute, is_disputed_by_patient(bill)
    pursued = before in _PURSUED and bill.account.patient_owes
    status = CollectionStatus.DISPUTED if goes_on else before if pursued else resumed(bill)
    return bill.amended(collection_before_dispute=None, collection_status=status)


def is_disputed_by_patient(bill: Bill) -> bool:
    """True while a dispute that a person recorded is open, whatever the payment provider says of others."""
    last = bill.collection_history[-1].status if bill.collection_history else None
    return bill.account.patient_owes > 0 and last == bill.collection_status == CollectionStatus.DISPUTED


def _must_follow(bill: Bill, new: NewStep) -> None:
    now = bill.collection_status
    if new.status is None and now in (None, CollectionStatus.REMINDED):
        raise Conflict(ConflictCode.COLLECTION_STATE, "the collection is in no state that ends")
    if new.status == now and now != CollectionStatus.PROMISE_TO_PAY:
        raise Conflict(ConflictCode.COLLECTION_STATE, f"the collection is {now} already")
    if now == CollectionStatus.DISPUTED and new.status == CollectionStatus.WITH_AGENCY:
        raise Conflict(ConflictCode.COLLECTION_STATE, "the bill is disputed: resolve that first")
