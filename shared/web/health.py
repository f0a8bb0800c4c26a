"""Routes that every function has besides its own: the health check, and problems where the Functions Framework itself
refuses a request.

A function is loaded within the framework's Flask application; `install` adds these routes to it.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Request, Response, current_app, has_app_context, request
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import MethodNotAllowed as WrongMethod
from werkzeug.exceptions import NotFound as NoRoute

from shared import keep_loaded
from shared.records.problems import MethodNotAllowed, NotFound, Problem
from shared.web.logs import trace_of
from shared.web.response import problem_response, with_common_headers

PATH = "/health"
"""Not `/healthz`: Cloud Run keeps some paths that end in z to itself (cloud.google.com/run/docs/known-issues)."""


def install(*paths: str, finish: Callable[[Request, Response], Response] = lambda _, response: response) -> None:
    """Answer these paths and `/health` without touching data; `finish` adds the function's own headers. Called when
    the function is loaded."""
    if not has_app_context():
        return  # loaded for inspection, not for serving
    keep_loaded()

    def healthy() -> Response:
        return finish(request, _healthy())

    def refused(error: HTTPException) -> Response:
        if isinstance(error.response, Response):
            return error.response
        return finish(request, _refused(error))

    for path in (PATH, *paths):
        current_app.add_url_rule(
            path, f"health {path}", healthy, methods=["GET", "OPTIONS"], provide_automatic_options=False
        )
    current_app.register_error_handler(HTTPException, refused)


def _healthy() -> Response:
    if request.method == "OPTIONS":
        response = Response(status=204)
    else:
        response = Response('{"status": "ok"}', content_type="application/json")
    return with_common_headers(response, trace_of(request))


def _refused(error: HTTPException) -> Response:
    trace = trace_of(request)
    return with_common_headers(problem_response(_problem(error), trace), trace)


def _problem(error: HTTPException) -> Problem:
    """The problem for a refusal of the framework."""
    if isinstance(error, WrongMethod):
        return MethodNotAllowed(error.valid_methods or ())
    return NotFound() if isinstance(error, NoRoute) else Problem()
