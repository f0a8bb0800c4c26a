"""Twilio: sends a text message, finds one again, and asks whether it arrived.

Twilio has no idempotency keys: two requests are two messages. So a request without an answer is looked up in the list
of messages before anything is repeated, by number and text.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from shared import settings
from shared.records.messages.outcome import Delivery, Lookup, Outcome, Verdict
from shared.records.problems import Unavailable
from shared.singleton import singleton

_log = logging.getLogger("synapse.jobs")
T = TypeVar("T")

_SECONDS = 20.0
_CLOCKS_DIFFER_BY = timedelta(minutes=2)
_MOST_LISTED = 200
"""Messages to one number that a lookup reads, newest first."""
_NO_ADDRESS = {21211, 21217, 21610, 21614, 30005, 30006}
"""No number, unsubscribed, no mobile telephone, unknown to its network, a landline (twilio.com/docs/api/errors)."""
_OUR_FAULT = {401, 403}


def is_set_up() -> bool:
    """True if there is an account."""
    return bool(settings.load(settings.Sms).twilio_account_sid)


def send(to: str, body: str) -> Outcome:
    """Send a text message."""
    from requests import RequestException
    from twilio.base.exceptions import TwilioException, TwilioRestException

    sender = settings.load(settings.Sms).sms_sender
    source = {"messaging_service_sid": sender} if sender.startswith("MG") else {"from_": sender}
    try:
        made = _client().messages.create(to=to, body=body, **source)
    except TwilioRestException as error:
        return _refused(error.status, error.code)
    except RequestException as error:
        if _never_connected(error):
            return Outcome(Verdict.BUSY, "twilio_unreachable")
        return Outcome(Verdict.LOST, "answer_lost")
    except TwilioException:
        return Outcome(Verdict.LOST, "answer_lost")
    return Outcome(Verdict.ACCEPTED, provider_id=str(made.sid))


def find(to: str, body: str, since: datetime) -> tuple[Lookup, str | None]:
    """Look for a text message that was perhaps sent after a time; with Twilio's id if there is one.

    An account on trial puts words before each text, so only its end is compared. Raises Unavailable.
    """
    listed = _asked(lambda: _client().messages.list(to=to, limit=_MOST_LISTED))
    unreadable = False
    for one in listed:
        if one.date_created is not None and one.date_created < since - _CLOCKS_DIFFER_BY:
            break
        if one.direction == "inbound":
            continue
        if one.body and one.body.endswith(body):
            return Lookup.FOUND, str(one.sid)
        unreadable = unreadable or not one.body
    return (Lookup.UNREADABLE if unreadable else Lookup.ABSENT), None


def delivery(sid: str) -> tuple[Delivery, str]:
    """Whether a text message arrived, and Twilio's code if not. Raises Unavailable."""
    one = _asked(lambda: _client().messages(sid).fetch())
    if one.status in ("delivered", "read"):
        return Delivery.ARRIVED, ""
    if one.status not in ("undelivered", "failed"):
        return Delivery.PENDING, ""
    gone = one.error_code in _NO_ADDRESS
    return (Delivery.BOUNCED if gone else Delivery.NOT_DELIVERED), f"twilio_{one.error_code or 'undelivered'}"


def _refused(status: int, code: int | None) -> Outcome:
    """What an error means. After one of class 5 the message may exist."""
    name = f"twilio_{code or status}"
    if status >= 500:
        return Outcome(Verdict.LOST, name)
    if status == 429:
        return Outcome(Verdict.BUSY, name)
    if status in _OUR_FAULT:
        _log.error("Twilio refuses the account", extra={"reason": name})
        return Outcome(Verdict.BUSY, name)
    return Outcome(Verdict.BOUNCED if code in _NO_ADDRESS else Verdict.REFUSED, name)


def _asked(ask: Callable[[], T]) -> T:
    from requests import RequestException
    from twilio.base.exceptions import TwilioException

    try:
        return ask()
    except (RequestException, TwilioException) as error:
        _log.warning("Twilio does not answer", extra={"reason": type(error).__name__})
        raise Unavailable from None


def _never_connected(error: Any) -> bool:
    """True if no connection was made, so nothing was sent."""
    from requests import ConnectTimeout
    from urllib3.exceptions import NewConnectionError

    cause = error.args[0] if error.args else None
    return isinstance(error, ConnectTimeout) or isinstance(getattr(cause, "reason", None), NewConnectionError)


@singleton
def _client() -> Any:
    from twilio.http.http_client import TwilioHttpClient
    from twilio.rest import Client

    configured = settings.load(settings.Sms)
    http = TwilioHttpClient(timeout=_SECONDS)
    client = Client(
        configured.twilio_account_sid,
        configured.twilio_auth_token.reveal(),
        region=configured.twilio_region or None,
        edge=configured.twilio_edge or None,
        http_client=http,
    )
    if endpoint := configured.twilio_endpoint:
        client.api.base_url = endpoint
        client.get_hostname = lambda uri: uri  # type: ignore[method-assign]
    return client
