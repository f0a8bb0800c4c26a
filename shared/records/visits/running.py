"""The one running session of a doctor, and of a patient."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from shared.records.privacy import Plain
from shared.records.record import Keyset, Record
from shared.records.types import Id
from shared.records.visits.session import OPEN_STATES


class RunningSession(Record):
    """The last session of a doctor or a patient that ran; its id is that of the doctor or patient.

    The session itself says whether it still runs, so nothing must clear this record.
    """

    kind: ClassVar[str] = "RunningSession"
    collection: ClassVar[str] = "running_sessions"
    keyset: ClassVar[Keyset] = Keyset.CLINIC

    session_id: Plain[Id]


def is_running(session: Mapping[str, Any], now: datetime) -> bool:
    """True if the stored session runs and is not overdue: one that nobody ended must not block anybody for ever."""
    overdue_at = session["overdue_at"]
    return session["status"] in OPEN_STATES and (overdue_at is None or now < overdue_at)
