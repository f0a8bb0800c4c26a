"""Addresses that the platform's operator declares as bouncing: mail that a server accepted and returned later."""

from __future__ import annotations

from shared.records.messages.address import address_error
from shared.records.messages.kinds import Channel
from shared.store import clinic_keys
from shared.store.clinic import system_clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.clinic.opening import RefusedError
from shared.workflows.messages import addresses


def change(clinic_id: str, address: str, *, bounces: bool) -> bool:
    """Note that an address takes no messages of a clinic, or forget that; returns whether that changed anything.

    Raises RefusedError for what is no address, and if there is no such clinic.
    """
    channel = Channel.MAIL if "@" in address else Channel.SMS
    if error := address_error(channel, address):
        raise RefusedError(f"the address {error}")
    if not clinic_keys.exists(clinic_id):
        raise RefusedError(f"there is no clinic {clinic_id}")

    def transaction(work: UnitOfWork) -> bool:
        if bounces:
            return addresses.note(work, channel, address, "by_hand")
        return addresses.forget(work, channel, address)

    return system_clinic(clinic_id, "bounced").perform("address.note" if bounces else "address.forget", transaction)
