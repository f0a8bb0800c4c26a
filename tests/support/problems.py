"""Parts of a problem response."""

from __future__ import annotations

from typing import Any

from tests.support.client import Reply


def without_trace(reply: Reply) -> dict[str, Any]:
    """The problem without its trace id, which differs from request to request."""
    return {name: value for name, value in reply.body.items() if name != "trace_id"}


def pointers(reply: Reply) -> set[str]:
    """The JSON pointers to the invalid parts of the request."""
    return {error["pointer"] for error in reply.body["errors"]}
