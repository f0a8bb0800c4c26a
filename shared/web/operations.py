"""Operations of the API, derived from the signatures of their handlers."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypedDict, Unpack

from pydantic import BaseModel

from shared.records.patients.consent_missing import ConsentMissing
from shared.records.patients.obligations import Blocked
from shared.records.problems import Gone, NoneYet, Problem, SignatureInvalid, TooManyRequests
from shared.records.types import Role
from shared.records.visits.live.in_the_way import AudioMissing
from shared.records.visits.session_running import SessionRunning
from shared.store.clinic import Clinic

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
"""RFC 7396: named fields are changed, null clears a field."""

ANYONE = frozenset(Role)
FRONT_DESK = ANYONE
"""Demographics, appointments, bills: all roles."""
CLINICIANS = frozenset({Role.DOCTOR, Role.ADMIN})
"""Clinical content."""
DOCTORS = frozenset({Role.DOCTOR})
ADMINS = frozenset({Role.ADMIN})
"""Administration of users."""


Problems = frozenset[type[Problem]]
"""Types of problem that only some operations answer; the API description publishes them."""
BLOCKED: Problems = frozenset({Blocked})
"""Operations that wait for what is open about a patient."""
UNVERIFIED: Problems = frozenset({SignatureInvalid})
"""Reading signed reports."""
LIMITED: Problems = frozenset({TooManyRequests})
"""Operations that a person may do a limited number of times."""
CONSENTED: Problems = frozenset({ConsentMissing})
"""Operations that need consents of the patient."""
EXCLUSIVE: Problems = frozenset({SessionRunning})
"""Operations that let a session run: doctor and patient may have one running session."""
NONE_YET: Problems = frozenset({NoneYet})
"""Reading what a record may not have yet. A record that the caller may not see is `not-found`."""
WHOLE: Problems = frozenset({AudioMissing})
"""Operations that end a visit: all of its live audio must be here."""
GONE: Problems = frozenset({Gone})
"""Reading what may be deleted while its record stays."""


@dataclass(frozen=True)
class RawBody:
    """Marks an argument that takes the request's whole body unparsed: `Annotated[bytes, RawBody(…)]`."""

    media_types: tuple[str, ...]
    largest: int
    """Bytes."""
    digested: bool = False
    """True if the Content-Digest header (RFC 9530) is required: nothing is done with a body that differs from it."""


class Options(TypedDict, total=False):
    """What a resource may declare of an operation; the defaults are those of `Operation`."""

    status: int
    requires_idempotency_key: bool
    requires_if_match: bool
    problems: Problems
    alias_of: str


