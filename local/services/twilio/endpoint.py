"""The Messages resource of Twilio's API, version 2010-04-01."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from werkzeug import Request, Response

from local.services.kit.recorder import AnswerLost, Call, Recorder
from local.services.kit.wsgi import answer
from local.services.twilio.messages import (
    ACCOUNT_SID,
    AUTH_TOKEN,
    BROKEN,
    BROKEN_AFTER,
    INVALID_NUMBER,
    LOST,
    Messages,
    TextMessage,
    TwilioError,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_MESSAGES = f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json"
_MESSAGE = re.compile(rf"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages/(SM[0-9a-f]{{32}})\.json")
_NUMBER = re.compile(r"\+[1-9][0-9]{7,14}")
_CALLER = "send_message"
"""The one function that has the token."""


class TwilioEndpoint:
    """`app` is a WSGI application."""

    def __init__(self, messages: Messages, recorder: Recorder | None = None) -> None:
        self._messages = messages
        self._recorder = recorder

    def app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return answer(environ, start_response, self._respond)

    def _respond(self, request: Request) -> Response:
        sent = request.authorization
        if sent is None or (sent.username, sent.password) != (ACCOUNT_SID, AUTH_TOKEN):
            return _error(TwilioError(401, 20003, "Authenticate"))
        if (request.method, request.path) == ("POST", _MESSAGES):
            return self._create(request)
        if (request.method, request.path) == ("GET", _MESSAGES):
            return self._list(request)
        found = _MESSAGE.fullmatch(request.path)
        message = self._messages.fetch(found[1]) if found and request.method == "GET" else None
        return _json(self._messages.json_of(message)) if message else _error(TwilioError(404, 20404, "Not found"))

    def _create(self, request: Request) -> Response:
        to, body = request.form.get("To", ""), request.form.get("Body", "")
        sender = request.form.get("MessagingServiceSid") or request.form.get("From", "")
        if not _NUMBER.fullmatch(to):
            return _error(INVALID_NUMBER)
        if not body or not sender:
            return _error(TwilioError(400, 21602, "A message needs a body and a sender"))
        error = self._messages.next_error(to)
        if error is not None and error not in (LOST, BROKEN_AFTER):
            return _error(error)
        message = self._messages.take(TextMessage(to, sender, body))
        if self._recorder:
            self._recorder.record(Call("twilio", "messages.create", _CALLER))
        if error == LOST:
            raise AnswerLost
        if error == BROKEN_AFTER:
            return _error(TwilioError(500, 20500, "Internal error"))
        return _json(self._messages.json_of(message), 201)

    def _list(self, request: Request) -> Response:
        if self._messages.unlisted:
            return _error(BROKEN)
        size = int(request.args.get("PageSize", 50))
        found = list(reversed(self._messages.to(request.args.get("To", ""))))[:size]
        page = {"page": 0, "page_size": size, "next_page_uri": None, "uri": _MESSAGES}
        return _json({"messages": [self._messages.json_of(one) for one in found], **page})


def _json(value: Mapping[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(value), status, mimetype="application/json")


def _error(error: TwilioError) -> Response:
    body = {"code": error.code, "message": error.text, "status": error.status, "more_info": ""}
    return _json(body, error.status)
