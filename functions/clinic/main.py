"""/api/v1/clinic"""

from __future__ import annotations

from shared.records.reminders.policy import ReminderPolicy, ReminderPolicyUpdate
from shared.store.clinic import Clinic
from shared.web.api import Api
from shared.web.operations import ADMINS, FRONT_DESK
from shared.workflows.reminders import policies

api = Api("clinic")


@api.get("/reminders", roles=FRONT_DESK)
def get_reminders(clinic: Clinic) -> ReminderPolicy:
    """Get what the clinic sends to patients about their appointments.

    404 until an admin has set it: nothing is sent then.
    """
    return policies.get(clinic)


@api.put("/reminders", roles=ADMINS, requires_if_match=False)
def put_reminders(clinic: Clinic, update: ReminderPolicyUpdate) -> ReminderPolicy:
    """Set what the clinic sends to patients about their appointments: without If-Match the first time.

    Own texts are checked now, not when they are sent: slots, length, links, words that tell of health, and what Indian
    networks refuse. A change takes effect for reminders that are due in 3 hours or later, and at once for those that
    it no longer has.
    """
    return policies.put(clinic, update)


main = api.function()
