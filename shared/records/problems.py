"""Errors that a client sees, with HTTP status and stable public name (RFC 9457).

The docstring of each class states when it is raised; the API description publishes it, and docs/problems.md
lists all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Any, ClassVar, NamedTuple, Self

from shared.records.conflict_codes import ConflictCode, IdentityCode, LimitCode

MOST_ERRORS = 100
"""Maximum number of errors in one problem; a client mends these first."""


class FieldError(NamedTuple):
    """One error in a request: its location (a JSON pointer, or a parameter's name) and an explanation."""

    pointer: str
    detail: str


class Problem(Exception):
    """An error that is reported to the client. `detail` never contains a name or clinical text."""

    status: ClassVar[int] = 500
    name: ClassVar[str] = "internal"
    title: ClassVar[str] = "Internal error"
    codes: ClassVar[type[StrEnum] | None] = None
    """The causes that a client would treat differently, if the type has several."""
    code: StrEnum | None = None
    """One of `codes`."""
    retry_after: int | None = None
    """Seconds until the same request may succeed; None if time alone does not help, or nobody knows."""

    def __init__(self, detail: str = "", errors: Sequence[FieldError] = ()) -> None:
        super().__init__(detail or self.title)
        more = f"the first {MOST_ERRORS} of {len(errors)} errors" if len(errors) > MOST_ERRORS else ""
        self.detail = "; ".join(filter(None, (detail, more)))
        self.errors = tuple(errors[:MOST_ERRORS])

    def with_errors(self, *more: Iterable[FieldError]) -> Self:
        """The problem with further errors of the same request."""
        self.errors = (*self.errors, *(error for errors in more for error in errors))[:MOST_ERRORS]
        return self

    @property
    def members(self) -> Mapping[str, Any]:
        """Extension members of the problem document, by name."""
        return {"code": self.code.value} if self.code else {}


class SignatureInvalid(Problem):
    """The stored proof of a signed report does not verify, so nothing of the report is shown.

    The status is 500: the request is right and no request can mend it. The data of the service is not what was signed.
    """

    status, name, title = 500, "signature-invalid", "The signature of this report does not verify"


class RecordUnreadable(Problem):
    """A stored record cannot be opened: it was altered, moved, or is incomplete. Nothing of it is shown or changed."""

    status, name, title = 500, "record-unreadable", "A stored record cannot be opened"


class BadRequest(Problem):
    """The body or a header of the request cannot be parsed."""

    status, name, title = 400, "bad-request", "The request cannot be read"


class Unauthenticated(Problem):
    """The ID token is missing, malformed, expired or revoked."""

    status, name, title = 401, "unauthenticated", "A valid ID token is required"


class FreshSignInRequired(Problem):
    """The operation requires a sign-in of the last 5 minutes; a refreshed token is not enough."""

    status, name, title = 401, "fresh-sign-in-required", "Sign in again first"
    max_age: ClassVar[timedelta] = timedelta(minutes=5)
    """How long a sign-in counts as fresh."""


class SecondFactorRequired(Problem):
    """The clinic requires a sign-in with a second factor for this operation."""

    status, name, title = 401, "second-factor-required", "Sign in with a second factor first"


class Forbidden(Problem):
    """The caller's role or responsibility does not allow the operation, or the caller belongs to no clinic."""

    status, name, title = 403, "forbidden", "Your role does not allow this"


class NotFound(Problem):
    """The resource does not exist, or the caller may not see it; the response is the same."""

    status, name, title = 404, "not-found", "Not found"


class NoneYet(Problem):
    """The session is there, but has no report, bill or transcription yet, or the recording no audio."""

    status, name, title = 404, "none-yet", "There is none yet"


class MethodNotAllowed(Problem):
    """The resource does not support the HTTP method."""

    status, name, title = 405, "method-not-allowed", "This resource has no such method"

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        super().__init__()
        self.allowed = tuple(sorted(allowed))
        """The supported methods, for the Allow header."""


class Conflict(Problem):
    """The current state of the resource does not allow the operation; `code` has the cause."""

    status, name, title = 409, "conflict", "The current state does not allow this"
    codes = ConflictCode

    def __init__(
        self, code: ConflictCode, detail: str = "", errors: Sequence[FieldError] = (), retry_after: int | None = None
    ) -> None:
        super().__init__(detail, errors)
        self.code, self.retry_after = code, retry_after


class Duplicate(Problem):
    """A patient seems to be registered already; a field of the request overrides this check."""

    status, name, title = 409, "duplicate", "There seems to be one already"

    def __init__(self, existing: Sequence[Mapping[str, Any]], errors: Sequence[FieldError]) -> None:
        super().__init__(errors=errors)
        self.existing = tuple(existing)

    @property
    def members(self) -> Mapping[str, Any]:
        """The existing patients, all of whom the caller may see, the most similar first, and what is alike."""
        return {"duplicates": [one["id"] for one in self.existing], "duplicate_patients": self.existing}


class IdentityUnconfirmed(Problem):
    """No admin has confirmed the name and licence number that the signer's profile has now."""

    status, name, title = 409, "identity-unconfirmed", "Your name and licence number are not confirmed"
    codes = IdentityCode

    def __init__(self, code: IdentityCode, detail: str = "") -> None:
        super().__init__(detail)
        self.code = code


class Gone(Problem):
    """The audio of the recording is deleted, was refused, or never came. The record stays."""

    status, name, title = 410, "gone", "It is no longer there"


class PreconditionFailed(Problem):
    """If-Match does not name the current revision."""

    status, name, title = 412, "stale", "It was changed since you read it"


class TooLarge(Problem):
    """The request body or the announced recording exceeds its size limit."""

    status, name, title = 413, "too-large", "The request is too large"


class UnsupportedMediaType(Problem):
    """The operation does not accept the Content-Type of the request."""

    status, name, title = 415, "unsupported-media-type", "The request body has another media type"


class Invalid(Problem):
    """The request can be parsed, but some fields are invalid; `errors` lists all of them."""

    status, name, title = 422, "invalid", "Some fields are not valid"


class PreconditionRequired(Problem):
    """The operation requires If-Match."""

    status, name, title = 428, "precondition-required", "If-Match is required"


class TooManyRequests(Problem):
    """The caller did this too often. Nothing was changed; Retry-After has the seconds to wait, `code` the cause."""

    status, name, title = 429, "too-many-requests", "Wait before you do this again"
    codes = LimitCode

    def __init__(self, code: LimitCode, detail: str = "", *, retry_after: int = 60) -> None:
        super().__init__(detail)
        self.code, self.retry_after = code, retry_after


class Unavailable(Problem):
    """Too many concurrent changes conflict, or a dependency does not respond. Nothing was changed; retry."""

    status, name, title = 503, "busy", "Try again shortly"


def raise_if_any(errors: Iterable[FieldError]) -> None:
    """Raises Invalid with all errors, if there are any."""
    if found := [*errors]:
        raise Invalid(errors=found)
