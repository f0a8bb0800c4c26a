"""The settings of a clinic that its staff reads with every start of an app."""

from __future__ import annotations

from typing import Self

from shared.records.clinic.consent_policy import AfterWithdrawal, ConsentPolicy, ConsentPurpose
from shared.records.clinic.recording_policy import PiecesInPauses
from shared.records.clinic.settings import BillIssue, ClinicSettings, Closure, Fee, OpeningHours, Room
from shared.records.record import Value
from shared.records.text import Name
from shared.records.types import Currency, Id, Zone


class PublicSettings(Value):
    """The settings of a clinic that everybody of its staff reads."""

    id: Id
    name: Name
    time_zone: Zone
    """The time zone of the clinic's days: of `day` in lists, of ages and of bills."""
    currency: Currency
    """Of all amounts; they are in its minor unit."""
    hours: list[OpeningHours]
    """Empty if the clinic has not set any."""
    closures: list[Closure]
    rooms: list[Room]
    """Rooms that an appointment can name; each takes one at a time."""
    fees: list[Fee]
    """The prices of visits, by type and duration."""
    bill_issue: BillIssue
    backdating_days: int
    """How long before its registration a visit may have started."""
    visit_limit_hours: int
    """A session that runs for longer is `overdue_running`."""
    undo_minutes: int
    """How long a completed or cancelled session can be reopened."""
    consent_policy: ConsentPolicy
    recording_purposes: list[ConsentPurpose]
    """Purposes that a recording needs consents to besides `recording`."""
    consent_witness_required: bool
    """True if a consent needs a witness."""
    consent_backdating_days: int
    """How long before it is recorded here a consent may have been given."""
    after_withdrawal: AfterWithdrawal
    pieces_in_pauses: PiecesInPauses
    """What becomes of live audio that was captured while the session was paused."""

    @classmethod
    def of(cls, settings: ClinicSettings) -> Self:
        return cls(**{name: getattr(settings, name) for name in cls.model_fields})
