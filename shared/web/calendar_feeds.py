"""The HTTP of calendar feeds: `/api/v1/calendar/{clinic}/{token}.ics`, for calendar programs without an account.

The URL has the secret of the feed: no log line, header or other URL may have it.
"""

from __future__ import annotations

import logging
from dataclasses import replace

from flask import Request, Response

from shared.lazily import lazily
from shared.records.problems import MethodNotAllowed, NotFound, Problem
from shared.records.types import is_id
from shared.store.clinic import Clinic
from shared.store.context import SYSTEM_CALLER, RequestContext
from shared.web import PREFIX
from shared.web.request import origin_of
from shared.web.response import problem_response

with lazily(globals()):
    from shared.workflows.scheduling import calendars

_log = logging.getLogger("synapse.web")
PATH = f"{PREFIX}/calendar"
_METHODS = ("GET", "HEAD")
_SUFFIX = ".ics"


def answer(request: Request, trace: str) -> Response:
    """The feed, 304 if the program has it already, or a problem."""
    if request.method not in _METHODS:
        return problem_response(MethodNotAllowed(_METHODS), trace)
    try:
        return _feed(request, trace)
    except Problem as problem:
        return problem_response(problem, trace)
    except Exception:
        _log.exception("unexpected error", extra={"operation": "calendar"})
        return problem_response(Problem(), trace)


def _feed(request: Request, trace: str) -> Response:
    clinic_id, _, name = request.path.removeprefix(f"{PATH}/").partition("/")
    if not is_id(clinic_id) or not name.endswith(_SUFFIX):
        raise NotFound
    origin = replace(origin_of(request, trace), purpose="calendar")
    clinic = Clinic(RequestContext(clinic_id, SYSTEM_CALLER, origin))
    found = calendars.read(clinic, name.removesuffix(_SUFFIX))
    response = Response(found.content, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'inline; filename="appointments.ics"'
    response.add_etag()
    # What leaves the feed has no time of its own, so only the ETag tells whether the program has the feed already.
    tag, _ = response.get_etag()
    if tag is not None and request.if_none_match.contains_weak(tag):
        unchanged = Response(status=304)
        unchanged.set_etag(tag)
        return unchanged
    response.last_modified = found.changed_at
    return response
