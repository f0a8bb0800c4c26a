"""What every function answers besides its work, of whatever kind it is: whether it runs, and a problem where the
Functions Framework itself refuses.

A function is loaded within the framework's own Flask application; this is added to it there.
"""

from __future__ import annotations

from flask import Response, current_app, has_app_context, request
from werkzeug.exceptions import HTTPException

from shared.records.problems import MethodNotAllowed, NotFound, Problem
from shared.web import outgoing
from shared.web.logs import trace_of

PATH = "/healthz"
_REFUSALS: dict[int | None, type[Problem]] = {404: NotFound, 405: MethodNotAllowed}


def install(*paths: str) -> None:
    """Answer these paths, and `/healthz`, without touching data."""
    if not has_app_context():
        return  # loaded to be looked at, not to be served
    for path in (PATH, *paths):
        current_app.add_url_rule(path, f"health {path}", _healthy, methods=["GET"])
    current_app.register_error_handler(HTTPException, _refused)


def _healthy() -> Response:
    response = Response('{"status": "ok"}', content_type="application/json")
    return outgoing.secured(response, trace_of(request))


def _refused(error: HTTPException) -> Response:
    problem = _REFUSALS.get(error.code, Problem)()
    trace = trace_of(request)
    return outgoing.secured(outgoing.problem_response(problem, trace), trace)
