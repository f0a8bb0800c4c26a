"""The invokers of job functions: Cloud Tasks, Cloud Scheduler and Eventarc send an identity token with each delivery.

Cloud Run checks the token first. A function checks it again, so that an account that was granted too much does nothing.
"""

from __future__ import annotations

import logging
import re
import time
from urllib.parse import urlsplit

from shared import settings
from shared.gateways import identity_tokens
from shared.gateways.signed_tokens import InvalidToken
from shared.records.problems import Forbidden, Unauthenticated

_log = logging.getLogger("synapse.security")
_ISSUERS = ("https://accounts.google.com", "accounts.google.com")
_DETERMINISTIC = re.compile(r"(?P<service>[a-z][a-z0-9-]*)-\d+\.[a-z0-9-]+\.run\.app")
"""A Cloud Run URL with the project number."""
_HASHED = re.compile(r"(?P<service>[a-z][a-z0-9-]*)-[a-z0-9]{10}-[a-z]{2,3}\.a\.run\.app")
"""A Cloud Run URL with a hash of the project and a code of the region."""


def admit(authorization: str | None) -> None:
    """Raises Unauthenticated without a valid identity token for this function, Forbidden for a token of another
    account, and Unavailable when Google's certificates cannot be fetched. A refusal is a security event in the log."""
    expected = settings.load(settings.Invoker)
    try:
        claims = identity_tokens.verified_claims(_bearer(authorization or ""), time.time())
        if claims.get("iss") not in _ISSUERS:
            raise InvalidToken("issuer")
        if not is_own_url(expected.invoker_audience, claims.get("aud")):
            raise InvalidToken("audience")
    except InvalidToken as invalid:
        _report(str(invalid))
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


def _bearer(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    if not authorization:
        raise InvalidToken("missing")
    if scheme.lower() != "bearer":
        raise InvalidToken("malformed")
    return token


def _report(reason: str) -> None:
    _log.error("delivery refused", extra={"reason": reason})
