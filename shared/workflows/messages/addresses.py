"""Addresses that take no messages: noted when one bounces, and not used again."""

from __future__ import annotations

from shared.records.conflict_codes import ConflictCode
from shared.records.messages.address import BouncedAddress, normal
from shared.records.messages.kinds import Channel
from shared.records.problems import Conflict
from shared.records.record import Ref
from shared.store.unit_of_work import UnitOfWork

_SCOPE = "bounced-address"


def refs(work: UnitOfWork, channel: Channel, address: str) -> list[Ref[BouncedAddress]]:
    """Where it stands that an address bounces: one place for each version of the clinic's search key, the present one
    first."""
    return [BouncedAddress.ref(id) for id in work.keyring().ids(_SCOPE, channel.value, normal(channel, address))]


def bounces(work: UnitOfWork, channel: Channel, address: str) -> bool:
    """True if the address is known to take no messages."""
    return any(work.get_or_none(ref) is not None for ref in refs(work, channel, address))


def require_usable(work: UnitOfWork, channel: Channel, address: str) -> None:
    """Raises Conflict for an address that is known to take no messages."""
    if bounces(work, channel, address):
        raise Conflict(ConflictCode.ADDRESS_BOUNCES, "the address takes no messages")


def note(work: UnitOfWork, channel: Channel, address: str, code: str) -> bool:
    """Remember that an address takes no messages; False if that is known."""
    known = refs(work, channel, address)
    work.prefetch(*known)
    if bounces(work, channel, address):
        return False
    ref = known[0]
    gone = work.get_or_none(ref, live=False)
    if gone is None:
        work.create(BouncedAddress.new(ref.id, work.stamp, channel=channel, code=code))
    else:
        work.save(gone.revised(work.stamp, live=True, code=code))
    return True


def forget(work: UnitOfWork, channel: Channel, address: str, *, only: str | None = None) -> bool:
    """Let an address be used again, `only` if it was noted with this code; False if nothing was known about it."""
    found = [record for ref in refs(work, channel, address) if (record := work.get_or_none(ref)) is not None]
    known = [record for record in found if only in (None, record.code)]
    for record in known:
        work.save(record.revised(work.stamp, live=False))
    return bool(known)
