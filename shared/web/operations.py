"""Operations of the API: what their resource declares, and what follows from the signatures of their handlers."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypedDict

from pydantic import BaseModel

from shared.records.patients.consent_missing import ConsentMissing
from shared.records.patients.obligations import Blocked
from shared.records.problems import Gone, NoneYet, Problem, SignatureInvalid, TooManyRequests
from shared.records.types import Role
from shared.records.visits.live.in_the_way import AudioMissing
from shared.records.visits.session_running import SessionRunning
from shared.web.signatures import RawBody, Signature, read

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
    status: int = 200
    requires_idempotency_key: bool = False
    """True if the Idempotency-Key header is required: the operation creates a resource or moves money."""
    requires_if_match: bool = False
    """True if the If-Match header is required: the operation changes a revision that the client must have seen."""
    problems: Problems = frozenset()
    alias_of: str = ""
    """The method and path that clients should prefer, such as `PATCH /sessions/{id}`, where the handler has two."""

    @cached_property
    def signature(self) -> Signature:
        """The handler's parameters and result, read at first use: they name models, which are loaded then. Raises
        TypeError for a signature that is not one of a handler."""
        return read(self.method, self.path, self.handler)

    @property
    def query(self) -> type[BaseModel] | None:
        """The model of the query string of a GET or a DELETE, or of an upload."""
        return self.signature.query

    @property
    def body(self) -> type[BaseModel] | None:
        """The model of the JSON body."""
        return self.signature.body

    @property
    def upload(self) -> RawBody | None:
        """The body, if it is not JSON."""
        return self.signature.upload

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
