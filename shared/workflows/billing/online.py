"""Booking what the payment provider says: each payment, refund and chargeback once, however often it is said.

Each commit books at most one thing, together with what is known about the payment, so a lost process leaves nothing
half done and the provider's next attempt goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from shared.records.billing import crediting, settling
from shared.records.billing.bill import Bill
from shared.records.billing.ledger import Booked
from shared.records.billing.online import MOST_NEWS, OnlineDispute, OnlinePayment, OnlineRefund, Question
from shared.records.billing.payments import PaymentMethod
from shared.records.billing.provider_event import DisputeState, PaymentNews
from shared.records.numbering import DocumentSeries
from shared.records.problems import NotFound
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import letterheads
from shared.workflows.billing import booking, payment_links, references, sums, vouchers

_log = logging.getLogger("synapse.jobs")
NEEDS_PERSON = "payment needs a person"
"""The log line that is alerted (infra/alerts.tf)."""
_MOST_STEPS = 3 * MOST_NEWS
"""Commits for one event: far more than the events of one payment need."""


@dataclass(frozen=True)
class _Step:
    """What one commit does about a payment."""

    online: OnlinePayment
    bill: Bill | None = None
    """The bill, if only its state changes."""
    booked: Booked | None = None
    more: bool = False
    """True if something may be left to book."""


def book(clinic: Clinic, news: PaymentNews) -> None:
    """Keep what an event says, and book what follows. What nobody can book by rule waits for a person, and is logged.

    Raises Unavailable while the bill is changed by others all the time: the provider repeats the event.
    """
    changed: Bill | None = None
    for _ in range(_MOST_STEPS):
        bill, more = clinic.perform("bill.book_online", lambda work: _take(work, news))
        changed = bill or changed
        if not more:
            break
    if changed is not None:
        payment_links.follow(clinic, changed)


def _take(work: UnitOfWork, news: PaymentNews) -> tuple[Bill | None, bool]:
    """The bill that changed, and whether more is left to do."""
    ref = OnlinePayment.ref(news.payment_id)
    bill = [Bill.ref(news.bill_id)] if news.bill_id else []
    work.prefetch(ref, *bill, work.settings_ref(), DocumentSeries.RECEIPT.counter, DocumentSeries.CREDIT_NOTE.counter)
    before = work.get_or_none(ref)
    heard = before.heard(news) if before else OnlinePayment.first_heard(news, work.stamp)
    if not heard.is_of_interest:
        return None, False
    step = _next_step(work, heard)
    if step.booked is not None:
        booking.save(work, step.booked)
    elif step.bill is not None:
        work.save(step.bill)
    if before is None:
        work.create(step.online)
    elif step.online != before:
        work.save(step.online.revised(work.stamp))
    _tell(work, before.questions if before else [], step.online)
    return (step.booked.bill if step.booked else step.bill), step.more


def _next_step(work: UnitOfWork, online: OnlinePayment) -> _Step:
    """The first thing that is left to book: the payment, then its refunds, then chargebacks."""
    if online.bill_id is None or (online.entry_id is None and not online.captured):
        return _Step(online)
    bill = _bill(work, online.bill_id)
    if bill is None:
        return _Step(online.asking(Question.BILL_UNKNOWN))
    if online.entry_id is None:
        return _payment(work, bill, online)
    return _rest(work, bill, online)


def _bill(work: UnitOfWork, bill_id: str) -> Bill | None:
    try:
        return work.get_or_none(Bill.ref(bill_id))
    except NotFound:
        return None


def _payment(work: UnitOfWork, bill: Bill, online: OnlinePayment) -> _Step:
    refs = references.refs(work, PaymentMethod.ONLINE, online.id)
    work.prefetch(*letterheads.refs(bill.doctor_id), *refs, *sums.refs(bill, work.today()))
    by_person = references.payment_with(work, PaymentMethod.ONLINE, online.id)
    if by_person is not None:
        return _Step(_booked_by_person(work, online, by_person), more=True)
    question = settling.payment_question(bill, online)
    if question is not None:
        return _Step(online.asking(question))
    new, questions = settling.new_payment(bill, online, work.today(), work.settings().time_zone)
    booked = vouchers.receipt(work, bill, new, work.settings(), by_provider=True)
    entry_id = booked.entries[-1].id
    references.take(work, new.method, new.reference, entry_id)
    return _Step(online.amended(entry_id=entry_id).asking(*questions), booked=booked, more=True)


def _booked_by_person(work: UnitOfWork, online: OnlinePayment, entry_id: str) -> OnlinePayment:
    """The payment that the desk has booked already, perhaps on another bill."""
    known = online.amended(entry_id=entry_id, bill_id=entry_id.rpartition("-")[0])
    bill = _bill(work, str(known.bill_id))
    if bill is not None:
        work.require_unchanged(bill)  # it was perhaps read before the payment was booked on it
    payment = settling.booked_payment(bill, known) if bill else None
    same = payment is not None and payment.amount == online.amount
    return known if same else known.asking(Question.AMOUNT_DIFFERS)


def _rest(work: UnitOfWork, bill: Bill, online: OnlinePayment) -> _Step:
    """The first refund that is left to book, or else the chargeback."""
    for refund in [one for one in online.refunds if not one.booked]:
        if crediting.refund_is_booked(bill, refund.id):
            return _Step(_with_refund(online, refund), more=True)
        new = settling.new_refund(bill, online, refund)
        if isinstance(new, Question):
            online = online.asking(new)
        else:
            work.prefetch(*letterheads.refs(bill.doctor_id))
            charged_back = settling.amount_charged_back(bill, online)
            booked = vouchers.refund(work, bill, new, work.settings(), charged_back=charged_back, by_provider=True)
            return _Step(_with_refund(online, refund), booked=booked, more=True)
    return _chargeback(work, bill, online)


def _chargeback(work: UnitOfWork, bill: Bill, online: OnlinePayment) -> _Step:
    """The chargeback, if there is one, and whether the payment is disputed."""
    asked = online.asking(Question.DISPUTED) if online.disputed else online
    after = settling.with_dispute(bill, online)
    lost = _lost(online)
    if not lost:
        return _Step(asked, bill=None if after == bill else after)
    charged_back = settling.charged_back(after, online, work.stamp, work.today())
    if isinstance(charged_back, Question):
        return _Step(asked.asking(charged_back), bill=None if after == bill else after)
    ids = {one.id for one in lost}
    disputes = [one.model_copy(update={"booked": True}) if one.id in ids else one for one in online.disputes]
    return _Step(asked.amended(disputes=disputes), booked=charged_back)


def _lost(online: OnlinePayment) -> list[OnlineDispute]:
    return [one for one in online.disputes if one.state == DisputeState.LOST and not one.booked]


def _with_refund(online: OnlinePayment, refund: OnlineRefund) -> OnlinePayment:
    refunds = [one.model_copy(update={"booked": True}) if one.id == refund.id else one for one in online.refunds]
    return online.amended(refunds=refunds)


def _tell(work: UnitOfWork, before: Sequence[Question], online: OnlinePayment) -> None:
    """Log what a person must look at, for the operator's alert. An attempt that is repeated may tell twice."""
    for question in [one for one in online.questions if one not in before]:
        extra = {"reason": question.value, "id": online.id, "clinic_id": work.clinic_id}
        _log.warning(NEEDS_PERSON, extra=extra)
