"""A clinic's policy of payment reminders."""

from __future__ import annotations

from shared.records.billing.reminder_policy import POLICY_ID, PaymentReminderPolicy, PaymentReminderUpdate
from shared.records.problems import raise_if_any
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork

POLICY = PaymentReminderPolicy.ref(POLICY_ID)


def get(clinic: Clinic) -> PaymentReminderPolicy:
    """The policy. Raises NotFound for a clinic that has none yet and reminds nobody."""
    return clinic.perform("payment_reminders.read", lambda work: work.get(POLICY))


def put(clinic: Clinic, update: PaymentReminderUpdate) -> PaymentReminderPolicy:
    """Create or replace the policy; what it replaces is kept as a version. Raises Invalid with everything wrong."""

    def transaction(work: UnitOfWork) -> PaymentReminderPolicy:
        work.prefetch(POLICY, work.settings_ref())
        before, settings = work.get_or_none_for_update(POLICY), work.settings()
        raise_if_any([*update.errors()])
        if before is None:
            after = work.create(PaymentReminderPolicy.new(POLICY_ID, work.stamp, **update.fields))
        else:
            after = work.save_edit(before, before.edited(work.stamp, **update.fields))
        if settings.payment_reminder_days != after.first_day:
            work.save(settings.amended(payment_reminder_days=after.first_day))
        return after

    return clinic.perform("payment_reminders.update", transaction)
