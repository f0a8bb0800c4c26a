"""Valid messages for examples and tests, as `factories` makes other records."""

from __future__ import annotations

from typing import Any

from shared.records.messages.kinds import Channel, MessageKind, MessageLanguage
from shared.records.messages.message import SEND_WITHIN, PatientMessage, StaffMessage, message_id
from shared.records.messages.slots import Slots
from shared.records.patients.patient import Patient
from shared.records.record import Stamp


def patient_message(of: Patient, stamp: Stamp, **values: Any) -> PatientMessage:
    """A code to the patient by SMS, queued just now."""
    cause = values.pop("cause", "code 1")
    defaults = {"patient_id": of.id, "to": "+919812345678", "channel": Channel.SMS}
    return PatientMessage.new(message_id(cause, of.id), stamp, **{**_defaults(stamp), **defaults, **values})


def staff_message(user_id: str, stamp: Stamp, **values: Any) -> StaffMessage:
    """A mail about unsigned reports to a doctor, queued just now."""
    slots = Slots(days=3, reports=["REP-20260001"], clinic_name="Aster Clinic")
    defaults = {"user_id": user_id, "to": f"{user_id}@clinic.example", "channel": Channel.MAIL, "slots": slots}
    mail = {"message_kind": MessageKind.REPORTS_UNSIGNED}
    return StaffMessage.new(
        message_id(f"unsigned {user_id}", None), stamp, **{**_defaults(stamp), **defaults, **mail, **values}
    )


def _defaults(stamp: Stamp) -> dict[str, Any]:
    return {
        "slots": Slots(code="123456", clinic_name="Aster Clinic"),
        "sender_name": "Aster Clinic",
        "message_kind": MessageKind.PASSCODE,
        "language": MessageLanguage.ENGLISH,
        "send_by": stamp.at + SEND_WITHIN,
        "requested_at": stamp.at,
    }
