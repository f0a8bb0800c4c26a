"""The codes of links with which people choose a password, and the page behind those links."""

from __future__ import annotations

import json
from html import escape

from werkzeug import Request, Response

from local.services.auth.errors import IdentityToolkitError
from local.services.auth.messages import JsonObject, action_link, email_of, required
from local.services.auth.register import Register

_FORM = """<!doctype html>
<title>Choose a password</title>
<h1>Choose a password</h1>
<p>{notice}</p>
<form method="post"><input type="password" name="password" autocomplete="new-password" autofocus>
<button>Save</button></form>
"""


def new_code(register: Register, body: JsonObject) -> str:
    """The code of a new link; empty for an unknown address."""
    if required(body, "requestType", "MISSING_REQ_TYPE") != "PASSWORD_RESET":
        raise IdentityToolkitError("OPERATION_NOT_ALLOWED")
    account = register.find(email=email_of(body))
    return register.new_code(account.uid) if account else ""


class CodePages:
    """The pages for a person at this machine: no e-mail is sent."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def unused_codes(self, request: Request) -> Response:
        """The links that nobody has used yet, as Firebase's Auth emulator lists them."""
        codes = [
            {
                "email": email,
                "requestType": "PASSWORD_RESET",
                "oobCode": code,
                "oobLink": action_link(host_of(request), code),
            }
            for code, email in self._register.codes().items()
        ]
        return Response(json.dumps({"oobCodes": codes}), mimetype="application/json")

    def choose_password(self, request: Request) -> Response:
        """The page behind a link."""
        account = self._register.owner_of(request.args.get("oobCode", ""))
        notice = escape(account.email)
        if request.method == "POST":
            try:
                self._register.redeem(request.args["oobCode"], request.form.get("password", ""))
                return Response(f"The password of {notice} is set.", mimetype="text/plain")
            except IdentityToolkitError as error:
                notice = escape(str(error))
        return Response(_FORM.format(notice=notice), mimetype="text/html")


def host_of(request: Request) -> str:
    """The address that the request was sent to, without a path."""
    return request.host_url.rstrip("/")
