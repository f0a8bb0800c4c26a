"""The clinic's users: invited, given roles, disabled and enabled.

`users/{id}` alone decides what a user may do, from the next request on. The Firebase account follows it: the account
signs the user in and names the clinic.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from shared.gateways import accounts
from shared.records.clinic.people import Doctor, InvitationStatus, NewUser, RolesChange, User, UserProfile
from shared.records.page import Page, PageQuery
from shared.records.problems import Conflict, FieldError, Invalid, Unavailable
from shared.records.types import Role
from shared.store import pagination
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork

_log = logging.getLogger("synapse.staff")
_SYNC_ATTEMPTS = 5
"""How often one delivery syncs an account whose record keeps changing."""


def listed(clinic: Clinic, query: PageQuery) -> Page[User]:
    """A page of the clinic's users."""

    def transaction(work: UnitOfWork) -> Page[User]:
        return pagination.newest(work, User, query, [pagination.LIVE])

    return clinic.perform("user.list", transaction)


def get(clinic: Clinic, user_id: str) -> User:
    """A user of the clinic."""
    return clinic.perform("user.read", lambda work: work.get(User.ref(user_id)))


def doctors(clinic: Clinic, query: PageQuery) -> Page[Doctor]:
    """A page of the enabled doctors; their profiles are read in one call."""

    def transaction(work: UnitOfWork) -> Page[Doctor]:
        page = _enabled(work, Role.DOCTOR, query)
        profiles = [UserProfile.ref(user.id) for user in page.items]
        work.prefetch(*profiles)
        return Page([Doctor.of(ref.id, work.get_or_none(ref)) for ref in profiles], page.next_page_token)

    return clinic.perform("doctor.list", transaction)


def invite(clinic: Clinic, new: NewUser) -> User:
    """Create a user of the clinic, with an account to sign in with, and an invitation to be sent.

    Firebase creates the account before the commit, and again when the commit is retried: an account without a record
    has no access. The mail follows the commit (`follow`), so an interruption delays it and cannot lose it.
    """
    email = new.email.lower()  # as Firebase stores it

    def transaction(work: UnitOfWork) -> User:
        work.keyring()
        user_id = _account_for(email, clinic.id)
        if work.get_or_none(User.ref(user_id)) is not None:
            raise Conflict("the person is of this clinic already")
        accounts.route(user_id, clinic.id)
        since = work.now.replace(microsecond=0)  # tokens carry whole seconds
        values = {"email": email, "roles": new.roles, "tokens_valid_after": since}
        invitation = {"invitation": InvitationStatus.WAITING, "invited_at": work.now}
        return work.create(User.new(user_id, work.stamp, **values, **invitation))

    return clinic.perform("user.invite", transaction)


def invite_again(clinic: Clinic, user_id: str) -> User:
    """Send the invitation again."""
    return clinic.perform("user.invite_again", lambda work: work.save(work.get(User.ref(user_id)).invited(work.stamp)))


def set_roles(clinic: Clinic, user_id: str, change: RolesChange) -> User:
    """Replace a user's roles."""
    return _change(
        clinic,
        "user.roles",
        user_id,
        lambda user, work: user.revised(work.stamp, roles=change.roles),
    )


def disable(clinic: Clinic, user_id: str) -> User:
    """Disable a user, at once."""
    return _change(clinic, "user.disable", user_id, lambda user, work: user.disabled_at(work.stamp))


def enable(clinic: Clinic, user_id: str) -> User:
    """Enable a disabled user, who must sign in again."""
    return _change(clinic, "user.enable", user_id, lambda user, work: user.enabled_at(work.stamp))


def sign_out(clinic: Clinic) -> None:
    """End all sign-ins of the caller, on all devices; `follow` revokes them at Firebase too."""

    def transaction(work: UnitOfWork) -> None:
        work.save(work.get(User.ref(work.user_id)).signed_out(work.stamp))

    clinic.perform("user.sign_out", transaction)


def follow(clinic: Clinic, user_id: str) -> None:
    """Sync the Firebase account with `users/{id}`, and send a waiting invitation.

    Events may arrive out of order, so re-read the record after each change until both agree. Raises Unavailable when
    they keep differing.
    """
    for _ in range(_SYNC_ATTEMPTS):
        user = clinic.perform("user.follow", lambda work: work.get_or_none(User.ref(user_id)))
        if user is None or not _synced(clinic, user):
            return
    raise Unavailable


def _account_for(email: str, clinic_id: str) -> str:
    """The id of the account with this address, if the clinic may have it. Raises Invalid: for whatever reason."""
    try:
        user_id = accounts.account_of(email, clinic_id)
        refused = accounts.clinic_of(user_id) not in ("", clinic_id)
    except accounts.AddressError:
        refused = True
    if refused:
        raise Invalid(errors=[FieldError("/email", "this address cannot be invited")])
    return user_id


def _change(clinic: Clinic, action: str, user_id: str, rule: Callable[[User, UnitOfWork], User]) -> User:
    def transaction(work: UnitOfWork) -> User:
        before = work.get_for_update(User.ref(user_id))
        after = rule(before, work)
        if before.is_active_admin and not after.is_active_admin:
            _require_another_admin(work, before)
        return work.save(after)

    return clinic.perform(action, transaction)


def _require_another_admin(work: UnitOfWork, leaving: User) -> None:
    """Let the commit fail unless another admin stays. Raises Conflict when there is none."""
    if work.user is not None and work.user.id != leaving.id:
        work.require_unchanged(work.user)
        return
    two = _enabled(work, Role.ADMIN, PageQuery(page_size=2)).items
    other = next((user for user in two if user.id != leaving.id), None)
    if other is None:
        raise Conflict("the clinic needs another admin first")
    work.require_unchanged(other)


def _enabled(work: UnitOfWork, role: Role, query: PageQuery) -> Page[User]:
    """A page of the enabled users with a role."""
    holding = ("roles", "array_contains", role.value)
    return pagination.newest(work, User, query, [pagination.LIVE, ("disabled", "==", False), holding])


def _synced(clinic: Clinic, user: User) -> bool:
    """Sync the account with the record; returns whether anything differed."""
    account = accounts.find(user.id)
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
