"""The refusal of a second appointment at one time, apart from the appointments: every function names it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.records.problems import Problem

OFFERED = 3
"""Free times that a refusal offers."""


@dataclass(frozen=True)
class Taken:
    """An appointment that excludes the one that was asked for."""

    of: str
    """`doctor`, `patient` or `room`."""
    starts_at: datetime
    ends_at: datetime
    appointment_id: str | None
    """None if the caller may not see the appointment."""


@dataclass(frozen=True)
class FreeSlot:
    """A time at which an appointment can be booked."""

    starts_at: datetime
    local_time: str
    """The same on the wall, in the time zone of the appointment."""


class SlotTaken(Problem):
    """The doctor, the patient or the room has another appointment at this time, or the doctor keeps the time around it
    free. `taken_by` names what is in the way, and `free_slots` up to three times close by."""

    status, name, title = 409, "slot-taken", "This time is taken"

    def __init__(self, taken: Sequence[Taken], free: Sequence[FreeSlot]) -> None:
        whose = " and ".join(dict.fromkeys(f"the {one.of}" for one in taken))
        super().__init__(f"{whose} has another appointment at this time")
        self.taken, self.free = tuple(taken), tuple(free)

    @property
    def members(self) -> Mapping[str, Any]:
        """What is in the way, and free times close to the one that was asked for."""
        return {
            "taken_by": [
                {
                    "of": one.of,
                    "scheduled_at": _utc(one.starts_at),
                    "ends_at": _utc(one.ends_at),
                    "appointment_id": one.appointment_id,
                }
                for one in self.taken
            ],
            "free_slots": free_slots_json(self.free),
        }


class OutsideSchedule(Problem):
    """The doctor does not work at this time, or it is blocked, or the clinic is closed; `free_slots` has up to three
    times close by. With `outside_schedule` the request books it all the same."""

    status, name, title = 409, "outside-schedule", "The doctor does not work at this time"

    def __init__(self, reason: str, free: Sequence[FreeSlot]) -> None:
        super().__init__(reason)
        self.free = tuple(free)

    @property
    def members(self) -> Mapping[str, Any]:
        """Free times close to the one that was asked for."""
        return {"free_slots": free_slots_json(self.free)}


def free_slots_json(free: Sequence[FreeSlot]) -> list[dict[str, str]]:
    """Free times, as problems have them."""
    return [{"scheduled_at": _utc(one.starts_at), "local_time": one.local_time} for one in free]


def _utc(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
