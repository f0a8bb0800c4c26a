"""What a problem says."""

from __future__ import annotations

from typing import Any

from tests.support.client import Reply


def without_trace(reply: Reply) -> dict[str, Any]:
    """A problem as everybody who meets it sees it."""
    return {name: value for name, value in reply.body.items() if name != "trace_id"}


def pointers(reply: Reply) -> set[str]:
    """What a problem says is wrong with the request."""
    return {error["pointer"] for error in reply.body["errors"]}
