"""The HTTP of the payment provider's events: `POST /api/v1/payment-webhook/{clinic}`, for the provider alone.

Every refusal is the same 400, so nobody learns which clinics there are, or which have a provider. What is answered by
2xx is not repeated; 503 is, for 24 hours.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace

from flask import Request, Response
from werkzeug.exceptions import RequestEntityTooLarge

from shared import settings
from shared.lazily import lazily
from shared.records.problems import BadRequest, MethodNotAllowed, Problem, TooLarge
from shared.records.types import is_id
from shared.store.clinic import Clinic
from shared.store.context import SYSTEM_CALLER, RequestContext
from shared.web import PREFIX, health, logs
from shared.web.request import origin_of
from shared.web.response import problem_response, with_common_headers

with lazily(globals()):
    from shared.workflows.billing import provider_events

_log = logging.getLogger("synapse.web")
PATH = f"{PREFIX}/payment-webhook"
_LARGEST_EVENT = 100_000
"""Bytes; Razorpay's events have a few thousand."""
_SIGNATURE, _EVENT_ID = "X-Razorpay-Signature", "X-Razorpay-Event-Id"
_LONGEST_SIGNATURE = 64
"""Hexadecimal digits of HMAC-SHA256."""


def function() -> Callable[[Request], Response]:
    """The entry point of the function."""
    settings.refuse_local_endpoints_in_the_cloud()
    health.install(f"{PATH}{health.PATH}")
    return handle


def handle(request: Request) -> Response:
    """Answer one delivery."""
    logs.configure()
    started, trace = time.monotonic(), logs.trace_of(request)
    reset = logs.request_id.set(trace)
    try:
        response = with_common_headers(_answer(request, trace), trace)
        milliseconds = round((time.monotonic() - started) * 1000)
        extra = {"method": request.method, "status": response.status_code, "milliseconds": milliseconds}
        _log.info("request", extra={**extra, "operation": "payment_webhook"})
        return response
    finally:
        logs.request_id.reset(reset)


def _answer(request: Request, trace: str) -> Response:
    try:
        _accept(request, trace)
    except Problem as problem:
        return problem_response(problem, trace)
    except Exception:
        _log.exception("unexpected error", extra={"operation": "payment_webhook"})
        return problem_response(Problem(), trace)
    return Response(status=204)


def _accept(request: Request, trace: str) -> None:
    if request.method != "POST":
        raise MethodNotAllowed(("POST",))
    clinic_id = request.path.removeprefix(f"{PATH}/")
    signature, event_id = request.headers.get(_SIGNATURE, ""), request.headers.get(_EVENT_ID, "")
    body = _body(request)
    if not is_id(clinic_id) or len(signature) != _LONGEST_SIGNATURE:
        raise BadRequest
    origin = replace(origin_of(request, trace), purpose="payment")
    clinic = Clinic(RequestContext(clinic_id, SYSTEM_CALLER, origin))
    provider_events.accept(clinic, body, signature, event_id if is_id(event_id) else "")


def _body(request: Request) -> bytes:
    """The raw bytes, which are what was signed. Raises TooLarge."""
    if (request.content_length or 0) > _LARGEST_EVENT:
        raise TooLarge
    request.max_content_length = _LARGEST_EVENT  # of a body without Content-Length
    try:
        return request.get_data()
    except RequestEntityTooLarge:
        raise TooLarge from None
