"""Identity Toolkit and Secure Token, as firebase-admin and the Firebase client SDKs call them.

They speak to this as to Firebase's own Auth emulator: `FIREBASE_AUTH_EMULATOR_HOST`, or `connectAuthEmulator` in a
client. ID tokens are unsigned, as that emulator's are. Accounts are invited: signing up is closed, as when deployed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from werkzeug import Request, Response
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from local.accounts.register import Account, Refused, Register
from local.accounts.tokens import id_token
from local.identity import PROJECT

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_TOOLKIT = "/identitytoolkit.googleapis.com/v1"
_ADMIN = f"{_TOOLKIT}/projects/{PROJECT}"
_ACTION = "/emulator/action"
PATHS = ("/identitytoolkit.googleapis.com/", "/securetoken.googleapis.com/", "/emulator/")
"""What this answers for."""
_TOKEN_SECONDS = 3600
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "*, Authorization",
    "Access-Control-Allow-Methods": "GET, POST",
}
_FORM = """<!doctype html>
<title>Choose a password</title>
<h1>Choose a password</h1>
<p>{notice}</p>
<form method="post"><input type="password" name="password" autocomplete="new-password" autofocus>
<button>Save</button></form>
"""
Answer = Mapping[str, Any]


class AccountsEndpoint:
    """The accounts of one stack, in the folder `state`; `app` is a WSGI application."""

    def __init__(self, state: Path) -> None:
        self._register = Register(state)
        self._routes = Map(
            [
                _rule(f"{_ADMIN}/accounts", self._create, admin=True),
                _rule(f"{_ADMIN}/accounts:lookup", self._look_up, admin=True),
                _rule(f"{_ADMIN}/accounts:update", self._update, admin=True),
                _rule(f"{_ADMIN}/accounts:delete", self._delete, admin=True),
                _rule(f"{_ADMIN}/accounts:batchGet", self._list, admin=True, method="GET"),
                _rule(f"{_ADMIN}/accounts:sendOobCode", self._link, admin=True),
                _rule(f"{_TOOLKIT}/accounts:signUp", self._sign_up),
                _rule(f"{_TOOLKIT}/accounts:signInWithPassword", self._sign_in),
                _rule(f"{_TOOLKIT}/accounts:lookup", self._look_up_self),
                _rule(f"{_TOOLKIT}/accounts:sendOobCode", self._send_link),
                _rule(f"{_TOOLKIT}/accounts:resetPassword", self._reset_password),
                _rule(f"{_TOOLKIT}/projects", self._project, method="GET"),
                _rule("/securetoken.googleapis.com/v1/token", self._refresh),
                _rule(f"/emulator/v1/projects/{PROJECT}/oobCodes", self._codes, method="GET"),
                Rule(_ACTION, methods=["GET", "POST"], endpoint=self._choose_password),
            ]
        ).bind("")

    def app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        response = Response(status=204) if request.method == "OPTIONS" else self._answer(request)
        response.headers.update(_CORS)
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        try:
            endpoint, _ = self._routes.match(request.path, request.method)
            response: Response = endpoint(request)
        except HTTPException as error:
            return _error(error.code or 500, error.name)
        except Refused as refusal:
            return _error(400, str(refusal))
        return response

    # What firebase-admin asks

    def _create(self, body: Answer) -> Answer:
        account = self._register.create(body["email"], body.get("localId", ""))
        self._register.update(account.uid, lambda made: _apply(made, body))
        return {"localId": account.uid, "email": account.email}

    def _look_up(self, body: Answer) -> Answer:
        wanted = [self._register.find(uid=uid) for uid in body.get("localId", [])]
        wanted += [self._register.find(email=email) for email in body.get("email", [])]
        return {"users": [_shown(account) for account in wanted if account]}

    def _update(self, body: Answer) -> Answer:
        account = self._register.update(body["localId"], lambda found: _apply(found, body))
        return {"localId": account.uid, "email": account.email}

    def _delete(self, body: Answer) -> Answer:
        self._register.delete(body["localId"])
        return {"kind": "identitytoolkit#DeleteAccountResponse"}

    def _list(self, _body: Answer) -> Answer:
        return {"users": [_shown(account) for account in self._register.all()]}

    def _link(self, body: Answer) -> Answer:
        account = self._register.find(email=body["email"])
        if account is None:
            raise Refused("EMAIL_NOT_FOUND")
        code = self._register.new_code(account.uid)
        return {"email": account.email, "oobCode": code, "oobLink": _link(body, code)}

    # What clients ask

    def _sign_up(self, _body: Answer) -> Answer:
        raise Refused("ADMIN_ONLY_OPERATION")

    def _sign_in(self, body: Answer) -> Answer:
        account = self._register.sign_in(str(body.get("email", "")), str(body.get("password", "")))
        return {
            "kind": "identitytoolkit#VerifyPasswordResponse",
            "localId": account.uid,
            "email": account.email,
            "displayName": account.display_name,
            "registered": True,
            "idToken": _id_token(account),
            "refreshToken": self._register.refresh_token(account.uid),
            "expiresIn": str(_TOKEN_SECONDS),
        }

    def _look_up_self(self, body: Answer) -> Answer:
        account = self._register.find(uid=_subject(str(body.get("idToken", ""))))
        if account is None:
            raise Refused("INVALID_ID_TOKEN")
        return {"users": [_shown(account)]}

    def _send_link(self, body: Answer) -> Answer:
        """Answers alike whether or not the address has an account; the link is among `oobCodes`."""
        account = self._register.find(email=str(body.get("email", "")))
        if account is not None:
            self._register.new_code(account.uid)
        return {"kind": "identitytoolkit#GetOobConfirmationCodeResponse", "email": body.get("email")}

    def _reset_password(self, body: Answer) -> Answer:
        code, password = str(body.get("oobCode", "")), body.get("newPassword")
        account = self._register.redeem(code, password) if password else self._register.owner_of(code)
        return {"email": account.email, "requestType": "PASSWORD_RESET"}

    def _project(self, _body: Answer) -> Answer:
        return {"projectId": PROJECT, "authorizedDomains": ["localhost", "127.0.0.1"]}

    def _refresh(self, body: Answer) -> Answer:
        token = str(body.get("refresh_token") or body.get("refreshToken") or "")
        account = self._register.refresh(token)
        fresh = _id_token(account)
        return {
            "id_token": fresh,
            "access_token": fresh,
            "refresh_token": token,
            "expires_in": str(_TOKEN_SECONDS),
            "token_type": "Bearer",
            "user_id": account.uid,
            "project_id": PROJECT,
        }

    # What a person at this machine looks at

    def _codes(self, body: Answer) -> Answer:
        waiting = self._register.codes()
        return {
            "oobCodes": [
                {"email": email, "oobCode": code, "oobLink": _link(body, code)} for code, email in waiting.items()
            ]
        }

    def _choose_password(self, request: Request) -> Response:
        """The page behind a link."""
        account = self._register.owner_of(request.args.get("oobCode", ""))
        notice = escape(account.email)
        if request.method == "POST":
            try:
                self._register.redeem(request.args["oobCode"], request.form.get("password", ""))
                return Response(f"The password of {notice} is set.", mimetype="text/plain")
            except Refused as refusal:
                notice = escape(str(refusal))
        return Response(_FORM.format(notice=notice), mimetype="text/html")


def _id_token(account: Account) -> str:
    """The account's ID token; its custom claims never win over the others."""
    identity = {
        "email": account.email,
        "email_verified": account.email_verified,
        "firebase": {"identities": {"email": [account.email]}, "sign_in_provider": "password"},
    }
    return id_token(account.uid, json.loads(account.claims) | identity, seconds=_TOKEN_SECONDS)