@dataclass(frozen=True)
class Operation:
    """A method on a path, with its roles, parameters and result."""

    method: str
    path: str
    """The path below the resource, with parameters in braces: `/{id}/complete`."""
    handler: Callable[..., Any]
    roles: frozenset[Role]
    argument: str
    """The handler's argument with the body, or with the query string of a GET or a DELETE; empty if there is none."""
    query: type[BaseModel] | None
    """The model of the query string of a GET or a DELETE, or of an upload."""
    body: type[BaseModel] | None
    """The model of the JSON body."""
    upload: RawBody | None
    """The body, if it is not JSON."""
    parameters: tuple[str, ...]
    returns: Any
    optional_body: bool
    """True if the JSON body may be missing."""
    query_argument: str = ""
    """The handler's argument with the query string of an upload; empty for other operations."""
    status: int = 200
    requires_idempotency_key: bool = False
    """True if the Idempotency-Key header is required: the operation creates a resource or moves money."""
    requires_if_match: bool = False
    """True if the If-Match header is required: the operation changes a revision that the client must have seen."""
    problems: Problems = frozenset()
    alias_of: str = ""
    """The method and path that clients should prefer, such as `PATCH /sessions/{id}`, where the handler has two."""

    @property
    def accepts_idempotency_key(self) -> bool:
        """True if the operation honours Idempotency-Key. Searches do not: they have no side effects."""
        return self.method == "POST" and (self.requires_idempotency_key or self.requires_if_match)

    @property
    def accepts_if_match(self) -> bool:
        """True if the operation honours If-Match. A PUT that does not require it can create the resource."""
        return self.requires_if_match or self.method == "PUT"

    @property
    def counts_shown(self) -> bool:
        """True if the records that the operation shows count for the caller's quota: GET, and POST for a search."""
        searches = self.method == "POST" and not self.accepts_idempotency_key and self.status == 200
        return self.method == "GET" or searches

    @property
    def media_types(self) -> tuple[str, ...]:
        """The accepted media types of the body; empty for operations without a body."""
        if self.upload:
            return self.upload.media_types
        if self.body is None:
            return ()
        return (JSON, MERGE_PATCH) if self.method == "PATCH" else (JSON,)

    @property
    def name(self) -> str:
        return f"{self.handler.__name__}_by_{self.method.lower()}" if self.alias_of else self.handler.__name__

    @property
    def summary(self) -> str:
        if self.alias_of:
            return f"As `{self.alias_of}`, which new clients should use."
        return (inspect.getdoc(self.handler) or "").partition("\n")[0]

    @property
    def description(self) -> str:
        return (inspect.getdoc(self.handler) or "").partition("\n")[2].strip()


def operation(
    method: str,
    path: str,
    handler: Callable[..., Any],
    *,
    roles: frozenset[Role],
    **options: Unpack[Options],
) -> Operation:
    """Read a handler's signature: `clinic`, path parameters by name, and at most one further argument.

    The further argument is a model (of the query string of a GET or DELETE, of the JSON body otherwise) or bytes marked
    with `RawBody`, beside which there may be a model of the query string. A body whose type allows None may be missing.
    Raises TypeError for any other signature.
    """
    hints = typing.get_type_hints(handler, include_extras=True)
    returns = hints.pop("return", None)
    if hints.pop("clinic", None) is not Clinic:
        raise TypeError(f"{handler.__name__} must take clinic: Clinic first")
    parameters = tuple(name for name in hints if f"{{{name}}}" in path)
    others = {name: hint for name, hint in hints.items() if name not in parameters}
    upload_argument = next((name for name, hint in others.items() if _upload(hint)), "")
    query_argument = next((name for name in others if name != upload_argument), "") if upload_argument else ""
    beside = _model(others.pop(query_argument, None))
    if len(others) > 1:
        raise TypeError(f"{handler.__name__}: one argument at most that is not in the path")
    argument, hint = next(iter(others.items()), ("", None))
    hint, optional = _without_none(hint)
    upload = _upload(hint)
    in_query = method in ("GET", "DELETE")
    model = _model(hint)
    if argument and not (upload or model):
        raise TypeError(f"{handler.__name__}: {argument} is neither in the path nor a model nor an upload")
    return Operation(
        method=method,
        path=path,
        handler=handler,
        roles=roles,
        argument=argument,
        query=model if in_query else beside,
        body=None if in_query else model,
        upload=upload,
        parameters=parameters,
        returns=returns,
        optional_body=optional,
        query_argument=query_argument,
        **options,
    )


def _model(hint: Any) -> type[BaseModel] | None:
    return hint if isinstance(hint, type) and issubclass(hint, BaseModel) else None


def _without_none(hint: Any) -> tuple[Any, bool]:
    """The type of an argument without None, and whether it had None."""
    kinds = [kind for kind in typing.get_args(hint) if kind is not type(None)]
    optional = len(kinds) == 1 and type(None) in typing.get_args(hint)
    return (kinds[0], True) if optional else (hint, False)


def _upload(hint: Any) -> RawBody | None:
    return next((mark for mark in getattr(hint, "__metadata__", ()) if isinstance(mark, RawBody)), None)
