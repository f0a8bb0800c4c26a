"""The clinic's settings, as its staff reads and its admins change them."""

from __future__ import annotations

from collections.abc import Iterator

from shared.records.clinic.people import User
from shared.records.clinic.settings import ClinicSettings
from shared.records.clinic.settings_change import SettingsChange
from shared.records.clinic.settings_rules import errors_of
from shared.records.conflict_codes import ConflictCode
from shared.records.messages.slots import short_name
from shared.records.page import Page, PageQuery
from shared.records.problems import Conflict, FieldError, Invalid
from shared.records.record import Ref
from shared.records.reminders.policy import POLICY_ID, ReminderPolicy
from shared.records.reminders.policy_rules import LONGEST_DLT_SLOT, too_long_for_networks
from shared.records.types import Role
from shared.records.version import SettingsVersion
from shared.records.visits.session import SessionType
from shared.store import pagination
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.clinic import settings_in_use

SESSION_TYPES = frozenset(SessionType)
"""The visits that fees are of."""
_POLICY = ReminderPolicy.ref(POLICY_ID)


def get(clinic: Clinic) -> ClinicSettings:
    """The settings."""
    return clinic.perform("clinic.read", lambda work: work.get(work.settings_ref()))


def change(clinic: Clinic, changes: SettingsChange) -> ClinicSettings:
    """Change settings; what they replace is kept as a version.

    Raises Invalid with everything that is wrong, or Conflict with everything that still uses the settings of before.
    """

    def transaction(work: UnitOfWork) -> ClinicSettings:
        work.prefetch(work.settings_ref(), *_doctors(changes), *([_POLICY] if _renames(changes) else []))
        before = work.get_for_update(work.settings_ref())
        settled, errors_of_phone = changes.with_phone(before)
        after = settled.applied_to(before, work.stamp)
        errors = [
            *errors_of_phone,
            *errors_of(before, after, changes.model_fields_set, SESSION_TYPES),
            *_errors_of_doctors(work, before, after),
            *_errors_of_name(work, before, after),
        ]
        in_use = [*settings_in_use.of_change(work, before, after, despite_appointments=changes.despite_appointments)]
        if errors:
            raise Invalid(errors=[*errors, *in_use])
        if in_use:
            raise Conflict(ConflictCode.SETTINGS_IN_USE, "other records use the settings of before", in_use)
        return work.save_edit(before, after)

    return clinic.perform("clinic.update", transaction)


def versions(clinic: Clinic, query: PageQuery) -> Page[SettingsVersion]:
    """A page of the changes of the settings, newest first."""

    def transaction(work: UnitOfWork) -> Page[SettingsVersion]:
        return pagination.newest(work, SettingsVersion, query, [pagination.LIVE])

    return clinic.perform("clinic.versions", transaction)


def _doctors(changes: SettingsChange) -> list[Ref[User]]:
    """The doctors whom the fees of a change name."""
    return [User.ref(id) for id in sorted({fee.doctor_id for fee in changes.fees or [] if fee.doctor_id})]


def _errors_of_doctors(work: UnitOfWork, before: ClinicSettings, after: ClinicSettings) -> Iterator[FieldError]:
    """The fees that name nobody who is a doctor here. Those that the clinic has already stay when a doctor leaves."""
    known = {fee.doctor_id for fee in before.fees}
    for index, fee in enumerate(after.fees):
        if fee.doctor_id is None or fee.doctor_id in known:
            continue
        user = work.get_or_none(User.ref(fee.doctor_id))
        if user is None or Role.DOCTOR not in user.roles:
            yield FieldError(f"/fees/{index}/doctor_id", "not a doctor of this clinic")


def _renames(changes: SettingsChange) -> bool:
    return not changes.model_fields_set.isdisjoint({"name", "message_name"})


def _errors_of_name(work: UnitOfWork, before: ClinicSettings, after: ClinicSettings) -> Iterator[FieldError]:
    """Whether networks still take the registered texts that are signed with the clinic's name."""
    name = short_name(after.name_in_messages)
    if name == short_name(before.name_in_messages) or (policy := work.get_or_none(_POLICY)) is None:
        return
    if too_long_for_networks(name, policy):
        field = "message_name" if after.message_name else "name"
        yield FieldError(f"/{field}", f"signs registered text messages, with at most {LONGEST_DLT_SLOT} characters")
