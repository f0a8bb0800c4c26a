"""The problems that operations answer (RFC 9457), with examples."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import groupby

from pydantic import BaseModel, TypeAdapter

from shared.records import problems
from shared.records.claims.omission import Omission, OmissionKind
from shared.records.clinic.consent_policy import ConsentPurpose
from shared.records.conflict_codes import ConflictCode, IdentityCode, LimitCode
from shared.records.patients.consent_missing import ConsentMissing, ConsentReason, MissingConsent
from shared.records.problems import Blocker, FieldError, Problem
from shared.records.reports.findings import findings_of
from shared.records.reports.resolutions import DoubtsUnresolved, UnresolvedFinding
from shared.records.scheduling import booked_day
from shared.records.scheduling.slot_taken import FreeSlot, OutsideHours, SlotTaken, Taken
from shared.records.types import Id
from shared.records.visits.session_running import Party, Running, SessionRunning
from shared.web.operations import Operation
from shared.web.response import problem_response
from tools.codes import described_codes
from tools.openapi.answers import media_types_of
from tools.openapi.references import Schema, answer_header, reference_to

ProblemType = type[Problem]
_NINE = datetime(2026, 9, 14, 3, 30, tzinfo=UTC)
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
_ALWAYS = (
    problems.Unauthenticated,
    problems.Forbidden,
    problems.NotFound,
    problems.Invalid,  # a parameter that the operation does not know
    problems.Problem,
    problems.RecordUnreadable,
    problems.Unavailable,
)
_OF_BODIES = (problems.TooLarge, problems.UnsupportedMediaType)
_OF_REVISIONS = (problems.BadRequest, problems.PreconditionFailed, problems.PreconditionRequired)
_BLOCKER: Schema = {
    "type": "object",
    "properties": {
        "kind": {"type": "string", "description": "Such as `session`, `bill` or `appointment`."},
        "id": TypeAdapter(Id).json_schema(),
    },
    "required": ["kind", "id"],
}
_DUPLICATE: Schema = {
    "type": "object",
    "properties": {
        "id": TypeAdapter(Id).json_schema(),
        "number": {"type": "string"},
        "name": {"type": "string"},
        "date_of_birth": {"type": "string", "format": "date"},
    },
    "required": ["id", "number", "name", "date_of_birth"],
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
_MEMBERS: Mapping[ProblemType, Schema] = {
    problems.Duplicate: {
        "duplicates": {"type": "array", "items": TypeAdapter(Id).json_schema(), "description": "Their ids."},
        "duplicate_patients": {"type": "array", "items": _DUPLICATE},
    },
    problems.Blocked: {"blocked_by": {"type": "array", "items": _BLOCKER}},
    DoubtsUnresolved: {
        "findings": {"type": "array", "items": reference_to("schemas", UnresolvedFinding.__name__)},
    },
    SlotTaken: {"taken_by": {"type": "array", "items": _TAKEN}, "free_slots": _FREE},
    OutsideHours: {"free_slots": _FREE},
    SessionRunning: {"running_sessions": {"type": "array", "items": _RUNNING}},
    ConsentMissing: {
        "missing_consents": {"type": "array", "items": reference_to("schemas", MissingConsent.__name__)},
    },
}
"""Additional members of some types of problem."""
_HEADERS = {
    401: {"WWW-Authenticate": "`Bearer`, with parameters of RFC 9470 if the sign-in does not suffice."},
    429: {"Retry-After": "Seconds."},
    503: {"Retry-After": "Seconds."},
}


class WrongField(BaseModel):
    """One thing wrong with a request."""

    pointer: str
    """A JSON pointer into the body, or the name of a parameter or header."""
    detail: str


class ProblemDetails(BaseModel):
    """A refusal (RFC 9457)."""

    type: str
    """Stable: `urn:synapseai:problem:` and a name."""
    title: str
    status: int
    trace_id: str
    """Of the request; support asks for it."""
    detail: str = ""
    """What exactly, where there is more to say than the title."""
    errors: list[WrongField] = []
    """Everything that is wrong with the request."""


_EXAMPLES: Mapping[ProblemType, Problem] = {
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
                "date_of_birth": "1991-06-02",
            }
        ],
        [FieldError("/primary_phone", "another patient has this number")],
    ),
    ConsentMissing: ConsentMissing(
        [MissingConsent(purpose=ConsentPurpose.RECORDING, reason=ConsentReason.WITHDRAWN)],
    ),
    problems.Blocked: problems.Blocked([Blocker("bill", "pt7k3mq9xw2c5vbn8h4d-s5m2wd8r-bill")]),
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
    OutsideHours: OutsideHours("the clinic is closed on this day", [FreeSlot(_NINE, "2026-09-14T09:00:00")]),
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


def example_of(kind: ProblemType) -> Problem:
    """A problem of this kind, with details."""
    return _EXAMPLES.get(kind) or kind()


def problems_of(operation: Operation) -> set[ProblemType]:
    """The types of problem that an operation may answer."""
    found: set[ProblemType] = {*_ALWAYS, *operation.problems}
    found.update(_OF_BODIES if operation.media_types else ())
    found.update([problems.BadRequest] if operation.body or operation.accepts_idempotency_key else ())
    found.update(_OF_REVISIONS if operation.accepts_if_match else ())
    found.update([problems.Conflict] if _depends_on_state(operation) else ())
    found.update([problems.Duplicate] if _finds_duplicates(operation) else ())
    found.update([problems.TooManyRequests] if operation.counts_shown else ())
    found.update([problems.Blocked] if operation.status == 204 else ())
    return found


def by_status(operation: Operation) -> Iterator[list[ProblemType]]:
    """The types of problem that an operation may answer, grouped by status."""
    found: list[ProblemType] = sorted(problems_of(operation), key=lambda kind: (kind.status, kind.name))
    return (list(kinds) for _, kinds in groupby(found, key=lambda kind: kind.status))


def _depends_on_state(operation: Operation) -> bool:
    """True if the operation creates, changes or renders something: the stored state may not allow that."""
    acts = bool(operation.parameters) and operation.method != "GET"
    return acts or operation.requires_idempotency_key or bool(media_types_of(operation))


def _finds_duplicates(operation: Operation) -> bool:
    """True if a field of the request overrides the warning of duplicates."""
    return operation.body is not None and any("duplicate" in name for name in operation.body.model_fields)


def response_name(kinds: Sequence[ProblemType]) -> str:
    return "-or-".join(kind.name for kind in kinds)


def response_of(kinds: Sequence[ProblemType]) -> Schema:
    """The answer with one of these types of problem, all of one status."""
    references = [reference_to("schemas", schema_name(kind)) for kind in kinds]
    examples = {kind.name: {"value": problem_response(example_of(kind), TRACE).get_json()} for kind in kinds}
    titles = "; ".join(f"{kind.title} (`{kind.name}`)" for kind in kinds)
    texts = {"X-Request-Id": "The trace id.", **_HEADERS.get(kinds[0].status, {})}
    content = {"schema": references[0] if len(references) == 1 else {"oneOf": references}, "examples": examples}
    return {
        "description": f"{titles}.",
        "headers": {name: answer_header(text) for name, text in texts.items()},
        "content": {"application/problem+json": content},
    }


def schema_name(kind: ProblemType) -> str:
    return f"{kind.name.title().replace('-', '')}Problem"


def _code_schema(codes: type[StrEnum]) -> Schema:
    """The schema of the causes of a problem."""
    return {"type": "string", "enum": [*codes], "description": described_codes(codes)}


def schema_of(kind: ProblemType) -> Schema:
    """The schema of one type of problem; its `type` is a constant."""
    members = {**({"code": _code_schema(kind.codes)} if kind.codes else {}), **_MEMBERS.get(kind, {})}
    own = {
        "type": {"type": "string", "const": f"urn:synapseai:problem:{kind.name}"},
        "status": {"type": "integer", "const": kind.status},
        **members,
    }
    description = {"description": inspect.cleandoc(kind.__doc__)} if kind.__doc__ else {}
    properties = {"type": "object", "properties": own, "required": [*own]}
    return {"title": kind.title, **description, "allOf": [reference_to("schemas", ProblemDetails.__name__), properties]}
