"""Errors of Google's APIs, by the codes of google.rpc.Code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar


class ApiError(Exception):
    """An API refused a call, or did not answer it."""

    code: ClassVar[str] = "UNKNOWN"

    def __init__(self, message: str = "", *, status: int = 0, said: str = "") -> None:
        """`status` is the HTTP status of the answer, and `said` the code in it; 0 and empty if there was none."""
        super().__init__(f"{said}: {message}" if said else message)
        self.message = message
        self.status = status


class Aborted(ApiError):
    code = "ABORTED"


class AlreadyExists(ApiError):
    code = "ALREADY_EXISTS"


class DeadlineExceeded(ApiError):
    """What was asked may have been done all the same."""

    code = "DEADLINE_EXCEEDED"


class FailedPrecondition(ApiError):
    code = "FAILED_PRECONDITION"


class Internal(ApiError):
    code = "INTERNAL"


class InvalidArgument(ApiError):
    code = "INVALID_ARGUMENT"


class NotFound(ApiError):
    code = "NOT_FOUND"


class PermissionDenied(ApiError):
    code = "PERMISSION_DENIED"


class ResourceExhausted(ApiError):
    code = "RESOURCE_EXHAUSTED"


class Unauthenticated(ApiError):
    code = "UNAUTHENTICATED"


class Unavailable(ApiError):
    """There is no connection or no whole answer; what was asked may have been done all the same."""

    code = "UNAVAILABLE"


_BY_CODE = {kind.code: kind for kind in ApiError.__subclasses__()}
# Some answers have no code: of Identity Platform, and of proxies on the way. These are gRPC's for them
# (doc/http-grpc-status-mapping.md of grpc/grpc), but for 400, after which a call must not be repeated, and for 408 and
# 500, after which it may.
_BY_STATUS: Mapping[int, type[ApiError]] = {
    401: Unauthenticated,
    403: PermissionDenied,
    500: Internal,
    **dict.fromkeys((408, 429, 502, 503, 504), Unavailable),
}


def error_of(status: int, content: bytes) -> ApiError:
    """The error that an answer with this HTTP status and content reports."""
    try:
        answer = json.loads(content)
    except ValueError:
        answer = None
    return described(status, answer[0] if isinstance(answer, list) and answer else answer)


def described(status: int, answer: Any) -> ApiError:
    """The error that an answer describes (google.aip.dev/193), or, if it describes none, the one of its HTTP status."""
    by_status = _BY_STATUS.get(status, ApiError)
    try:
        error = answer["error"]
        said = str(error.get("status") or "")
        # Google's parsers quote the values that they refuse, and errors are logged.
        message = str(error.get("message", "")).partition('"')[0].rstrip(" ,:(")
    except (KeyError, TypeError, AttributeError):
        return by_status(f"HTTP status {status}", status=status)
    return _BY_CODE.get(said, ApiError if said else by_status)(message, status=status, said=said)
