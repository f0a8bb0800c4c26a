"""The clinic's people: invited, given roles, shut out and let in again.

`users/{id}` alone says what somebody may do, and holds from the next request on. The person's Firebase account follows
it: it lets them sign in, and names their clinic.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from shared.gateways import accounts
from shared.records.clinic.people import Doctor, Invitation, NewUser, RolesChange, User, UserProfile
from shared.records.page import Page, PageQuery
from shared.records.problems import Conflict, FieldError, Invalid, Unavailable
from shared.records.record import Detailed
from shared.records.types import Role
from shared.store import pagination
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork

_log = logging.getLogger("synapse.staff")
_LOOKS = 5
"""How often an account is brought in line in one go while its record goes on changing."""


def listed(clinic: Clinic, wanted: PageQuery) -> Page[User]:
    """A page of the clinic's people."""

    def transaction(work: UnitOfWork) -> Page[User]:
        return pagination.newest(work, User, wanted, [pagination.LIVE])

    return clinic.perform("user.list", transaction)


def get(clinic: Clinic, user_id: str) -> User:
    """One of the clinic's people."""
    return clinic.perform("user.read", lambda work: work.get(User.ref(user_id)))


def doctors(clinic: Clinic, wanted: PageQuery) -> Page[Doctor]:
    """A page of the doctors who can be named: their profiles are read in one call."""

    def transaction(work: UnitOfWork) -> Page[Doctor]:
        page = _enabled(work, Role.DOCTOR, wanted)
        profiles = [UserProfile.ref(user.id) for user in page.items]
        work.prefetch(*profiles)
        return Page([Doctor.of(ref.id, work.get_or_none(ref)) for ref in profiles], page.next_page_token)

    return clinic.perform("doctor.list", transaction)


def invite(clinic: Clinic, new: NewUser) -> Detailed[User, Invitation]:
    """Make somebody one of the clinic's people, with an account to sign in with.

    What is asked of Firebase comes before the commit and may be asked again: an account without a record opens nothing.
    """
    email = new.email.lower()  # as Firebase keeps it

    def transaction(work: UnitOfWork) -> Detailed[User, Invitation]:
        work.keyring()
        user_id = _account_for(email, clinic.id)
        if work.get_or_none(User.ref(user_id)) is not None:
            raise Conflict("the person is of this clinic already")
        accounts.route(user_id, clinic.id)
        link = accounts.password_link(email)
        since = work.now.replace(microsecond=0)  # tokens tell the second
        values = {"email": email, "roles": new.roles, "tokens_valid_after": since}
        user = User.new(user_id, work.stamp, **values)
        return Detailed(work.create(user), Invitation(invitation_link=link))

    return clinic.perform("user.invite", transaction)


def set_roles(clinic: Clinic, user_id: str, wanted: RolesChange) -> User:
    """Say what somebody may do from now on."""
    return _change(
        clinic,
        "user.roles",
        user_id,
        lambda user, work: user.revised(work.stamp, roles=wanted.roles),
    )


def disable(clinic: Clinic, user_id: str) -> User:
    """Shut somebody out, at once."""
    return _change(clinic, "user.disable", user_id, lambda user, work: user.disabled_at(work.stamp))


def enable(clinic: Clinic, user_id: str) -> User:
    """Let somebody in again who was shut out; they sign in anew."""
    return _change(clinic, "user.enable", user_id, lambda user, work: user.enabled_at(work.stamp))


def follow(clinic: Clinic, user_id: str) -> None:
    """Bring somebody's account in line with their record, whichever change of it told of it.

    Deliveries may overtake each other. So who changed the account looks at the record again, until there is nothing to
    change: the last one to look has seen the last change. Raises Busy when there is no end to it.
    """
    for _ in range(_LOOKS):
        user = clinic.perform("user.follow", lambda work: work.get_or_none(User.ref(user_id)))
        if user is None or not _brought_in_line(clinic.id, user):
            return
    raise Unavailable


def _account_for(email: str, clinic_id: str) -> str:
    """The id of the account with this address, if the clinic may have it. Raises Invalid: of which kind is not told."""
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
            _rely_on_another_admin(work, before)
        return work.save(after)

    return clinic.perform(action, transaction)


def _rely_on_another_admin(work: UnitOfWork, leaving: User) -> None:
    """The change holds only while another one can run the clinic. Raises Conflict when there is none."""
    if work.user is not None and work.user.id != leaving.id:
        work.require_unchanged(work.user)
        return
    two = _enabled(work, Role.ADMIN, PageQuery(page_size=2)).items
    other = next((user for user in two if user.id != leaving.id), None)
    if other is None:
        raise Conflict("the clinic needs another admin first")
    work.require_unchanged(other)


def _enabled(work: UnitOfWork, role: Role, wanted: PageQuery) -> Page[User]:
    """A page of those who have a role and are not disabled."""
    holding = ("roles", "array_contains", role.value)
    return pagination.newest(work, User, wanted, [pagination.LIVE, ("disabled", "==", False), holding])


def _brought_in_line(clinic_id: str, user: User) -> bool:
    """Have the account follow the record; returns whether there was anything to change."""
    account = accounts.find(user.id)
    if account is None or account.clinic_id not in ("", clinic_id):
        _log.warning("no account of this clinic", extra={"user_id": user.id, "clinic_id": clinic_id})
        return False
    differs = (account.claims, account.disabled) != (accounts.claims_of(clinic_id), user.disabled)
    if differs:
        accounts.follow(user.id, clinic_id, disabled=user.disabled)
    signed_in = account.valid_since < int(user.tokens_valid_after.timestamp())
    if signed_in:
        accounts.sign_out(user.id)
    return differs or signed_in
