"""Structured logs for Cloud Logging: one JSON object a line, with ids and never with content."""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
import traceback
from contextvars import ContextVar
from functools import cache

from flask import Request

from shared import settings

request_id: ContextVar[str] = ContextVar("request_id", default="")
_TRACE = re.compile(
    r"(?!ff|00.{54})"  # no version; or version 00, which ends with its flags, with more behind them
    r"[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?"
)
_LINK = re.compile(r"(/(?:links|calendar)/)[^\s\"'\])]+")
"""A link's URL has its secret, and the server names the path of a request that fails outside of our code."""
_EXTRA = (
    "audit_id",
    "clinic_id",
    "user_id",
    "action",
    "digest",
    "status",
    "method",
    "operation",
    "milliseconds",
    "delivery",
    "reason",
    "kind",
    "id",
)


def trace_of(request: Request) -> str:
    """The request's W3C trace id, or a new one."""
    match = _TRACE.fullmatch(request.headers.get("traceparent", ""))
    return match[1] if match else secrets.token_hex(16)


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        message = _LINK.sub(r"\1…", record.getMessage())
        line = {"severity": record.levelname, "message": message, "logger": record.name}
        line |= {name: getattr(record, name) for name in _EXTRA if hasattr(record, name)}
        if trace := request_id.get():
            project = settings.load(settings.Logs).google_cloud_project
            line["logging.googleapis.com/trace"] = f"projects/{project}/traces/{trace}"
        if record.exc_info and record.exc_info[1]:
            line["error"] = _describe(record.exc_info[1])
        return json.dumps(line, default=str)


def _describe(error: BaseException) -> str:
    """The type and the source lines of an error. The message is left out: it may contain user input."""
    frames = traceback.extract_tb(error.__traceback__)
    places = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames[-8:]))
    return f"{type(error).__module__}.{type(error).__name__} at {places}"


@cache
def configure() -> None:
    """Send all logs to standard output in this format; once per process."""
    # What no line says need not be found out for each: the place in the code, thread and process.
    logging._srcfile = None
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_Json())
    level = settings.load(settings.Logs).log_level
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("synapse").setLevel(level)
    logging.getLogger("synapse.audit").setLevel(logging.INFO)  # always recorded, at every log level
