"""The caller's devices that get push messages: registered, listed and removed."""

from __future__ import annotations

from collections.abc import Collection

from shared.records.clinic.devices import Device, Devices, NewDevice
from shared.records.page import Page
from shared.records.problems import NotFound
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork


def listed(clinic: Clinic) -> Page[Device]:
    """All devices of the caller."""

    def transaction(work: UnitOfWork) -> Page[Device]:
        devices = work.get_or_none(Devices.ref(work.user_id))
        return Page([device.shown for device in devices.registered] if devices else [], None)

    return clinic.perform("device.list", transaction)


def register(clinic: Clinic, new: NewDevice) -> Device:
    """Register a device of the caller, or a known token again.

    The caller's record is guarded: a registration that is concurrent with a sign-out does not survive it.
    """

    def transaction(work: UnitOfWork) -> Device:
        devices = _devices_of(work, work.user_id).with_device(new, work.stamp)
        if work.user is not None:
            work.require_unchanged(work.user)
        return work.upsert(devices).registered[0].shown

    return clinic.perform("device.register", transaction)


def remove(clinic: Clinic, device_id: str) -> None:
    """Remove one device of the caller. Raises NotFound when the caller has no such device."""

    def transaction(work: UnitOfWork) -> None:
        devices = work.get(Devices.ref(work.user_id))
        if all(device.id != device_id for device in devices.registered):
            raise NotFound
        work.save(devices.without([device_id], work.stamp))

    clinic.perform("device.remove", transaction)


def remove_all(work: UnitOfWork, user_id: str) -> None:
    """Remove all devices of a user, in the commit that ends the user's sign-ins.

    The record is written also without devices: a concurrent registration then is seen, or refused.
    """
    devices = _devices_of(work, user_id)
    work.upsert(devices.without([device.id for device in devices.registered], work.stamp))


def remove_unregistered(work: UnitOfWork, user_id: str, device_ids: Collection[str]) -> None:
    """Remove those of a user's devices whose tokens are no longer valid."""
    devices = work.get_or_none(Devices.ref(user_id))
    if devices is not None and any(device.id in device_ids for device in devices.registered):
        work.save(devices.without(device_ids, work.stamp))


def _devices_of(work: UnitOfWork, user_id: str) -> Devices:
    """The stored devices of a user, or a new record without any."""
    return work.get_or_none(Devices.ref(user_id)) or Devices.new(user_id, work.stamp)
