"""Confirming the name and licence number that a user's signatures show."""

from __future__ import annotations

from shared.records.clinic.identity import PrintedIdentity, SigningIdentity
from shared.records.clinic.people import User, printed_identity
from shared.records.clinic.profile import UserProfile
from shared.records.record import Detailed
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork

StaffMember = Detailed[User, PrintedIdentity]


def get(clinic: Clinic, user_id: str) -> StaffMember:
    """A user of the clinic, with the name and licence number of the user's profile."""

    def transaction(work: UnitOfWork) -> StaffMember:
        work.prefetch(User.ref(user_id), UserProfile.ref(user_id))
        user = work.get(User.ref(user_id))
        return Detailed(user, printed_identity(user, work.get_or_none(UserProfile.ref(user_id))))

    return clinic.perform("identity.read", transaction)


def confirm(clinic: Clinic, user_id: str, seen: SigningIdentity) -> StaffMember:
    """Confirm that a name and a licence number, as an admin has checked them, are those of the user's profile.

    Admins confirm their own only after a fresh sign-in; that has an audit action of its own.
    """
    own = user_id == clinic.context.caller.user_id

    def transaction(work: UnitOfWork) -> StaffMember:
        work.prefetch(User.ref(user_id), UserProfile.ref(user_id))
        user = work.get_for_update(User.ref(user_id))
        profile = work.get_or_none(UserProfile.ref(user_id))
        if own:
            work.require_fresh_sign_in()
        confirmed = user.identity_confirmed(seen, profile, work.stamp)
        if profile is not None:
            work.require_unchanged(profile)
        return Detailed(work.save(confirmed), printed_identity(confirmed, profile))

    return clinic.perform("identity.confirm_own" if own else "identity.confirm", transaction)
