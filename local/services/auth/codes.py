"""The codes of links with which people choose a password, and the page behind those links."""

from __future__ import annotations

import json
import time
from html import escape

from werkzeug import Request, Response

from local.services.auth.account import Account
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
_OUTBOX = """<!doctype html>
<title>Mails</title>
<h1>Mails that were not sent</h1>
<table><tr><th>UTC</th><th>to</th><th>link</th></tr>{rows}</table>
"""


def new_code(register: Register, body: JsonObject) -> str:
    """The code of a new link; empty for an unknown address."""
    account = _account(register, body)
    return register.new_code(account.uid) if account else ""


def mail_code(register: Register, body: JsonObject) -> None:
    """Put a mail with a new link into the outbox; nothing for an unknown address."""
    if account := _account(register, body):
        register.send_code(account.uid)


def _account(register: Register, body: JsonObject) -> Account | None:
    """The account whose password the link resets."""
    if required(body, "requestType", "MISSING_REQ_TYPE") != "PASSWORD_RESET":
        raise IdentityToolkitError("OPERATION_NOT_ALLOWED")
    return register.find(email=email_of(body))


class CodePages:
    """The pages for a person at this machine: the outbox shows the mails that Google would have sent."""

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

    def mails(self, request: Request) -> Response:
        """The outbox, newest first, in HTML, or in JSON for `Accept: application/json`."""
        links = [(mail, action_link(host_of(request), mail.code)) for mail in reversed(self._register.mails())]
        if request.accept_mimetypes.best == "application/json":
            mails = [{"to": mail.to, "sentAt": mail.sent_at, "link": link} for mail, link in links]
            return Response(json.dumps({"mails": mails}), mimetype="application/json")
        rows = "".join(
            f"<tr><td>{time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime(mail.sent_at))}</td><td>{escape(mail.to)}</td>"
            f'<td><a href="{escape(link)}">Choose a password</a></td></tr>'
            for mail, link in links
        )
        return Response(_OUTBOX.format(rows=rows), mimetype="text/html")

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
