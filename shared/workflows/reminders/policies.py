"""The reminder policy of a clinic."""

from __future__ import annotations

from shared.lazily import lazily
from shared.records.problems import raise_if_any
from shared.records.reminders.policy import POLICY_ID, ReminderPolicy
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.messages.slots import short_name
    from shared.records.reminders.policy import ReminderPolicyUpdate, fields_of_update
    from shared.records.reminders.policy_rules import policy_errors

POLICY = ReminderPolicy.ref(POLICY_ID)


def get(clinic: Clinic) -> ReminderPolicy:
    """The policy. Raises NotFound for a clinic that has none yet and sends nothing."""
    return clinic.perform("reminders.read", lambda work: work.get(POLICY))


def put(clinic: Clinic, update: ReminderPolicyUpdate) -> ReminderPolicy:
    """Create or replace the policy. Raises Invalid with everything that is wrong with it."""

    def transaction(work: UnitOfWork) -> ReminderPolicy:
        work.prefetch(POLICY, work.settings_ref())
        before, settings = work.get_or_none_for_update(POLICY), work.settings()
        raise_if_any([*policy_errors(update, short_name(settings.name_in_messages))])
        fields = fields_of_update(update)
        if before is None:
            after = work.create(ReminderPolicy.new(POLICY_ID, work.stamp, **fields))
        else:
            after = work.save_edit(before, before.edited(work.stamp, **fields))
        if settings.reminder_minutes != after.longest_before:
            work.save(settings.amended(reminder_minutes=after.longest_before))
        return after

    return clinic.perform("reminders.update", transaction)
