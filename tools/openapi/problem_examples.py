"""An example of each type of problem that has details, and the members that only some types have."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from pydantic import TypeAdapter

from shared.records import problems
from shared.records.claims.omission import Omission, OmissionKind
from shared.records.clinic.consent_policy import ConsentPurpose
from shared.records.conflict_codes import ConflictCode, IdentityCode, LimitCode
from shared.records.partial_date import PartialDate
from shared.records.patients.consent_missing import ConsentMissing, ConsentReason, MissingConsent
from shared.records.patients.likeness import Reason
from shared.records.patients.obligations import Blocked, Blocker
from shared.records.problems import FieldError, Problem
from shared.records.reports.findings import findings_of
from shared.records.reports.resolutions import DoubtsUnresolved, UnresolvedFinding
from shared.records.scheduling import booked_day
from shared.records.scheduling.series_taken import NotFree, NotFreeReason, OfferedTime, SeriesTaken, TakenTime
from shared.records.scheduling.slot_taken import FreeSlot, OutsideSchedule, SlotTaken, Taken
from shared.records.types import Id
from shared.records.visits.live.in_the_way import AnotherRecorder, AudioMissing
from shared.records.visits.live.ranges import ranges_of
from shared.records.visits.live.recorded import LiveRecording
from shared.records.visits.session_running import Party, Running, SessionRunning
from tools.openapi.references import Schema, reference_to

ProblemType = type[Problem]
_NINE = datetime(2026, 9, 14, 3, 30, tzinfo=UTC)
_MONDAY = datetime(2026, 10, 12, 3, 30, tzinfo=UTC)
_LIVE = LiveRecording(
    recording_id="pt7k3mq9xw2c5vbn8h4d-s5m2wd8r-a1",
    recorder_id="9b1f3c52-7d0e-4a68-8f2b-c41d6e0a7b93",
    opened_at=_NINE,
    received=ranges_of([*range(1, 12), 14]),
    last_received_at=_NINE + timedelta(seconds=140),
)
_BLOCKER: Schema = {
    "type": "object",
    "properties": {
        "kind": {"type": "string", "description": "Such as `session`, `bill` or `appointment`."},
        "id": TypeAdapter(Id).json_schema(),
        "status": {"type": "string", "description": "The record's own."},
        "cancellable": {"type": "boolean", "description": "True if `cancel_pending` may name it."},
    },
    "required": ["kind", "id", "status", "cancellable"],
}
_COUNTS: Schema = {
    "type": "object",
    "description": "How many there are of each kind.",
    "additionalProperties": {"type": "integer"},
}
_DUPLICATE: Schema = {
    "type": "object",
    "properties": {
        "id": TypeAdapter(Id).json_schema(),
        "number": {"type": "string"},
        "name": {"type": "string"},
        "date_of_birth": TypeAdapter(PartialDate | None).json_schema(),
        "score": {"type": "integer", "description": "0 to 100; from 90 on, the two seem to be one person."},
        "reasons": {"type": "array", "items": reference_to("schemas", Reason.__name__)},
    },
    "required": ["id", "number", "name", "date_of_birth", "score", "reasons"],
}
_RUNNING: Schema = {
    "type": "object",
    "properties": {
        "of": {"type": "string", "enum": [*Party], "description": "Whose session it is."},
        "session_id": {
            "oneOf": [TypeAdapter(Id).json_schema(), {"type": "null"}],
            "description": "Null if the caller may not see the session.",
        },
    },
    "required": ["of", "session_id"],
}
_FREE: Schema = {
    "type": "array",
    "description": "Free times close by, in order.",
    "items": {
        "type": "object",
        "properties": {
            "scheduled_at": {"type": "string", "format": "date-time"},
            "local_time": {"type": "string", "description": "The same on the wall, in the appointment's time zone."},
        },
        "required": ["scheduled_at", "local_time"],
    },
}
_TAKEN: Schema = {
    "type": "object",
    "properties": {
        "of": {"type": "string", "enum": [*booked_day.Party], "description": "Whose time is taken."},
        "scheduled_at": {"type": "string", "format": "date-time"},
        "ends_at": {"type": "string", "format": "date-time"},
        "appointment_id": {
            "oneOf": [TypeAdapter(Id).json_schema(), {"type": "null"}],
            "description": "Null if the caller may not see the appointment.",
        },
    },
    "required": ["of", "scheduled_at", "ends_at", "appointment_id"],
}
_RECORDER: Schema = {
    "type": "object",
    "properties": {
        "recording_id": TypeAdapter(Id).json_schema(),
        "opened_at": {"type": "string", "format": "date-time"},
        "last_received_at": {"type": ["string", "null"], "format": "date-time", "description": "Null: no piece came."},
    },
    "required": ["recording_id", "opened_at", "last_received_at"],
}
_MISSING_AUDIO: Schema = {
    "type": "object",
    "properties": {
        "recording_id": TypeAdapter(Id).json_schema(),
        "numbers": {
            "type": "array",
            "description": "Ranges of pieces, the first 100.",
            "items": {
                "type": "object",
                "properties": {"first": {"type": "integer"}, "last": {"type": "integer"}},
                "required": ["first", "last"],
            },
        },
        "end_unknown": {"type": "boolean", "description": "True if the recorder has not called a piece its last."},
    },
    "required": ["recording_id", "numbers", "end_unknown"],
}
MEMBERS: Mapping[ProblemType, Schema] = {
    AnotherRecorder: {"code": {"type": "string", "const": AnotherRecorder.cause}, "recorder": _RECORDER},
    AudioMissing: {
        "code": {"type": "string", "const": AudioMissing.cause},
        "missing_audio": {"type": "array", "items": _MISSING_AUDIO},
    },
    problems.Duplicate: {
        "duplicates": {"type": "array", "items": TypeAdapter(Id).json_schema(), "description": "Their ids."},
        "duplicate_patients": {"type": "array", "items": _DUPLICATE},
    },
    Blocked: {
        "blocked_by": {"type": "array", "description": "The first 100 of each kind.", "items": _BLOCKER},
        "counts": _COUNTS,
        "left_out": {"type": "integer", "description": "How many are not in `blocked_by`."},
    },
    DoubtsUnresolved: {
        "findings": {"type": "array", "items": reference_to("schemas", UnresolvedFinding.__name__)},
    },
    SlotTaken: {"taken_by": {"type": "array", "items": _TAKEN}, "free_slots": _FREE},
    OutsideSchedule: {"free_slots": _FREE},
    SeriesTaken: {
        "count": {"type": "integer", "description": "Visits of the series."},
        "free": {"type": "integer", "description": "Those that are free."},
        "not_free": {"type": "array", "items": reference_to("schemas", NotFree.__name__)},
    },
    SessionRunning: {"running_sessions": {"type": "array", "items": _RUNNING}},
    ConsentMissing: {
        "missing_consents": {"type": "array", "items": reference_to("schemas", MissingConsent.__name__)},
    },
}
"""Additional members of some types of problem."""
EXAMPLES: Mapping[ProblemType, Problem] = {
    AnotherRecorder: AnotherRecorder(_LIVE),
    AudioMissing: AudioMissing([_LIVE]),
    problems.BadRequest: problems.BadRequest("the body is not JSON"),
    problems.Conflict: problems.Conflict(ConflictCode.SESSION_STATE, "a session that is completed cannot be paused"),
    problems.IdentityUnconfirmed: problems.IdentityUnconfirmed(
        IdentityCode.NOT_CONFIRMED,
        "an admin of the clinic must confirm your name and licence number",
    ),
    problems.TooManyRequests: problems.TooManyRequests(
        LimitCode.UPLOADS_OPEN, "5 uploads of the session are open: finish one, or wait until the oldest expires"
    ),
    problems.Duplicate: problems.Duplicate(
        [
            {
                "id": "pt7k3mq9xw2c5vbn8h4d",
                "number": "PAT-20260001",
                "name": "Ananya Kulkarni",
                "date_of_birth": "1988-11-23",
                "score": 90,
                "reasons": [
                    {"code": "similar_name", "fields": ["first_name", "last_name"]},
                    {"code": "same_birth_date", "fields": ["date_of_birth"]},
                ],
            }
        ],
        [
            FieldError("/first_name", "a patient has a similar one"),
            FieldError("/last_name", "a patient has a similar one"),
            FieldError("/date_of_birth", "a patient has the same"),
        ],
    ),
    ConsentMissing: ConsentMissing(
        [MissingConsent(purpose=ConsentPurpose.RECORDING, reason=ConsentReason.WITHDRAWN)],
    ),
    Blocked: Blocked(
        [
            Blocker("bill", "pt7k3mq9xw2c5vbn8h4d-s5m2wd8r-bill", "overdue", cancellable=False),
            Blocker("appointment", "pt7k3mq9xw2c5vbn8h4d-v6h3kp9x", "confirmed", cancellable=True),
        ],
        {"bill": 1, "appointment": 1},
    ),
    DoubtsUnresolved: DoubtsUnresolved(
        findings_of(
            [],
            [],
            [Omission.of(OmissionKind.DRUG, 3, "melatonin")],
        )
    ),
    SlotTaken: SlotTaken(
        [Taken(booked_day.Party.DOCTOR, _NINE, _NINE + timedelta(minutes=30), "pt7k3mq9xw2c5vbn8h4d-v6h3kp9x")],
        [FreeSlot(_NINE + timedelta(minutes=30), "2026-09-14T09:30:00")],
    ),
    OutsideSchedule: OutsideSchedule("the clinic is closed on this day", [FreeSlot(_NINE, "2026-09-14T09:00:00")]),
    SeriesTaken: SeriesTaken(
        14,
        [
            NotFree(
                date=_MONDAY.date(),
                local_time="2026-10-12T09:00:00",
                reason=NotFreeReason.TAKEN,
                detail="the doctor has another appointment at this time",
                taken_by=[
                    TakenTime(
                        of=booked_day.Party.DOCTOR,
                        scheduled_at=_MONDAY,
                        ends_at=_MONDAY + timedelta(minutes=30),
                        appointment_id="pt7k3mq9xw2c5vbn8h4d-v6h3kp9x",
                    )
                ],
                free_slots=[
                    OfferedTime(scheduled_at=_MONDAY + timedelta(minutes=30), local_time="2026-10-12T09:30:00")
                ],
            )
        ],
    ),
    SessionRunning: SessionRunning([Running(Party.DOCTOR, "pt7k3mq9xw2c5vbn8h4d-s5m2wd8r4k")]),
    problems.TooLarge: problems.TooLarge("at most 1000000 bytes"),
    problems.UnsupportedMediaType: problems.UnsupportedMediaType("send application/json"),
    problems.Invalid: problems.Invalid(
        errors=[
            FieldError("/date_of_birth", "must not be in the future"),
            FieldError("/emergency_contact/phone", "write it with + and the country code, such as +91 98123 45678"),
        ]
    ),
}
