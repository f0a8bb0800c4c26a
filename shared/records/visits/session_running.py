"""The refusal of a second running session, apart from the sessions: every function names it, and few load those."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from shared.records.problems import Problem


class Party(StrEnum):
    """A person who can be in one session at a time."""

    DOCTOR = "doctor"
    PATIENT = "patient"


@dataclass(frozen=True)
class Running:
    """A running session that excludes another one."""

    of: Party
    session_id: str | None
    """None if the caller may not see the session."""


class SessionRunning(Problem):
    """The doctor or the patient has a running session; each may have one at a time. `running_sessions` names it."""

    status, name, title = 409, "session-running", "Another session is running"

    def __init__(self, running: Sequence[Running]) -> None:
        whose = " and of ".join(f"the {one.of}" for one in running)
        super().__init__(f"a session of {whose} is running or paused: complete or cancel it first")
        self.running = tuple(running)

    @property
    def members(self) -> Mapping[str, Any]:
        """Whose sessions run, and the ids of those that the caller may see."""
        return {"running_sessions": [{"of": one.of.value, "session_id": one.session_id} for one in self.running]}
