"""What was agreed on about an appointment when a link for it was made. The link holds for this alone."""

from __future__ import annotations

from shared.records.record import Value
from shared.records.scheduling.wall_clock import LocalTime, Occurrence
from shared.records.types import Id, Zone


class AgreedVisit(Value):
    """The time on the wall and the doctor of an appointment. The instant is left out: rules of zones may change it."""

    local_time: LocalTime
    occurrence: Occurrence
    time_zone: Zone
    doctor_id: Id | None
