"""The clinic's users: invited, given roles, disabled and enabled.

`users/{id}` alone decides what a user may do, from the next request on. The Firebase account follows it: the account
signs the user in and names the clinic.
"""

from __future__ import annotations

from collections.abc import Callable

from shared.gateways import accounts
from shared.lazily import lazily
from shared.records import numbering
from shared.records.clinic.people import Doctor, InvitationStatus, NewUser, RolesChange, User
from shared.records.clinic.profile import ProfileExcerpt, UserProfile
from shared.records.conflict_codes import ConflictCode
from shared.records.page import Page, PageQuery
from shared.records.permissions import Handover
from shared.records.problems import Conflict, FieldError, Invalid, Unavailable
from shared.records.record import Detailed
from shared.records.scheduling.coming import ComingAppointments
from shared.records.types import Role
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.clinic.devices import Devices
    from shared.records.parties import StaffName
    from shared.store import pagination
    from shared.workflows import handover as handing_over
    from shared.workflows.clinic.devices import remove_all
    from shared.workflows.enabled_users import enabled
    from shared.workflows.scheduling import unassigning

ChangedUser = Detailed[User, ComingAppointments]


def listed(clinic: Clinic, query: PageQuery) -> Page[User]:
    """A page of the clinic's users."""

    def transaction(work: UnitOfWork) -> Page[User]:
        return pagination.newest(work, User, query, [pagination.LIVE])

    return clinic.perform("user.list", transaction)


def get(clinic: Clinic, user_id: str) -> User:
    """A user of the clinic, or one who has left it."""
    return clinic.perform("user.read", lambda work: known(work, user_id) or work.get(User.ref(user_id)))


def doctors(clinic: Clinic, query: PageQuery) -> Page[Doctor]:
    """A page of the enabled doctors; their profiles are read in one call."""

    def transaction(work: UnitOfWork) -> Page[Doctor]:
        page = enabled(work, Role.DOCTOR, query)
        profiles = [UserProfile.ref(user.id) for user in page.items]
        work.prefetch(*profiles)
        return Page([Doctor.of(ref.id, work.get_or_none(ref)) for ref in profiles], page.next_page_token)

    return clinic.perform("doctor.list", transaction)


def names(clinic: Clinic, query: PageQuery) -> Page[StaffName]:
    """A page of everybody who is or was of the clinic's staff, by name; their profiles are read in one call."""

    def transaction(work: UnitOfWork) -> Page[StaffName]:
        page = pagination.newest(work, User, query, [])
        profiles = [UserProfile.ref(user.id) for user in page.items]
        work.prefetch(*profiles)
        named = [StaffName.of(user, work.get_or_none(UserProfile.ref(user.id))) for user in page.items]
        return Page(named, page.next_page_token)

    return clinic.perform("staff.names", transaction)


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
            raise Conflict(ConflictCode.ALREADY_MEMBER, "the person is of this clinic already")
        accounts.route(user_id, clinic.id)
        since = work.now.replace(microsecond=0)  # tokens carry whole seconds
        former = work.get_or_none(User.ref(user_id), live=False)
        if former is not None and accounts.belongs_by_id(user_id, clinic.id):
            raise Unavailable("the account of the person who left is about to be deleted")
        if former is not None:
            return work.save(former.returned(work.stamp, new.roles, since))
        values = {"email": email, "roles": new.roles, "tokens_valid_after": since}
        invitation = {"invitation": InvitationStatus.WAITING, "invited_at": work.now}
        excerpt = ProfileExcerpt()  # nobody has a profile before the first sign-in
        return work.create(User.new(user_id, work.stamp, **values, **invitation, profile_excerpt=excerpt))

    return clinic.perform("user.invite", transaction)


def invite_again(clinic: Clinic, user_id: str) -> User:
    """Send the invitation again."""
    return clinic.perform("user.invite_again", lambda work: work.save(work.get(User.ref(user_id)).invited(work.stamp)))


