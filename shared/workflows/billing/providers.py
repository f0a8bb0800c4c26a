"""The clinic's account at its payment provider."""

from __future__ import annotations

from shared.lazily import lazily
from shared.records.billing.provider import PROVIDER_ID, PaymentProvider, ProviderUpdate
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.gateways.razorpay import Account

PROVIDER = PaymentProvider.ref(PROVIDER_ID)


def get(clinic: Clinic) -> PaymentProvider:
    """The account, without its secrets. Raises NotFound for a clinic that has none."""
    return clinic.perform("payment_provider.read", lambda work: work.get(PROVIDER))


def put(clinic: Clinic, update: ProviderUpdate) -> PaymentProvider:
    """Create or replace the account."""

    def transaction(work: UnitOfWork) -> PaymentProvider:
        before = work.get_or_none_for_update(PROVIDER)
        if before is None:
            return work.create(PaymentProvider.connected(update, work.stamp))
        return work.save_edit(before, before.updated(update, work.stamp))

    return clinic.perform("payment_provider.update", transaction)


def account_of(provider: PaymentProvider) -> Account:
    """The keys of the account."""
    return Account(provider.key_id, provider.stored_key_secret)
