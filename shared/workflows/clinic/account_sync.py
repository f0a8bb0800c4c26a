"""The Firebase account follows the user's record: access, sign-ins, invitation, and the end of the membership."""

from __future__ import annotations

import logging

from shared.gateways import accounts
from shared.gateways.accounts import Account
from shared.records.clinic.people import InvitationStatus, User
from shared.records.problems import Unavailable
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.clinic.staff import known

_log = logging.getLogger("synapse.staff")
_SYNC_ATTEMPTS = 5
"""How often one delivery syncs an account whose record keeps changing."""


def follow(clinic: Clinic, user_id: str) -> User | None:
    """Sync the Firebase account with `users/{id}`, send a waiting invitation, and return the record.

    Events may arrive out of order, so re-read the record after each change until both agree. Raises Unavailable when
    they keep differing.
    """
    for _ in range(_SYNC_ATTEMPTS):
        user = clinic.perform("user.follow", lambda work: known(work, user_id))
        if user is None or not _synced(clinic, user):
            return user
    raise Unavailable


def _synced(clinic: Clinic, user: User) -> bool:
    """Sync the account with the record; returns whether anything differed."""
    account = accounts.find(user.id)
    if not user.live:
        return account is not None and _released(clinic, user, account)
    if account is None or account.clinic_id not in ("", clinic.id):
        _log.warning("no account of this clinic", extra={"user_id": user.id, "clinic_id": clinic.id})
        return _invitation_ended(clinic, user, InvitationStatus.REFUSED)
    differs = (account.claims, account.disabled) != (accounts.claims_of(clinic.id), user.disabled)
    if differs:
        accounts.follow(user.id, clinic.id, disabled=user.disabled)
    valid_since = int(user.tokens_valid_after.timestamp())
    signed_in = account.valid_since < valid_since
    if signed_in:
        accounts.sign_out(user.id, valid_since)
    return _invited(clinic, user) or differs or signed_in


def _released(clinic: Clinic, user: User, account: Account) -> bool:
    """Free the address of a person who left; returns whether it was not free.

    An account that was created for this clinic is deleted: its id names the clinic for ever. An account that was there
    before may have other uses, so it only loses the clinic and its sign-ins.
    """
    if account.clinic_id != clinic.id:
        return False
    if accounts.belongs_by_id(user.id, clinic.id):
        accounts.delete(user.id)
    else:
        accounts.release(user.id, int(user.tokens_valid_after.timestamp()))
    return True


def _invited(clinic: Clinic, user: User) -> bool:
    """Send a waiting invitation; returns whether there was one. After an interruption it may be sent twice."""
    if user.invitation != InvitationStatus.WAITING or user.disabled:
        return False
    try:
        accounts.mail_invitation(user.email)
        status = InvitationStatus.SENT
    except accounts.AddressError:
        status = InvitationStatus.REFUSED
    return _invitation_ended(clinic, user, status)


def _invitation_ended(clinic: Clinic, user: User, status: InvitationStatus) -> bool:
    """Store the outcome of a waiting invitation, unless a later one waits; returns whether there was one."""

    def transaction(work: UnitOfWork) -> None:
        latest = work.get_or_none(User.ref(user.id))
        if latest is not None and (latest.invitation, latest.invited_at) == (user.invitation, user.invited_at):
            work.save(latest.with_invitation(status))

    if user.invitation != InvitationStatus.WAITING:
        return False
    clinic.perform(f"user.invitation_{status}", transaction)
    return True
