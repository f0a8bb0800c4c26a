"""Identity Toolkit and Secure Token, as firebase-admin and the Firebase client SDKs call them.

They speak to this as to Firebase's own Auth emulator: `FIREBASE_AUTH_EMULATOR_HOST`, or `connectAuthEmulator` in a
client. ID tokens are unsigned, as that emulator's are. The project is set up as infra/auth.tf sets it up: accounts are
invited, nobody signs up or deletes themselves, people sign in by password, and an unknown address looks like a known
one. tests/clients/test_auth_emulator.py compares the answers of both.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from werkzeug import Request, Response
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from local.services.auth.register import Account, Refused, Register
from local.services.auth.tokens import id_token
from local.services.kit.identity import PROJECT

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_TOOLKIT = "/identitytoolkit.googleapis.com/v1"
_ADMIN = f"{_TOOLKIT}/projects/{PROJECT}"
_ACTION = "/emulator/action"
PATHS = ("/identitytoolkit.googleapis.com/", "/securetoken.googleapis.com/", "/emulator/")
"""What this answers for."""
_TOKEN_SECONDS = 3600
_ADDRESS = re.compile(r"[^@]+@[^@]+")
_MOST_LISTED = 1000
_OWN_FIELDS = ("displayName", "password", "deleteAttribute")
"""What people change of their own account."""
_NO_KEY = "The request is missing a valid API key."
_NO_CREDENTIAL = "Request is missing required authentication credential."
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
                _rule(f"{_ADMIN}/accounts:batchDelete", self._delete_many, admin=True),
                _rule(f"{_ADMIN}/accounts:batchGet", self._list, admin=True, method="GET"),
                _rule(f"{_ADMIN}/accounts:sendOobCode", self._link, admin=True),
                _rule(f"{_TOOLKIT}/accounts:signUp", self._admins_only),
                _rule(f"{_TOOLKIT}/accounts:delete", self._admins_only),
                _rule(f"{_TOOLKIT}/accounts:createAuthUri", self._methods),
                _rule(f"{_TOOLKIT}/accounts:signInWithPassword", self._sign_in),
                _rule(f"{_TOOLKIT}/accounts:lookup", self._look_up_self),
                _rule(f"{_TOOLKIT}/accounts:update", self._update_self),
                _rule(f"{_TOOLKIT}/accounts:sendOobCode", self._send_link),
                _rule(f"{_TOOLKIT}/accounts:resetPassword", self._reset_password),
                _rule(f"{_TOOLKIT}/projects", self._project, method="GET"),
                _rule("/securetoken.googleapis.com/v1/token", self._refresh),
                Rule(f"/emulator/v1/projects/{PROJECT}/oobCodes", methods=["GET"], endpoint=self._codes),
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
        now = self._register.now()
        account = self._register.create(_address(body), body.get("localId", ""), lambda made: _apply(made, body, now))
        return _of_kind("SignupNewUser", localId=account.uid, email=account.email, displayName=account.display_name)

    def _look_up(self, body: Answer) -> Answer:
        wanted = [self._register.find(uid=uid) for uid in body.get("localId", [])]
        wanted += [self._register.find(email=email) for email in body.get("email", [])]
        return _of_kind("GetAccountInfo", users=[_shown(account) for account in wanted if account])

    def _update(self, body: Answer) -> Answer:
        now = self._register.now()
        return _changed(self._register.update(body["localId"], lambda found: _apply(found, body, now)))

    def _delete(self, body: Answer) -> Answer:
        self._register.delete(body["localId"])
        return _of_kind("DeleteAccount")

    def _delete_many(self, body: Answer) -> Answer:
        """Delete the accounts that there are; without `force`, those alone that are disabled."""
        errors = []
        for index, uid in enumerate(body["localIds"]):
            account = self._register.find(uid=uid)
            if account and (account.disabled or body.get("force")):
                self._register.delete(uid)
            elif account:
                message = "NOT_DISABLED : Disable the account before batch deletion."
                errors.append({"index": index, "localId": uid, "message": message})
        return {"errors": errors} if errors else {}

    def _list(self, body: Answer) -> Answer:
        most = min(int(body.get("maxResults", 20)), _MOST_LISTED)
        found = [account for account in self._register.all() if account.uid > body.get("nextPageToken", "")]
        more = {"nextPageToken": found[most - 1].uid} if len(found) >= most else {}
        return _of_kind("DownloadAccount", users=[_shown(account) for account in found[:most]]) | more

    def _link(self, body: Answer) -> Answer:
        """A link to choose a password with; none for an unknown address."""
        code = self._new_code(body)
        link = {"oobCode": code, "oobLink": _link(body["host"], code, body.get("continueUrl", ""))}
        return _of_kind("GetOobConfirmationCode", email=_address(body)) | (link if code else {})

    # What clients ask

    def _admins_only(self, _body: Answer) -> Answer:
        raise Refused("ADMIN_ONLY_OPERATION")

    def _methods(self, _body: Answer) -> Answer:
        """Does not say how an address signs in: that would say that it has an account."""
        return _of_kind("CreateAuthUri", sessionId=secrets.token_hex(14))

    def _sign_in(self, body: Answer) -> Answer:
        account = self._register.sign_in(_address(body), _given(body, "password", "MISSING_PASSWORD"))
        answer = _of_kind("VerifyPassword", localId=account.uid, email=account.email, registered=True)
        return answer | self._tokens(account)

    def _look_up_self(self, body: Answer) -> Answer:
        return _of_kind("GetAccountInfo", users=[_shown(self._caller(body))])

    def _update_self(self, body: Answer) -> Answer:
        """People give themselves another name or password; new tokens come with the password."""
        if "idToken" not in body:
            raise Refused("INVALID_REQ_TYPE : Unsupported request parameters.")
        if "customAttributes" in body:
            raise Refused("INSUFFICIENT_PERMISSION")
        account = self._caller(body)
        if "disableUser" in body or "email" in body:
            raise Refused("OPERATION_NOT_ALLOWED")
        wanted = {name: body[name] for name in _OWN_FIELDS if body.get(name) is not None}
        now = self._register.now()
        account = self._register.update(account.uid, lambda found: _apply(found, wanted, now))
        return _changed(account) | (self._tokens(account) if "password" in wanted else {})

    def _send_link(self, body: Answer) -> Answer:
        """Answers alike whether or not the address has an account; the link is among `oobCodes`."""
        self._new_code(body)
        return _of_kind("GetOobConfirmationCode", email=_address(body))

    def _reset_password(self, body: Answer) -> Answer:
        code, password = _given(body, "oobCode", "MISSING_OOB_CODE"), body.get("newPassword")
        account = self._register.redeem(code, password) if password else self._register.owner_of(code)
        return _of_kind("ResetPassword", email=account.email, requestType="PASSWORD_RESET")

    def _project(self, _body: Answer) -> Answer:
        return {"projectId": PROJECT, "authorizedDomains": ["localhost"]}

    def _refresh(self, body: Answer) -> Answer:
        if _given(body, "grant_type", "MISSING_GRANT_TYPE") != "refresh_token":
            raise Refused("INVALID_GRANT_TYPE")
        token = _given(body, "refresh_token", "MISSING_REFRESH_TOKEN")
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

    def _new_code(self, body: Answer) -> str:
        """The code of a link; empty for an unknown address."""
        wanted = _given(body, "requestType", "MISSING_REQ_TYPE")
        if wanted != "PASSWORD_RESET":
            raise Refused("OPERATION_NOT_ALLOWED")
        account = self._register.find(email=_address(body))
        return self._register.new_code(account.uid) if account else ""

    def _caller(self, body: Answer) -> Account:
        """Whose ID token came with the request. Raises Refused when it does not count (any more)."""
        claims = _claims(_given(body, "idToken", "MISSING_ID_TOKEN"))
        account = self._register.find(uid=str(claims.get("sub", "")))
        if account is None:
            raise Refused("USER_NOT_FOUND")
        account.check(int(claims["iat"]))
        return account

    def _tokens(self, account: Account) -> dict[str, Any]:
        """What whoever signs in gets."""
        refresh_token = self._register.refresh_token(account.uid)
        return {"idToken": _id_token(account), "refreshToken": refresh_token, "expiresIn": str(_TOKEN_SECONDS)}

    # What a person at this machine looks at

    def _codes(self, request: Request) -> Response:
        waiting = [
            {
                "email": email,
                "requestType": "PASSWORD_RESET",
                "oobCode": code,
                "oobLink": _link(_host(request), code),
            }
            for code, email in self._register.codes().items()
        ]
        return _json({"oobCodes": waiting})

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
    named = {"name": account.display_name} if account.display_name else {}
    identity = {
        "email": account.email,
        "email_verified": account.email_verified,
        "firebase": {"identities": {"email": [account.email]}, "sign_in_provider": "password"},
    }
    claims = named | json.loads(account.claims or "{}") | identity
    return id_token(account.uid, claims, seconds=_TOKEN_SECONDS, signed_in_at=account.signed_in_at // 1000)


def _host(request: Request) -> str:
    return request.host_url.rstrip("/")


def _link(host: str, code: str, continue_url: str = "") -> str:
    """Where the person chooses a password; `parseActionCodeURL` of the client SDKs understands it."""
    query = {"mode": "resetPassword", "lang": "en", "oobCode": code, "apiKey": "fake-api-key"}
    return f"{host}{_ACTION}?{urlencode(query | ({'continueUrl': continue_url} if continue_url else {}))}"


def _rule(path: str, answer: Callable[[Answer], Answer], *, admin: bool = False, method: str = "POST") -> Rule:
    def respond(request: Request) -> Response:
        if not request.headers.get("Authorization", "").startswith("Bearer "):
            if "key" not in request.args:
                return _error(403, _NO_KEY, "PERMISSION_DENIED")
            if admin:
                return _error(401, _NO_CREDENTIAL, "UNAUTHENTICATED")
        try:
            return _json(answer(_body_of(request)))
        except (KeyError, TypeError, ValueError, AttributeError):
            return _error(400, "Invalid JSON payload received.", "INVALID_ARGUMENT")

    return Rule(path, methods=[method], endpoint=respond)


def _body_of(request: Request) -> dict[str, Any]:
    """What was sent, in the query and as JSON or as a form, and under which address."""
    sent = request.get_json(silent=True) if request.is_json else request.form.to_dict()
    return {**request.args, **(sent or {}), "host": _host(request)}


def _given(body: Answer, name: str, refusal: str) -> str:
    """A text that has to be there. Raises Refused without it."""
    value = body.get(name)
    if not value:
        raise Refused(refusal)
    if not isinstance(value, str):
        raise TypeError(name)
    return value


def _address(body: Answer) -> str:
    """The e-mail address, in lower case. Raises Refused without one."""
    address = _given(body, "email", "MISSING_EMAIL")
    if not _ADDRESS.fullmatch(address):
        raise Refused("INVALID_EMAIL")
    return address.lower()


def _apply(account: Account, body: Answer, now: int) -> None:
    """Change what the body names. Another address or password signs out whoever is signed in."""
    if "password" in body:
        account.choose(body["password"], now)
    if "email" in body and (address := _address(body)) != account.email:
        account.email, account.email_verified, account.valid_since = address, False, now
    account.display_name = str(body.get("displayName", account.display_name))
    if "DISPLAY_NAME" in body.get("deleteAttribute", []):
        account.display_name = ""
    account.email_verified = bool(body.get("emailVerified", account.email_verified))
    account.disabled = bool(body.get("disableUser", body.get("disabled", account.disabled)))
    account.valid_since = int(body.get("validSince", account.valid_since))
    if "customAttributes" in body:
        account.claims = json.dumps(dict(json.loads(body["customAttributes"])))


def _of_kind(kind: str, **fields: object) -> dict[str, Any]:
    """An answer of Identity Toolkit; fields that are empty are not in it."""
    return {"kind": f"identitytoolkit#{kind}Response", **{name: value for name, value in fields.items() if value}}


def _changed(account: Account) -> dict[str, Any]:
    return _of_kind(
        "SetAccountInfo",
        localId=account.uid,
        email=account.email,
        emailVerified=account.email_verified,
        displayName=account.display_name,
        providerUserInfo=_providers(account),
    )


def _shown(account: Account) -> Answer:
    """An account as Identity Toolkit shows it; a hash of its password is not in it."""
    shown = {
        "localId": account.uid,
        "email": account.email,
        "emailVerified": account.email_verified,
        "displayName": account.display_name,
        "disabled": account.disabled,
        "customAttributes": account.claims,
        "validSince": str(account.valid_since or ""),
        "createdAt": str(account.created_at),
        "lastLoginAt": str(account.signed_in_at or ""),
        "providerUserInfo": _providers(account),
    }
    return {name: value for name, value in shown.items() if value not in ("", [])}


def _providers(account: Account) -> list[dict[str, str]]:
    """The ways to sign in that the account has."""
    if not account.password:
        return []
    named = {"displayName": account.display_name} if account.display_name else {}
    address = dict.fromkeys(("email", "federatedId", "rawId"), account.email)
    return [{"providerId": "password", **address, **named}]


def _claims(token: str) -> Mapping[str, Any]:
    """The claims of an ID token. Raises Refused when it is none."""
    from google.auth import jwt

    try:
        claims: Mapping[str, Any] = jwt.decode(token, verify=False)
    except ValueError:
        raise Refused("INVALID_ID_TOKEN") from None
    return claims


def _json(value: Answer, status: int = 200) -> Response:
    return Response(json.dumps(value), status, mimetype="application/json")


def _error(status: int, message: str, state: str = "") -> Response:
    """A refusal as Google's APIs write it; `state` is the name of a gRPC code."""
    reason = {401: "required", 403: "forbidden", 404: "notFound"}.get(status, "invalid")
    error = {
        "code": status,
        "message": message,
        "errors": [{"message": message, "reason": reason, "domain": "global"}],
    }
    return _json({"error": error | ({"status": state} if state else {})}, status)
