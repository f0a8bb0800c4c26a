"""Razorpay: makes, finds and cancels payment links with a clinic's own keys, and verifies the signature of an event.

A reference names one link of an account for ever: a second request with it is refused (razorpay.com/docs/api/payments/
payment-links). So a request whose answer is lost can be repeated, and the link is then found by its reference.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from shared import settings
from shared.records.conflict_codes import ConflictCode
from shared.records.problems import Conflict, Unavailable
from shared.singleton import singleton

_log = logging.getLogger("synapse.jobs")
_SECONDS = 10
"""Timeout of one call."""
_BASE = "https://api.razorpay.com"
_BUSY = 429
_SERVER_ERROR = 500
_OPEN = "created"
"""The state of a link that can be paid."""


@dataclass(frozen=True, repr=False)
class Account:
    """The keys of a clinic's account. Their text is in no log."""

    key_id: str
    key_secret: str


@dataclass(frozen=True)
class NewLink:
    """A link to be made."""

    reference: str
    amount: int
    """In minor units of the currency."""
    currency: str
    description: str
    expires_at: datetime
    notes: Mapping[str, str]


@dataclass(frozen=True)
class Link:
    """A link at the provider."""

    id: str
    url: str
    is_open: bool
    expires_at: datetime


def create_link(account: Account, new: NewLink) -> Link | None:
    """Make a link; None if one with this reference exists. The provider writes to nobody: the clinic does.

    Raises Unavailable when the provider does not answer, and Conflict when it refuses.
    """
    body = {
        "amount": new.amount,
        "currency": new.currency,
        "accept_partial": False,
        "reference_id": new.reference,
        "description": new.description,
        "expire_by": int(new.expires_at.timestamp()),
        "notes": dict(new.notes),
        "notify": {"sms": False, "email": False},
        "reminder_enable": False,
    }
    response = _call(account, "POST", "/v1/payment_links", json=body)
    if response.status_code == 400 and _is_duplicate(response, new.reference):
        return None
    return _link(_accepted(response))


def find_link(account: Account, new: NewLink) -> Link | None:
    """The link that an earlier request made; None if there is none that is exactly this one and open.

    Raises Unavailable and Conflict as `create_link`.
    """
    answer = _accepted(_call(account, "GET", "/v1/payment_links", params={"reference_id": new.reference}))
    found = [one for one in answer.get("payment_links") or [] if _is_same(one, new)]
    return next((link for link in map(_link, found) if link.is_open), None)


def cancel_link(account: Account, link_id: str) -> bool:
    """Let nobody pay by a link any more. False if it is no longer open: paid, expired or cancelled.

    Raises Unavailable when the provider does not answer, and Conflict when it refuses the keys.
    """
    response = _call(account, "POST", f"/v1/payment_links/{link_id}/cancel")
    if response.status_code == 400:
        return False
    _accepted(response)
    return True


def is_signed(body: bytes, signature: str, secrets: Iterable[str]) -> bool:
    """True if one of the secrets has signed exactly these bytes (X-Razorpay-Signature). Takes as long for every
    signature of the right length."""
    sent = signature.encode("ascii", "replace")
    matches = [hmac.compare_digest(_signature(body, secret), sent) for secret in secrets]
    return any(matches)


def _signature(body: bytes, secret: str) -> bytes:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode()


def _call(account: Account, method: str, path: str, **more: Any) -> Any:
    """One call, which is not repeated here. Raises Unavailable without an answer."""
    import requests

    base = settings.load(settings.RazorpayEndpoint).razorpay_endpoint or _BASE
    keys = account.key_id, account.key_secret
    try:
        return _session().request(method, f"{base}{path}", auth=keys, timeout=_SECONDS, allow_redirects=False, **more)
    except requests.RequestException as error:
        _log.warning("Razorpay does not answer", extra={"reason": type(error).__name__})
        raise Unavailable from None


def _accepted(response: Any) -> Mapping[str, Any]:
    """The body of a success. Raises Unavailable for what passes, and Conflict for a refusal."""
    status = response.status_code
    if status == _BUSY or status >= _SERVER_ERROR:
        _log.warning("Razorpay is busy", extra={"reason": f"razorpay_{status}"})
        raise Unavailable
    if not response.ok:
        _log.warning("Razorpay refuses", extra={"reason": f"razorpay_{status}"})
        raise Conflict(ConflictCode.PAYMENT_PROVIDER_REFUSED, f"the payment provider answers {status}")
    try:
        body: Mapping[str, Any] = response.json()
    except ValueError:
        raise Unavailable from None
    return body


def _is_duplicate(response: Any, reference: str) -> bool:
    try:
        described = str(response.json()["error"]["description"])
    except (ValueError, KeyError, TypeError):
        return False
    return reference in described and "already exists" in described


def _is_same(found: Mapping[str, Any], new: NewLink) -> bool:
    """True if the link is the one that `create_link` would make: the filter of the list is not relied upon."""
    same = ("reference_id", new.reference), ("amount", new.amount), ("currency", new.currency)
    notes = found.get("notes") or {}
    return all(found.get(name) == value for name, value in same) and dict(notes) == dict(new.notes)


def _link(found: Mapping[str, Any]) -> Link:
    try:
        expires_at = datetime.fromtimestamp(int(found["expire_by"]), UTC)
        return Link(str(found["id"]), str(found["short_url"]), found.get("status") == _OPEN, expires_at)
    except (KeyError, TypeError, ValueError):
        raise Unavailable from None


@singleton
def _session() -> Any:
    import requests

    return requests.Session()
