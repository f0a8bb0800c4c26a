"""The payments at the provider, as people look at them."""

from __future__ import annotations

from shared.lazily import lazily
from shared.records.billing.online import OnlinePayment
from shared.records.page import Page
from shared.store.clinic import Clinic
from shared.store.queries import Filter
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.billing.online import OnlinePaymentList, Resolution
    from shared.store import pagination


def listed(clinic: Clinic, query: OnlinePaymentList) -> Page[OnlinePayment]:
    """A page of the payments, newest first: all, or those that a person must look at."""

    def transaction(work: UnitOfWork) -> Page[OnlinePayment]:
        work.prefetch()
        filters: list[Filter] = [pagination.LIVE]
        if query.needs_person:
            filters.append(("needs_person", "==", True))
        return pagination.newest(work, OnlinePayment, query, filters)

    return clinic.perform("online_payment.list", transaction)


def resolve(clinic: Clinic, payment_id: str, resolution: Resolution) -> OnlinePayment:
    """Note what a person did about a payment. Raises Conflict if nobody needs to look at it."""

    def transaction(work: UnitOfWork) -> OnlinePayment:
        payment = work.get_for_update(OnlinePayment.ref(payment_id))
        return work.save(payment.resolved(resolution, work.stamp))

    return clinic.perform("online_payment.resolve", transaction)