def _link(body: Answer, code: str) -> str:
    """Where the person chooses a password."""
    return f"{body['host']}{_ACTION}?oobCode={code}"


def _rule(path: str, answer: Callable[[Answer], Answer], *, admin: bool = False, method: str = "POST") -> Rule:
    def respond(request: Request) -> Response:
        if admin and not request.headers.get("Authorization", "").startswith("Bearer "):
            return _error(401, "UNAUTHENTICATED")
        try:
            return _json(answer(_body_of(request)))
        except (KeyError, TypeError, ValueError, AttributeError):
            return _error(400, "INVALID_ARGUMENT")

    return Rule(path, methods=[method], endpoint=respond)


def _body_of(request: Request) -> dict[str, Any]:
    """What was sent, as JSON or as a form, and under which address."""
    sent = request.get_json(silent=True) if request.is_json else request.form.to_dict()
    return {**(sent or {}), "host": request.host_url.rstrip("/")}


def _apply(account: Account, body: Answer) -> None:
    """Change what the body names."""
    if "password" in body:
        account.choose(body["password"])
    account.email = str(body.get("email", account.email)).lower()
    account.display_name = str(body.get("displayName", account.display_name))
    account.email_verified = bool(body.get("emailVerified", account.email_verified))
    account.disabled = bool(body.get("disableUser", body.get("disabled", account.disabled)))
    account.valid_since = int(body.get("validSince", account.valid_since))
    if "customAttributes" in body:
        account.claims = json.dumps(dict(json.loads(body["customAttributes"])))


def _shown(account: Account) -> Answer:
    """An account as Identity Toolkit shows it; a hash of its password is not in it."""
    return {
        "localId": account.uid,
        "email": account.email,
        "emailVerified": account.email_verified,
        "displayName": account.display_name,
        "disabled": account.disabled,
        "customAttributes": account.claims,
        "validSince": str(account.valid_since),
        "createdAt": str(account.created_at),
        "lastLoginAt": str(account.signed_in_at),
        "providerUserInfo": [{"providerId": "password", "rawId": account.email, "email": account.email}],
    }


def _subject(token: str) -> str:
    """The user of an ID token; empty when it is none."""
    from google.auth import jwt

    try:
        return str(jwt.decode(token, verify=False).get("sub", ""))
    except ValueError:
        return ""


def _json(value: Answer, status: int = 200) -> Response:
    return Response(json.dumps(value), status, mimetype="application/json")


def _error(status: int, message: str) -> Response:
    detail = [{"message": message, "reason": "invalid", "domain": "global"}]
    return _json({"error": {"code": status, "message": message, "errors": detail}}, status)
