"""The invokers of job functions: Cloud Tasks, Cloud Scheduler and Eventarc send an identity token with each delivery.

Cloud Run verifies the token before the function runs, and replaces its signature by a marker, so that nobody can use
the token again (cloud.google.com/run/docs/troubleshooting#signature-removed). On Cloud Run a token with the marker is
checked by its claims. Everywhere else, and if Cloud Run did not check the token because everybody may invoke the
function, the signature is verified here.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from shared import settings
from shared.gateways import certificates
from shared.records.problems import Forbidden, Unauthenticated
from shared.web import logs

_log = logging.getLogger("synapse.security")
_ISSUERS = ("https://accounts.google.com", "accounts.google.com")
_MARKER = "SIGNATURE_REMOVED_BY_GOOGLE"
_CLOCK_SKEW = 10
"""Seconds."""
_LONGEST = 8192
"""Characters of a token; Google's have about a thousand."""
_DETERMINISTIC = re.compile(r"(?P<service>[a-z][a-z0-9-]*)-\d+\.[a-z0-9-]+\.run\.app")
"""A Cloud Run URL with the project number."""
_HASHED = re.compile(r"(?P<service>[a-z][a-z0-9-]*)-[a-z0-9]{10}-[a-z]{2,3}\.a\.run\.app")
"""A Cloud Run URL with a hash of the project and a code of the region."""


class _Refused(Exception):
    """The token does not show that the expected account calls this function."""


def admit(authorization: str | None) -> None:
    """Raises Unauthenticated without a valid identity token for this function, Forbidden for a token of another
    account, and Unavailable when Google's certificates cannot be fetched. A refusal is a security event in the log."""
    expected = settings.load(settings.Invoker)
    try:
        claims = _verified(authorization or "")
        _require_current(claims)
        if not is_own_url(expected.invoker_audience, claims.get("aud")):
            raise _Refused("audience")
    except _Refused as refused:
        _report(str(refused))
        raise Unauthenticated from None
    if claims.get("email") != expected.invoker_account:
        _report("account")
        raise Forbidden
    if claims.get("email_verified") is not True:
        _report("email_unverified")
        raise Forbidden


def is_own_url(own: str, audience: object) -> bool:
    """True if a token's audience is this function's URL, with or without the closing slash and the query.

    Cloud Tasks and Cloud Scheduler name the configured URL. Eventarc's push subscription names the URL that Cloud Run
    chose for the service, which ends with a hash of the project and a code of the region and is not known before the
    service exists (cloud.google.com/run/docs/triggering/https-request). Both are addresses of the same service.
    """
    if not isinstance(audience, str):
        return False
    try:
        is_, should = urlsplit(audience), urlsplit(own)
    except ValueError:
        return False
    if (is_.scheme, is_.path.rstrip("/")) != (should.scheme, should.path.rstrip("/")):
        return False
    if is_.netloc == should.netloc:
        return True
    deterministic, hashed = _DETERMINISTIC.fullmatch(should.netloc), _HASHED.fullmatch(is_.netloc)
    return bool(deterministic and hashed and deterministic["service"] == hashed["service"])


def _verified(authorization: str) -> Mapping[str, Any]:
    """The claims of the bearer token, once Cloud Run or this function has verified its signature. Raises _Refused."""
    from google.auth import jwt

    scheme, _, token = authorization.partition(" ")
    if not authorization:
        raise _Refused("missing")
    if scheme.lower() != "bearer" or len(token) > _LONGEST:
        raise _Refused("malformed")
    content, _, signature = token.rpartition(".")
    checked = signature == _MARKER and settings.on_cloud_run()
    try:
        claims: Mapping[str, Any] = jwt.decode(f"{content}." if checked else token, verify=False)
        key_id = jwt.decode_header(token if not checked else f"{content}.").get("kid")
    except (ValueError, RecursionError):
        raise _Refused("malformed") from None
    _require_current(claims)
    if not checked:
        _verify_signature(token, key_id)
    if claims.get("iss") not in _ISSUERS:
        raise _Refused("issuer")
    return claims


def _verify_signature(token: str, key_id: object) -> None:
    from google.auth import jwt

    known = certificates.of_key(key_id) if isinstance(key_id, str) else {}
    if key_id not in known:
        raise _Refused("unknown_key")
    try:
        jwt.decode(token, certs=known, clock_skew_in_seconds=_CLOCK_SKEW)
    except ValueError:
        raise _Refused("signature") from None


def _require_current(claims: Mapping[str, Any]) -> None:
    issued, expires, now = claims.get("iat"), claims.get("exp"), time.time()
    if not isinstance(issued, int | float) or not isinstance(expires, int | float):
        raise _Refused("malformed")
    if not issued - _CLOCK_SKEW <= now <= expires + _CLOCK_SKEW:
        raise _Refused("expired")


def _report(reason: str) -> None:
    logs.configure()
    _log.error("delivery refused", extra={"reason": reason})
