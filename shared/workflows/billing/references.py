"""Booking a payment's reference in the commit of the payment, and giving it back with the reversal."""

from __future__ import annotations

from shared.records.billing.payments import PaymentMethod
from shared.records.billing.reference import PaymentReference, compared
from shared.records.conflict_codes import ConflictCode
from shared.records.problems import Conflict, FieldError
from shared.records.record import Ref
from shared.store.unit_of_work import UnitOfWork

_HASH = "payment reference"
"""No caller's scope has a space, so none of these hashes is the token of a search."""


def take(work: UnitOfWork, method: PaymentMethod, reference: str | None, payment_id: str) -> None:
    """Book a reference for a payment. Raises Conflict if a payment that counts has it."""
    if reference is None:
        return
    newest = refs(work, method, reference)[0]
    if (other := payment_with(work, method, reference)) is not None:
        booked = FieldError("/reference", f"is booked: payment {other}")
        raise Conflict(ConflictCode.PAYMENT_REFERENCE_USED, "this payment is booked already", [booked])
    before = work.get_or_none(newest)
    if before is None:
        work.create(PaymentReference.new(newest.id, work.stamp, payment_id=payment_id))
    else:
        work.save(before.amended(payment_id=payment_id))


def payment_with(work: UnitOfWork, method: PaymentMethod, reference: str) -> str | None:
    """The entry of the payment that counts and has this reference; None if it is not booked."""
    found = [work.get_or_none(ref) for ref in refs(work, method, reference)]
    return next((one.payment_id for one in found if one is not None and one.payment_id is not None), None)


def release(work: UnitOfWork, method: PaymentMethod, reference: str | None) -> None:
    """Give back the reference of a payment that is reversed."""
    for ref in refs(work, method, reference):
        found = work.get_or_none(ref)
        if found is not None and found.payment_id is not None:
            work.save(found.amended(payment_id=None))


def refs(work: UnitOfWork, method: PaymentMethod, reference: str | None) -> list[Ref[PaymentReference]]:
    """The documents that a reference may have: one for each version of the key, that of the newest first. None without
    a reference."""
    if reference is None:
        return []
    ids = work.keyring().ids(_HASH, method.value, compared(reference))
    return [PaymentReference.ref(id) for id in ids]
