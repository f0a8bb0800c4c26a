"""The messages that a patient gets about an appointment."""

from __future__ import annotations

from enum import StrEnum

from shared.records.messages.kinds import MessageKind


class VisitNotice(StrEnum):
    """What a message about an appointment tells."""

    BOOKED = "booked"
    MOVED = "moved"
    """The new time; it does not name the earlier one."""
    CANCELLED = "cancelled"
    REMINDER = "reminder"

    @property
    def message_kind(self) -> MessageKind:
        """The kind of the message."""
        return MessageKind(f"visit_{self.value}")


NOTICES = {notice.message_kind: notice for notice in VisitNotice}
"""By the kind of the message."""


class Void(StrEnum):
    """Why a message about an appointment or a bill is not sent: the `error_code` of the message that records it."""

    APPOINTMENT_GONE = "appointment_gone"
    APPOINTMENT_CHANGED = "appointment_changed"
    """It was cancelled, moved, kept or missed, or the patient has come."""
    BILL_CHANGED = "bill_changed"
    """The bill was cancelled or replaced; a reminder is also void once the patient owes nothing, or says why not."""
    NO_DOCTOR = "no_doctor"
    """The doctor lost the appointment, and the front desk has not assigned another one."""
    PATIENT_GONE = "patient_gone"
    """The patient is deleted or has died."""
    NOT_WANTED = "not_wanted"
    """The clinic's policy has no such message any more."""
    TOO_LATE = "too_late"
    OPTED_OUT = "opted_out"
    NOT_OPTED_IN = "not_opted_in"
    NO_ADDRESS = "no_address"
    ADDRESS_CHANGED = "address_changed"
    ADDRESS_BOUNCES = "address_bounces"
    BIRTH_DATE_INCOMPLETE = "birth_date_incomplete"
    """Its link would open with the day of birth, which is not known."""
    NOT_REGISTERED = "not_registered"
    """An Indian number, and no text is registered for it."""