def set_roles(clinic: Clinic, user_id: str, change: RolesChange) -> ChangedUser:
    """Replace a user's roles."""

    def transaction(work: UnitOfWork) -> ChangedUser:
        return _changed(work, user_id, lambda user: user.revised(work.stamp, roles=change.roles), change.take_over_by)

    return clinic.perform("user.roles", transaction)


def disable(clinic: Clinic, user_id: str, handover: Handover | None) -> ChangedUser:
    """Disable a user, at once. Raises Conflict for unsigned reports that nobody takes over."""
    take_over_by = handover.take_over_by if handover else None

    def transaction(work: UnitOfWork) -> ChangedUser:
        return _changed(work, user_id, lambda user: user.disabled_at(work.stamp), take_over_by)

    return clinic.perform("user.disable", transaction)


def enable(clinic: Clinic, user_id: str) -> User:
    """Enable a disabled user, who must sign in again."""

    def transaction(work: UnitOfWork) -> User:
        return _changed(work, user_id, lambda user: user.enabled_at(work.stamp)).record

    return clinic.perform("user.enable", transaction)


def remove(clinic: Clinic, user_id: str, handover: Handover) -> ChangedUser:
    """Take a user out of the clinic; `follow` then frees the e-mail address.

    Raises Conflict for running sessions, and for unsigned reports that nobody takes over.
    """

    def transaction(work: UnitOfWork) -> ChangedUser:
        counters = (numbering.SESSIONS, numbering.REPORTS)
        work.prefetch(User.ref(user_id), Devices.ref(user_id), *counters)
        user = work.get_for_update(User.ref(user_id))
        if user.is_active_admin:
            _require_another_admin(work, user)
        for counter in counters:  # what is created between the queries and the commit runs again, and sees the removal
            work.take_turn(counter)
        handing_over.require_nothing_open(work, user.id, reports=handover.take_over_by is None)
        if handover.take_over_by is not None:
            handing_over.hand_over(work, user.id, handover.take_over_by, handing_over.IN_QUERY)
        remove_all(work, user.id)
        return Detailed(work.save(user.removed(work.stamp)), _coming(work, user))

    return clinic.perform("user.remove", transaction)


def sign_out(clinic: Clinic) -> None:
    """End all sign-ins of the caller, on all devices, which get no more messages; `follow` revokes the sign-ins at
    Firebase too."""

    def transaction(work: UnitOfWork) -> None:
        remove_all(work, work.user_id)
        work.save(work.get(User.ref(work.user_id)).signed_out(work.stamp))

    clinic.perform("user.sign_out", transaction)


def known(work: UnitOfWork, user_id: str) -> User | None:
    """The user, also one who has left the clinic."""
    ref = User.ref(user_id)
    return work.get_or_none(ref) or work.get_or_none(ref, live=False)


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


def _changed(
    work: UnitOfWork, user_id: str, rule: Callable[[User], User], take_over_by: str | None = None
) -> ChangedUser:
    before = work.get_for_update(User.ref(user_id))
    after = rule(before)
    if before.is_active_admin and not after.is_active_admin:
        _require_another_admin(work, before)
    leaving = before.is_active_doctor and not after.is_active_doctor
    if leaving:
        handing_over.hand_over(work, before.id, take_over_by)
    return Detailed(work.save(after), _coming(work, before) if leaving else _NO_APPOINTMENTS)


_NO_APPOINTMENTS = ComingAppointments.model_construct(coming_appointments=0)


def _coming(work: UnitOfWork, user: User) -> ComingAppointments:
    """The appointments that a user leaves behind, who was a doctor until now."""
    return unassigning.count(work, user.id) if user.is_active_doctor else _NO_APPOINTMENTS


def _require_another_admin(work: UnitOfWork, leaving: User) -> None:
    """Let the commit fail unless another admin stays. Raises Conflict when there is none."""
    if work.user is not None and work.user.id != leaving.id:
        work.require_unchanged(work.user)
        return
    two = enabled(work, Role.ADMIN, PageQuery(page_size=2)).items
    other = next((user for user in two if user.id != leaving.id), None)
    if other is None:
        raise Conflict(ConflictCode.LAST_ADMIN, "the clinic needs another admin first")
    work.require_unchanged(other)
