"""Opening a clinic: its keys, settings, first template and first people. Done by the platform's operator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.gateways import accounts
from shared.records.clinic import ClinicSettings
from shared.records.people import User
from shared.records.record import SYSTEM
from shared.records.template import DEFAULT_TEMPLATE_ID, ReportTemplate, default_sections
from shared.records.types import Role
from shared.store import database
from shared.store.clinic import system_clinic
from shared.store.work import KEYS, Work
from shared.vault import keyring


class ElsewhereError(Exception):
    """These e-mail addresses have accounts of another clinic."""


def open_with_staff(clinic_id: str, settings: Mapping[str, Any], staff: Mapping[str, list[Role]]) -> dict[str, str]:
    """Create a clinic with its first people, given by e-mail address; returns each one's link to choose a password.

    Doing it again finishes what was begun. Raises ElsewhereError before anything is opened.
    """
    users = {email: accounts.account_of(email, clinic_id) for email in staff}
    clinics = {email: accounts.clinic_of(user_id) for email, user_id in users.items()}
    if elsewhere := [email for email, clinic in clinics.items() if clinic not in ("", clinic_id)]:
        raise ElsewhereError(*elsewhere)
    open_clinic(clinic_id, settings, {users[email]: (email, roles) for email, roles in staff.items()})
    for user_id in users.values():
        accounts.route(user_id, clinic_id)
    return {email: accounts.password_link(email) for email in staff}


def open_clinic(clinic_id: str, settings: Mapping[str, Any], staff: Mapping[str, tuple[str, list[Role]]]) -> None:
    """Create a clinic; `staff` is e-mail address and roles by Firebase user id. Opening it again changes nothing."""
    keys = database.client().document("clinics", clinic_id, *KEYS.split("/"))
    if not keys.get().exists:
        keys.create(keyring.create(clinic_id))
    clinic = system_clinic(clinic_id, "open-clinic")

    def story(work: Work) -> None:
        work.fetch(ClinicSettings.at(clinic_id))
        if work.find(ClinicSettings.at(clinic_id)) is not None:
            return
        work.create(ClinicSettings.new(clinic_id, by=SYSTEM, at=work.now, **settings))
        template = {"name": "Consultation", "sections": default_sections(), "is_default": True, "is_public": True}
        work.create(ReportTemplate.new(DEFAULT_TEMPLATE_ID, by=SYSTEM, at=work.now, **template))
        for user_id, (email, roles) in staff.items():
            user = {"email": email, "roles": roles, "tokens_valid_after": clinic.clock().replace(microsecond=0)}
            work.create(User.new(user_id, by=SYSTEM, at=work.now, **user))

    clinic.perform("clinic.open", story)
