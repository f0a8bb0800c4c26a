"""Firebase Cloud Messaging (FCM), HTTP v1: sends a data message to one device.

firebase-admin sends to a fixed address only and repeats requests by itself, also when the first may have been
delivered; so this is one REST call (firebase.google.com/docs/reference/fcm/rest/v1/projects.messages/send).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from shared import settings
from shared.singleton import singleton

_SECONDS = 5
"""Timeout of one call."""
_SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
_BUSY_STATUSES = {429, 500, 502, 503, 504}
"""FCM did not accept the message; send it later (firebase.google.com/docs/cloud-messaging/error-codes)."""
_BAD_REQUEST = 400
_DEAD_TOKENS = {"UNREGISTERED", "SENDER_ID_MISMATCH"}
"""The app was removed or has a new token, or the token belongs to another project."""
_LIFETIME = "86400s"
"""How long FCM keeps the message for a device that is offline."""


class Delivery(Enum):
    """The outcome of one call."""

    SENT = "sent"
    BUSY = "busy"
    """Nothing was sent; send it later."""
    UNREGISTERED = "unregistered"
    """The token will never work again."""
    UNKNOWN = "unknown"
    """The response was lost: the message may have been sent, so it must not be sent again."""
    REFUSED = "refused"
    """FCM refuses the project or the function: wrong credentials, API not enabled."""
    MALFORMED = "malformed"
    """FCM refuses the message. All messages have the same form, so usually the token was never one."""


def send(token: str, data: Mapping[str, str]) -> Delivery:
    """Send these fields to the device with this registration token. The message has no text, so a screen shows nothing
    until the app makes a notification of it."""
    import requests
    from google.auth.exceptions import TransportError

    try:
        response = _session().post(_url(), json={"message": _message(token, data)}, timeout=_SECONDS)
    except TransportError:  # no access token, so no request
        return Delivery.BUSY
    except (requests.ConnectionError, requests.Timeout) as error:
        return Delivery.BUSY if _never_connected(error) else Delivery.UNKNOWN
    if response.ok:
        return Delivery.SENT
    if _error_code_of(response) in _DEAD_TOKENS:
        return Delivery.UNREGISTERED
    if response.status_code in _BUSY_STATUSES:
        return Delivery.BUSY
    return Delivery.MALFORMED if response.status_code == _BAD_REQUEST else Delivery.REFUSED


def _message(token: str, data: Mapping[str, str]) -> dict[str, Any]:
    """A data message that wakes the app: at high priority on Android, in the background on iOS."""
    return {
        "token": token,
        "data": dict(data),
        "android": {"priority": "HIGH", "ttl": _LIFETIME},
        "apns": {
            "headers": {"apns-push-type": "background", "apns-priority": "5"},
            "payload": {"aps": {"content-available": 1}},
        },
        "webpush": {"headers": {"TTL": _LIFETIME.removesuffix("s")}},
    }


def _never_connected(error: Any) -> bool:
    """True if no connection was made, so nothing was sent."""
    import requests
    from urllib3.exceptions import NewConnectionError

    cause = error.args[0] if error.args else None
    return isinstance(error, requests.ConnectTimeout) or isinstance(getattr(cause, "reason", None), NewConnectionError)


def _error_code_of(response: Any) -> str:
    """The `errorCode` of FCM in an error response, such as UNREGISTERED; empty without one."""
    try:
        details = response.json()["error"].get("details", [])
        return next((str(detail["errorCode"]) for detail in details if "errorCode" in detail), "")
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""


def _url() -> str:
    base = settings.load(settings.MessagingEndpoint).messaging_endpoint or "https://fcm.googleapis.com"
    return f"{base}/v1/projects/{settings.load(settings.Project).google_cloud_project}/messages:send"


@singleton
def _session() -> Any:
    """An HTTP session with the function's own credentials."""
    import google.auth
    from google.auth.transport.requests import AuthorizedSession

    credentials, _ = google.auth.default(scopes=[_SCOPE])
    return AuthorizedSession(credentials)
