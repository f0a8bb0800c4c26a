"""Opening a clinic: its keys, settings and first people. Done by the platform's operator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from shared.gateways import accounts
from shared.records.clinic.people import User
from shared.records.clinic.profile import ProfileExcerpt
from shared.records.clinic.settings import ClinicSettings
from shared.records.problems import Conflict, TooManyRequests
from shared.records.record import SYSTEM, Stamp
from shared.records.types import Role
from shared.store import clinic_keys
from shared.store.clinic import system_clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.clinic.staff import invite_again

_CAUSE = "open-clinic"
"""Stands for the request id in the audit trail."""


class RefusedError(Exception):
    """The clinic cannot be opened with these people; the message names them by e-mail address."""


def open_with_staff(clinic_id: str, settings: Mapping[str, Any], staff: Mapping[str, list[Role]]) -> list[str]:
    """Create a clinic with its first people, by e-mail address, and invite them; returns who gets a mail.

    Doing it again finishes what was begun, and invites again those whose last invitation is long enough ago. Raises
    RefusedError before anything is opened.
    """
    try:
        if newcomers := _newcomers(clinic_id, staff):
            raise RefusedError(f"not of this clinic yet: {', '.join(newcomers)}; its admin invites them")
        users = {email: accounts.account_of(email, clinic_id) for email in staff}
    except accounts.AddressError as refused:
        raise RefusedError(f"Firebase takes no such address: {refused}; nothing was opened") from None
    if elsewhere := [email for email, user_id in users.items() if not _may_have(clinic_id, user_id)]:
        raise RefusedError(f"of another clinic already: {', '.join(elsewhere)}; nothing was opened")
    open_clinic(clinic_id, settings, {users[email]: (email, roles) for email, roles in staff.items()})
    for user_id in users.values():
        accounts.route(user_id, clinic_id)
    return [email for email, user_id in users.items() if _invited(clinic_id, user_id)]


def open_clinic(clinic_id: str, settings: Mapping[str, Any], staff: Mapping[str, tuple[str, list[Role]]]) -> None:
    """Create a clinic; `staff` is e-mail address and roles by Firebase user id. Opening it again changes nothing."""
    if not clinic_keys.exists(clinic_id):
        clinic_keys.create(clinic_id)
    clinic = system_clinic(clinic_id, _CAUSE)

    def transaction(work: UnitOfWork) -> None:
        work.prefetch(ClinicSettings.ref(clinic_id))
        if work.get_or_none(ClinicSettings.ref(clinic_id)) is not None:
            return
        work.create(ClinicSettings.new(clinic_id, Stamp(SYSTEM, work.now), **settings))
        for user_id, (email, roles) in staff.items():
            user = {"email": email, "roles": roles, "tokens_valid_after": clinic.now().replace(microsecond=0)}
            work.create(User.new(user_id, Stamp(SYSTEM, work.now), **user, profile_excerpt=ProfileExcerpt()))

    clinic.perform("clinic.open", transaction)


def _invited(clinic_id: str, user_id: str) -> bool:
    """Invite a user; False if the last invitation is too recent or the user is disabled."""
    try:
        invite_again(system_clinic(clinic_id, _CAUSE), user_id)
    except (TooManyRequests, Conflict):
        return False
    return True


def _newcomers(clinic_id: str, addresses: Iterable[str]) -> list[str]:
    """The addresses without an account of this clinic, if the clinic is open: opening it again creates no users."""
    if not clinic_keys.exists(clinic_id):
        return []  # the clinic is not open, and without keys there is no audit
    users = {email: accounts.with_address(email) for email in addresses}
    free = {email: user_id for email, user_id in users.items() if not user_id or _may_have(clinic_id, user_id)}

    def transaction(work: UnitOfWork) -> list[str]:
        work.prefetch(ClinicSettings.ref(clinic_id), *(User.ref(user_id) for user_id in free.values() if user_id))
        if work.get_or_none(ClinicSettings.ref(clinic_id)) is None:
            return []
        return [email for email, user_id in free.items() if not user_id or work.get_or_none(User.ref(user_id)) is None]

    return system_clinic(clinic_id, _CAUSE).perform("clinic.open", transaction)


def _may_have(clinic_id: str, user_id: str) -> bool:
    """True if the account belongs to this clinic or to none."""
    return accounts.clinic_of(user_id) in ("", clinic_id)
