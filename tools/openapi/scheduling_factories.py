"""Records of scheduling besides appointments, for examples and tests."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from shared.records.patients.patient import Patient
from shared.records.record import Stamp
from shared.records.scheduling.series import AppointmentSeries
from shared.records.scheduling.waiting import WaitingEntry
from shared.records.scheduling.wall_clock import local_of
from shared.records.types import new_id


def waiting(of: Patient, stamp: Stamp, **values: Any) -> WaitingEntry:
    """An entry of the waiting list for a follow-up of half an hour with any doctor, for three months."""
    defaults = {
        "patient_id": of.id,
        "type": "followup",
        "duration_minutes": 30,
        "priority": "normal",
        "until": stamp.at.date() + timedelta(days=90),
    }
    return WaitingEntry.new(values.pop("id", None) or f"{of.id}-{new_id(10)}", stamp, **{**defaults, **values})


def series(of: Patient, stamp: Stamp, **values: Any) -> AppointmentSeries:
    """Three weekly follow-ups with the responsible doctor, from a week from now on."""
    first = datetime.fromisoformat(str(values.pop("scheduled_at", stamp.at + timedelta(days=7))))
    defaults = {
        "patient_id": of.id,
        "doctor_id": of.owner_id,
        "type": "followup",
        "duration_minutes": 30,
        "local_time": local_of(first, "Asia/Kolkata"),
        "time_zone": "Asia/Kolkata",
        "rule": "FREQ=WEEKLY;COUNT=3",
    }
    return AppointmentSeries.new(values.pop("id", None) or f"{of.id}-{new_id(10)}", stamp, **{**defaults, **values})
