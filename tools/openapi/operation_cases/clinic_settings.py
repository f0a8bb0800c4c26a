"""Operations on the clinic's settings."""

from __future__ import annotations

from collections.abc import Mapping

from shared.records.billing.reminder_policy import POLICY_ID, PaymentReminderPolicy, PaymentReminderUpdate
from shared.records.clinic.logo import digest_of
from shared.records.clinic.settings_change import SettingsChange
from shared.records.record import Stamp
from shared.records.version import SettingsVersion
from tools.openapi.operation_cases.case import OperationCase, Placeholder, State, page
from tools.openapi.operation_cases.sample_clinic import BEGAN, CLINIC, COLLEAGUE, DOCTOR

_FOLLOWUP = {"session_type": "followup", "description": "Follow-up", "cpt_code": "99213"}
_CHANGE = {
    "payment_days": 30,
    "payment_terms": "Due within 30 days.",
    "fees": [{**_FOLLOWUP, "amount": 120_000}, {**_FOLLOWUP, "amount": 150_000, "doctor_id": DOCTOR}],
    "closures": [{"day": "2026-10-02", "name": "Gandhi Jayanti"}],
    "number_prefixes": {"invoice": "BAN", "bill_of_supply": "BOS", "credit_note": "CRN", "receipt": "RCT"},
}
_STAMP = Stamp(COLLEAGUE, BEGAN)
_CHANGED = SettingsChange.model_validate(_CHANGE).applied_to(CLINIC, _STAMP)
_VERSION = SettingsVersion.of(CLINIC, _CHANGED, _STAMP)
_WITH_LOGO = _CHANGED.revised(_STAMP, logo_sha256=digest_of(b"the picture"))

_REMINDERS = {
    "enabled": True,
    "days_after_due": [3, 10, 30],
    "channels": ["mail", "sms"],
    "quiet_time": {"begins": "20:00", "ends": "09:00"},
}
PAYMENT_REMINDERS = PaymentReminderPolicy.new(
    POLICY_ID, Stamp(DOCTOR, BEGAN), **PaymentReminderUpdate.model_validate(_REMINDERS).fields
)

CASES: Mapping[str, OperationCase] = {
    "clinic.get": OperationCase(answer=CLINIC, state=State.OWN_SETTINGS),
    "clinic.change": OperationCase(body=_CHANGE, answer=_CHANGED, state=State.OWN_SETTINGS),
    "clinic.versions": OperationCase(query={"page_size": 20}, answer=page(_VERSION), state=State.OWN_SETTINGS),
    "clinic.get_logo": OperationCase(state=State.OWN_SETTINGS),
    "clinic.put_logo": OperationCase(answer=_WITH_LOGO, state=State.OWN_SETTINGS, test_body=Placeholder.PICTURE),
    "clinic.get_payment_reminders": OperationCase(answer=PAYMENT_REMINDERS, state=State.OWN_SETTINGS),
    "clinic.put_payment_reminders": OperationCase(body=_REMINDERS, answer=PAYMENT_REMINDERS, state=State.OWN_SETTINGS),
    "clinic.delete_logo": OperationCase(state=State.OWN_SETTINGS),
}
