"""The problems that operations answer (RFC 9457), with examples."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import groupby

from pydantic import BaseModel

from shared.records import problems
from shared.records.problems import Problem
from shared.web.operations import Operation
from shared.web.response import problem_response
from tools.codes import described_codes
from tools.openapi.answers import media_types_of
from tools.openapi.problem_examples import EXAMPLES, MEMBERS, ProblemType
from tools.openapi.references import Schema, answer_header, reference_to

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
_HEADERS = {
    401: {"WWW-Authenticate": "`Bearer`, with parameters of RFC 9470 if the sign-in does not suffice."},
    409: {"Retry-After": "Seconds, if the same request succeeds after a while."},
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


def example_of(kind: ProblemType) -> Problem:
    """A problem of this kind, with details."""
    return EXAMPLES.get(kind) or kind()


def problems_of(operation: Operation) -> set[ProblemType]:
    """The types of problem that an operation may answer."""
    found: set[ProblemType] = {*_ALWAYS, *operation.problems}
    found.update(_OF_BODIES if operation.media_types else ())
    digested = operation.upload is not None and operation.upload.digested
    found.update([problems.BadRequest] if operation.body or operation.accepts_idempotency_key or digested else ())
    found.update(_OF_REVISIONS if operation.accepts_if_match else ())
    found.update([problems.Conflict] if _depends_on_state(operation) else ())
    found.update([problems.Duplicate] if _finds_duplicates(operation) else ())
    found.update([problems.TooManyRequests] if operation.counts_shown else ())
    return found


def by_status(operation: Operation) -> Iterator[list[ProblemType]]:
    """The types of problem that an operation may answer, grouped by status."""
    found: list[ProblemType] = sorted(problems_of(operation), key=lambda kind: (kind.status, kind.name))
    return (list(kinds) for _, kinds in groupby(found, key=lambda kind: kind.status))


def _depends_on_state(operation: Operation) -> bool:
    """True if the operation creates, changes or renders something: the stored state may not allow that."""
    acts = bool(operation.signature.parameters) and operation.method != "GET"
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
    members = {**({"code": _code_schema(kind.codes)} if kind.codes else {}), **MEMBERS.get(kind, {})}
    own = {
        "type": {"type": "string", "const": f"urn:synapseai:problem:{kind.name}"},
        "status": {"type": "integer", "const": kind.status},
        **members,
    }
    description = {"description": inspect.cleandoc(kind.__doc__)} if kind.__doc__ else {}
    properties = {"type": "object", "properties": own, "required": [*own]}
    return {"title": kind.title, **description, "allOf": [reference_to("schemas", ProblemDetails.__name__), properties]}
