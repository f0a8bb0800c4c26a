"""/api/v1/users"""

from __future__ import annotations

from shared.lazily import lazily
from shared.records.problems import FreshSignInRequired, TooManyRequests
from shared.store.clinic import Clinic
from shared.web.api import Api
from shared.web.operations import ADMINS, ANYONE, FRONT_DESK

with lazily(globals()):
    from shared.records.clinic.identity import PrintedIdentity, SigningIdentity
    from shared.records.clinic.people import Doctor, NewUser, RolesChange, SupervisorChange, User
    from shared.records.page import Page, PageQuery
    from shared.records.parties import StaffName
    from shared.records.permissions import Handover
    from shared.records.record import Detailed
    from shared.workflows.clinic import identity, staff, supervision
    from shared.workflows.clinic.staff import ChangedUser

api = Api("users")


@api.get("/", roles=ADMINS)
def list_users(clinic: Clinic, page: PageQuery) -> Page[User]:
    """List the clinic's users, newest first."""
    return staff.listed(clinic, page)


@api.post("/", roles=ADMINS, status=201)
def invite(clinic: Clinic, new: NewUser) -> User:
    """Invite a user, by e-mail address.

    The person gets a mail with a link for choosing a password; nobody else sees the link. `invitation` says whether the
    mail was sent. The link is good for an hour. Later they get another one where they sign in, by saying that they
    forgot their password, or by a further invitation.
    """
    return staff.invite(clinic, new)


@api.post("/{id}/invitation", roles=ADMINS, problems=frozenset({TooManyRequests}))
def invite_again(clinic: Clinic, id: str) -> User:
    """Send the invitation again, at most once in ten minutes."""
    return staff.invite_again(clinic, id)


@api.get("/doctors", roles=FRONT_DESK)
def list_doctors(clinic: Clinic, page: PageQuery) -> Page[Doctor]:
    """List the clinic's doctors, newest first: they can own patients and have patients shared with them."""
    return staff.doctors(clinic, page)


@api.get("/names", roles=ANYONE)
def list_names(clinic: Clinic, page: PageQuery) -> Page[StaffName]:
    """List everybody who is or was of the staff, with name and roles, newest first: whom an id of a record means."""
    return staff.names(clinic, page)


@api.get("/{id}", roles=ADMINS)
def get(clinic: Clinic, id: str) -> User:
    """Get a user of the clinic, also one who has left it (`removed_at`)."""
    return staff.get(clinic, id)


@api.get("/{id}/identity", roles=ADMINS)
def get_identity(clinic: Clinic, id: str) -> Detailed[User, PrintedIdentity]:
    """Get a user with the name and licence number of their profile, which signatures show once confirmed."""
    return identity.get(clinic, id)


@api.post(
    "/{id}/confirm-identity",
    roles=ADMINS,
    requires_idempotency_key=False,
    requires_if_match=True,
    problems=frozenset({FreshSignInRequired}),
)
def confirm_identity(clinic: Clinic, id: str, seen: SigningIdentity) -> Detailed[User, PrintedIdentity]:
    """Confirm a user's name and licence number for signatures.

    Send the name and licence number that you have checked, such as in the register of the medical council. They must be
    those of the user's profile. Admins confirm their own only within 5 minutes of a sign-in.
    """
    return identity.confirm(clinic, id, seen)


@api.delete("/{id}", roles=ADMINS)
def remove(clinic: Clinic, id: str, handover: Handover) -> ChangedUser:
    """Take a user out of the clinic, from their next request on, and free the e-mail address for any clinic.

    The record stays with `removed_at`, because other records name its id as author. The last admin cannot be removed,
    nor a doctor with running sessions, or with unsigned reports that nobody takes over: `errors` names them. Who takes
    over may see the patients of these reports from then on. `coming_appointments` wait for another doctor.
    """
    return staff.remove(clinic, id, handover)


@api.put("/{id}/roles", roles=ADMINS)
def set_roles(clinic: Clinic, id: str, change: RolesChange) -> ChangedUser:
    """Replace a user's roles, from their next request on. The last admin stays an admin.

    When a doctor becomes none, their unsigned reports are taken over by another doctor, or 409 names them;
    `coming_appointments` wait for another doctor.
    """
    return staff.set_roles(clinic, id, change)


@api.put("/{id}/supervisor", roles=ADMINS, requires_if_match=True)
def set_supervisor(clinic: Clinic, id: str, change: SupervisorChange) -> User:
    """Name the doctor who co-signs what a trainee signs, or null for a doctor who signs alone.

    The supervisor is another doctor of the clinic, who has no supervisor. Where neither clinic nor template asks for a
    co-signature, nothing changes for the trainee. Reports that wait for an earlier supervisor go on waiting: their
    author returns them, and signs again.
    """
    return supervision.set_supervisor(clinic, id, change)


@api.post("/{id}/disable", roles=ADMINS, requires_idempotency_key=False, requires_if_match=True)
def disable(clinic: Clinic, id: str, handover: Handover | None) -> ChangedUser:
    """Disable a user, from their next request on. The last admin cannot be disabled.

    The body may be missing. Unsigned reports of a doctor are taken over by another, or 409 names them. Who takes over
    may see the patients of these reports from then on. `coming_appointments` wait for another doctor.
    """
    return staff.disable(clinic, id, handover)


@api.post("/{id}/enable", roles=ADMINS, requires_idempotency_key=False, requires_if_match=True)
def enable(clinic: Clinic, id: str) -> User:
    """Enable a disabled user, who must sign in again."""
    return staff.enable(clinic, id)


main = api.function()
