"""FCM's HTTP v1 API: `messages:send`; and the outbox, as JSON."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from werkzeug import Request, Response

from local.services.kit.identity import PROJECT, caller
from local.services.kit.recorder import AnswerLost, Call, Recorder
from local.services.kit.wsgi import hang_up
from local.services.messaging.outbox import INVALID_ARGUMENT, FcmError, Outbox

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MESSAGES = "/emulator/messages"
"""The path of the outbox."""
SEND = f"/v1/projects/{PROJECT}/messages:send"
_FIELDS = {"token", "data", "notification", "android", "apns", "webpush", "fcm_options"}
_FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
_MOST_BYTES = 4096
"""Largest payload of a data message (firebase.google.com/docs/cloud-messaging/concept-options)."""


class MessagingEndpoint:
    """`app` is a WSGI application."""

    def __init__(self, outbox: Outbox, recorder: Recorder | None = None) -> None:
        self._outbox = outbox
        self._recorder = recorder

    def app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        response = self._respond(request)
        if self._recorder and request.path == SEND:
            try:
                self._recorder.record(Call("messaging", "messages.send", caller(request.headers.get("Authorization"))))
            except AnswerLost:
                hang_up(environ)
        return response(environ, start_response)

    def _respond(self, request: Request) -> Response:
        if (request.method, request.path) == ("GET", MESSAGES):
            return _json({"messages": self._outbox.messages()})
        if (request.method, request.path) != ("POST", SEND):
            return _error(FcmError(404, "NOT_FOUND"))
        if not request.headers.get("Authorization", "").startswith("Bearer "):
            return _error(FcmError(401, "UNAUTHENTICATED"))
        message = _message_of(request.get_json(silent=True))
        if message is None:
            return _error(INVALID_ARGUMENT)
        if error := self._outbox.take(message):
            return _error(error)
        return _json({"name": f"projects/{PROJECT}/messages/{uuid.uuid4()}"})


def _message_of(body: Any) -> Mapping[str, Any] | None:
    """The message of a request; None if FCM would refuse it."""
    message = body.get("message") if isinstance(body, dict) else None
    if not isinstance(message, dict) or not isinstance(message.get("token"), str) or not message.keys() <= _FIELDS:
        return None
    data = message.get("data", {})
    if not isinstance(data, dict) or not all(isinstance(value, str) for value in data.values()):
        return None
    return message if len(json.dumps(data)) <= _MOST_BYTES else None


def _json(value: Mapping[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(value), status, mimetype="application/json")


def _error(error: FcmError) -> Response:
    body: dict[str, Any] = {"code": error.http_status, "message": error.status, "status": error.status}
    if error.code:
        body["details"] = [{"@type": _FCM_ERROR, "errorCode": error.code}]
    return _json({"error": body}, error.http_status)
