"""Links by which patients pay bills online: one for the amount that is owed, made at the clinic's payment provider."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from shared.lazily import lazily
from shared.records.billing.bill import Bill
from shared.records.billing.payment_link import HOLDS_FOR
from shared.records.billing.provider_event import BILL_NOTE
from shared.records.billing.types import PAYABLE
from shared.records.conflict_codes import ConflictCode
from shared.records.numbering import DocumentSeries
from shared.records.problems import Conflict, Problem
from shared.store import queries
from shared.store.clinic import Clinic, system_clinic
from shared.store.context import utc_now
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.billing.providers import PROVIDER

with lazily(globals()):
    from shared.gateways import razorpay
    from shared.gateways.razorpay import Account, NewLink
    from shared.records.billing.payment_link import PaymentLink
    from shared.workflows.billing import booking
    from shared.workflows.billing.booking import NamedBill, Rule
    from shared.workflows.billing.providers import account_of
    from shared.workflows.parties import named

_log = logging.getLogger("synapse.jobs")
_MOST_TRIES = 5
"""References to try: another program may use the same account at the provider."""
MOST_IN_RUN = 200
"""Links that one run of the schedule cancels."""


def create(clinic: Clinic, bill_id: str) -> NamedBill:
    """Make the link for what the patient owes, or return the one there is; one for another amount is cancelled.

    Raises Conflict for a bill of which the patient owes nothing, for a clinic without a provider and when it refuses;
    Unavailable when the provider does not answer: the next request finds the link that it may have made.
    """
    made: dict[tuple[str, int], razorpay.Link] = {}

    def transaction(work: UnitOfWork) -> Bill:
        work.prefetch(Bill.ref(bill_id), PROVIDER, work.settings_ref())
        bill, provider = work.get_for_update(Bill.ref(bill_id)), work.get_or_none(PROVIDER)
        if bill.status not in PAYABLE or not bill.account.patient_owes:
            raise Conflict(ConflictCode.BILL_NOT_OPEN, f"the patient owes nothing for a bill that is {bill.status}")
        if provider is None or not provider.enabled:
            raise Conflict(ConflictCode.PAYMENT_PROVIDER_MISSING, "an admin connects a payment provider first")
        link = bill.payment_link
        if link is not None and bill.payment_url and link.expires_at > work.now:
            return bill
        account = account_of(provider)
        if link is not None and not link.cancelled:
            razorpay.cancel_link(account, link.id)
        return work.save(bill.revised(work.stamp, payment_link=_made(account, bill, work, made), cancel_link_on=None))

    return clinic.perform("bill.create_payment_link", named(transaction))


def change(clinic: Clinic, action: str, bill_id: str, rule: Rule, series: DocumentSeries | None = None) -> NamedBill:
    """Book something on a bill, as `booking.change`; a link that no longer fits is then cancelled."""
    answer = booking.change(clinic, action, bill_id, rule, series)
    follow(clinic, answer.record)
    return answer


def follow(clinic: Clinic, bill: Bill) -> None:
    """Cancel the link of a bill that no longer owes its amount. The booking is done, so a failure is only logged, and
    `cancel_left` tries again: what is paid by the link meanwhile becomes the patient's credit."""
    if bill.link_is_left:
        system = system_clinic(clinic.id, clinic.context.origin.request_id, clinic.context.clock)
        _has_changed(system, bill.id, _cancelled)


def cancel_left(cause: str, clock: Callable[[], datetime] = utc_now) -> None:
    """Cancel the links of all clinics that could not be cancelled before. One that fails again waits for the next day,
    and no longer than until it expires."""
    due = islice(queries.days_come(Bill, "cancel_link_on", clock().date()), MOST_IN_RUN)
    for found in [one for one, _ in due]:
        clinic = system_clinic(found.clinic_id, cause, clock)
        if not _has_changed(clinic, found.id, _cancelled):
            _has_changed(clinic, found.id, _postponed)


def _has_changed(clinic: Clinic, bill_id: str, change: Callable[[UnitOfWork, Bill, PaymentLink], Bill]) -> bool:
    """Change a bill whose link is still left. False, and logged, if that failed."""

    def transaction(work: UnitOfWork) -> None:
        work.prefetch(Bill.ref(bill_id), PROVIDER)
        bill = work.get(Bill.ref(bill_id))
        if bill.payment_link is not None and bill.link_is_left:
            work.save(change(work, bill, bill.payment_link))

    try:
        clinic.perform("bill.cancel_payment_link", transaction)
    except Problem as problem:
        _log.warning(
            "payment link not cancelled", extra={"id": bill_id, "clinic_id": clinic.id, "reason": problem.name}
        )
        return False
    return True


def _cancelled(work: UnitOfWork, bill: Bill, link: PaymentLink) -> Bill:
    """The bill whose link is cancelled, or has expired."""
    if link.expires_at > work.now:
        razorpay.cancel_link(account_of(work.get(PROVIDER)), link.id)
    return bill.amended(payment_link=link.model_copy(update={"cancelled": True}), cancel_link_on=None)


def _postponed(work: UnitOfWork, bill: Bill, _link: PaymentLink) -> Bill:
    """The bill whose link is tried again the next day, behind those that were not tried yet."""
    return bill.amended(cancel_link_on=work.now.date() + timedelta(days=1))


def _made(account: Account, bill: Bill, work: UnitOfWork, made: dict[tuple[str, int], razorpay.Link]) -> PaymentLink:
    """The link at the provider. `made` has those of earlier attempts of the same request."""
    for new in _candidates(bill, work):
        key = new.reference, new.amount
        found = made.get(key) or razorpay.create_link(account, new) or razorpay.find_link(account, new)
        if found is not None:
            made[key] = found
            return PaymentLink(
                id=found.id,
                reference=new.reference,
                url=found.url,
                amount=new.amount,
                currency=new.currency,
                expires_at=found.expires_at,
            )
    raise Conflict(ConflictCode.PAYMENT_PROVIDER_REFUSED, "the provider knows other links with these references")


def _candidates(bill: Bill, work: UnitOfWork) -> Iterator[NewLink]:
    """The link to make, under one reference after the other."""
    first = bill.payment_link.count + 1 if bill.payment_link else 1
    for count in range(first, first + _MOST_TRIES):
        yield NewLink(
            reference=f"{bill.number}-{count}",
            amount=bill.account.patient_owes,
            currency=bill.currency,
            description=f"Bill {bill.number}",
            expires_at=work.now + HOLDS_FOR,
            notes={BILL_NOTE: bill.id},
        )
