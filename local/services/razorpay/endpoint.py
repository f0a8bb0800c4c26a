"""The Payment Links resource of Razorpay's API, version 1 (razorpay.com/docs/api/payments/payment-links)."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from werkzeug import Request, Response

from local.services.kit.recorder import AnswerLost, Call, Recorder
from local.services.kit.wsgi import answer
from local.services.razorpay.accounts import BROKEN_AFTER, KEY_SECRET, LOST, Accounts, PaymentLink

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_LINKS = "/v1/payment_links"
_CANCEL = re.compile(rf"{_LINKS}/(plink_[A-Za-z0-9]{{14}})/cancel")
_LONGEST_REFERENCE = 40
_SOONEST = 15 * 60
"""Seconds from now: a link must not expire earlier."""
_CALLER = "bills"
_DESCRIPTIONS = {401: "Authentication failed", 429: "Too many requests", 503: "The server is unavailable"}


class RazorpayEndpoint:
    """`app` is a WSGI application."""

    def __init__(self, accounts: Accounts, recorder: Recorder | None = None) -> None:
        self._accounts = accounts
        self._recorder = recorder

    def app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return answer(environ, start_response, self._respond)

    def _respond(self, request: Request) -> Response:
        sent = request.authorization
        if sent is None or not sent.username or sent.password != KEY_SECRET:
            return _error(401, _DESCRIPTIONS[401])
        account = sent.username
        if (request.method, request.path) == ("POST", _LINKS):
            return self._create(request, account)
        if (request.method, request.path) == ("GET", _LINKS):
            reference = request.args.get("reference_id", "") if self._accounts.filters else ""
            return _json({"payment_links": [one.json() for one in self._accounts.links(account, reference)]})
        found = _CANCEL.fullmatch(request.path)
        link = self._accounts.find(account, found[1]) if found and request.method == "POST" else None
        return self._cancel(link) if link else _error(400, "The id provided does not exist")

    def _create(self, request: Request, account: str) -> Response:
        body: Any = request.get_json(silent=True)
        if (wrong := _wrong(body)) is not None:
            return _error(400, wrong)
        error = self._accounts.next_error()
        if isinstance(error, int):
            return _error(error, _DESCRIPTIONS.get(error, "The request failed"))
        names = ("amount", "currency", "reference_id", "description", "expire_by", "notes")
        link = PaymentLink(account, **{name: body[name] for name in names})
        if not self._accounts.make(link):
            taken = f"payment link with given reference_id: {link.reference_id} already exists"
            return _error(400, f"{taken}. Please create a payment link with a different reference_id")
        self._record("payment_links.create", link)
        if error == LOST:
            raise AnswerLost
        return _error(500, "The server failed") if error == BROKEN_AFTER else _json(link.json())

    def _cancel(self, link: PaymentLink) -> Response:
        if not self._accounts.cancel(link):
            return _error(400, f"Payment Link cannot be cancelled, it is {link.status}")
        self._record("payment_links.cancel", link)
        return _json(link.json())

    def _record(self, method: str, link: PaymentLink) -> None:
        if self._recorder:
            self._recorder.record(Call("razorpay", method, _CALLER, link.reference_id))


def _wrong(body: Any) -> str | None:
    """What Razorpay refuses about a request for a link."""
    if not isinstance(body, dict) or not isinstance(body.get("amount"), int) or body["amount"] < 100:
        return "The amount must be at least 100"
    if not re.fullmatch(r"[A-Z]{3}", str(body.get("currency", ""))):
        return "The currency is not supported"
    if not 0 < len(str(body.get("reference_id", ""))) <= _LONGEST_REFERENCE:
        return "The reference id may not be greater than 40 characters"
    if not isinstance(body.get("expire_by"), int) or body["expire_by"] < time.time() + _SOONEST:
        return "expire_by should be at least 15 minutes after current time"
    return None


def _json(value: Mapping[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(value), status, mimetype="application/json")


def _error(status: int, description: str) -> Response:
    error = {"code": "BAD_REQUEST_ERROR" if status < 500 else "SERVER_ERROR", "description": description}
    more = {"source": "business", "step": "payment_initiation", "reason": "input_validation_failed", "metadata": {}}
    return _json({"error": {**error, **more}}, status)
