"""Identity Toolkit and Secure Token, as firebase-admin and the Firebase client SDKs call them.

Both use it as Firebase's own Auth emulator: by `FIREBASE_AUTH_EMULATOR_HOST`, or by `connectAuthEmulator` in a client.
ID tokens are unsigned, as that emulator's are. The project is configured as in infra/auth.tf: accounts are invited,
nobody signs up or deletes their own account, people sign in by password, and responses do not show whether an address
has an account. tests/clients/test_auth_emulator.py compares the responses with Firebase's emulator.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from werkzeug import Request, Response
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from local.services.auth.admin_api import AdminApi
from local.services.auth.client_api import ClientApi
from local.services.auth.codes import CodePages, host_of
from local.services.auth.errors import IdentityToolkitError
from local.services.auth.messages import ACTION, JsonObject
from local.services.auth.register import Register
from local.services.kit.identity import PROJECT
from local.services.kit.recorder import AnswerLost, Call, Recorder
from local.services.kit.wsgi import hang_up

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_TOOLKIT = "/identitytoolkit.googleapis.com/v1"
_ADMIN = f"{_TOOLKIT}/projects/{PROJECT}"
PATHS = ("/identitytoolkit.googleapis.com/", "/securetoken.googleapis.com/", "/emulator/")
"""The path prefixes of this endpoint."""
MAILS = "/emulator/mails"
"""The path of the outbox."""
_NO_KEY = "The request is missing a valid API key."
_NO_CREDENTIAL = "Request is missing required authentication credential."
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "*, Authorization",
    "Access-Control-Allow-Methods": "GET, POST",
}


class AccountsEndpoint:
    """The accounts of one stack, in the folder `state`; `app` is a WSGI application.

    The recorder gets the admin calls. Their caller is empty: firebase-admin calls an emulator without its credentials.
    """

    def __init__(self, state: Path, recorder: Recorder | None = None) -> None:
        register = self._register = Register(state)
        self._recorder = recorder
        admin, client, pages = AdminApi(register), ClientApi(register), CodePages(register)
        self._routes = Map(
            [
                _rule(f"{_ADMIN}/accounts", admin.create, admin=True),
                _rule(f"{_ADMIN}/accounts:lookup", admin.look_up, admin=True),
                _rule(f"{_ADMIN}/accounts:update", admin.update, admin=True),
                _rule(f"{_ADMIN}/accounts:delete", admin.delete, admin=True),
                _rule(f"{_ADMIN}/accounts:batchDelete", admin.delete_many, admin=True),
                _rule(f"{_ADMIN}/accounts:batchGet", admin.list, admin=True, method="GET"),
                _rule(f"{_ADMIN}/accounts:sendOobCode", admin.password_link, admin=True),
                _rule(f"{_TOOLKIT}/accounts:signUp", client.admins_only),
                _rule(f"{_TOOLKIT}/accounts:delete", client.admins_only),
                _rule(f"{_TOOLKIT}/accounts:createAuthUri", client.sign_in_methods),
                _rule(f"{_TOOLKIT}/accounts:signInWithPassword", client.sign_in),
                _rule(f"{_TOOLKIT}/accounts:lookup", client.look_up),
                _rule(f"{_TOOLKIT}/accounts:update", client.update),
                _rule(f"{_TOOLKIT}/accounts:sendOobCode", client.send_link),
                _rule(f"{_TOOLKIT}/accounts:resetPassword", client.reset_password),
                _rule(f"{_TOOLKIT}/projects", client.project, method="GET"),
                _rule(f"{_TOOLKIT.replace('v1', 'v2')}/passwordPolicy", client.password_policy, method="GET"),
                _rule("/securetoken.googleapis.com/v1/token", client.refresh),
                Rule(f"/emulator/v1/projects/{PROJECT}/oobCodes", methods=["GET"], endpoint=pages.unused_codes),
                Rule(MAILS, methods=["GET"], endpoint=pages.mails),
                Rule(ACTION, methods=["GET", "POST"], endpoint=pages.choose_password),
            ]
        ).bind("")

    def close(self) -> None:
        self._register.close()

    def app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        response = Response(status=204) if request.method == "OPTIONS" else self._respond(request)
        if self._recorder and request.path.startswith(_ADMIN):
            try:
                self._recorder.record(Call("auth", request.path.removeprefix(f"{_ADMIN}/"), ""))
            except AnswerLost:
                hang_up(environ)
        response.headers.update(_CORS)
        return response(environ, start_response)

    def _respond(self, request: Request) -> Response:
        try:
            endpoint, _ = self._routes.match(request.path, request.method)
            response: Response = endpoint(request)
        except HTTPException as error:
            return _error(error.code or 500, error.name)
        except IdentityToolkitError as error:
            return _error(400, str(error))
        return response


def _rule(path: str, call: Callable[[JsonObject], JsonObject], *, admin: bool = False, method: str = "POST") -> Rule:
    """A route whose call needs an API key or, with `admin`, a bearer token."""

    def respond(request: Request) -> Response:
        if not request.headers.get("Authorization", "").startswith("Bearer "):
            if "key" not in request.args:
                return _error(403, _NO_KEY, "PERMISSION_DENIED")
            if admin:
                return _error(401, _NO_CREDENTIAL, "UNAUTHENTICATED")
        try:
            return _json(call(_body_of(request)))
        except (KeyError, TypeError, ValueError, AttributeError):
            return _error(400, "Invalid JSON payload received.", "INVALID_ARGUMENT")

    return Rule(path, methods=[method], endpoint=respond)


def _body_of(request: Request) -> dict[str, Any]:
    """The query parameters, the JSON or form fields, and `host`, the address that the request was sent to."""
    sent = request.get_json(silent=True) if request.is_json else request.form.to_dict()
    return {**request.args, **(sent or {}), "host": host_of(request)}


def _json(value: JsonObject, status: int = 200) -> Response:
    return Response(json.dumps(value), status, mimetype="application/json")


def _error(status: int, message: str, state: str = "") -> Response:
    """An error in the form of Google's APIs; `state` is the name of a gRPC code."""
    reason = {401: "required", 403: "forbidden", 404: "notFound"}.get(status, "invalid")
    error = {
        "code": status,
        "message": message,
        "errors": [{"message": message, "reason": reason, "domain": "global"}],
    }
    return _json({"error": error | ({"status": state} if state else {})}, status)
