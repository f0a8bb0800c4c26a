"""Verification of V4 signed URLs."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from urllib.parse import quote, unquote

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from local.services.storage.errors import StorageError
from local.services.storage.web import StorageRequest

_ALGORITHM = "GOOG4-RSA-SHA256"
_MAX_LIFETIME = 7 * 24 * 3600
"""The maximum lifetime of a signed URL, in seconds."""
_CLOCK_SKEW = dt.timedelta(minutes=15)
_PARAMETERS = tuple(
    f"X-Goog-{name}" for name in ("Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature")
)


def verify(request: StorageRequest, trusted: Callable[[str], RSAPublicKey | None]) -> None:
    """Raises StorageError: 403 for a request without a valid signature, 400 for an expired or malformed one."""
    if "X-Goog-Signature" not in request.args:
        raise StorageError(403, "AccessDenied", "Anonymous caller does not have access to the object.")
    if missing := [name for name in _PARAMETERS if name not in request.args]:
        raise _malformed(f"Missing {', '.join(missing)}")
    signed_at, expires = _times(request)
    _check_headers(request)
    _check_signature(request, trusted)
    now = dt.datetime.now(dt.UTC)
    if now < signed_at - _CLOCK_SKEW:
        raise StorageError(403, "AccessDenied", "The request is not yet valid.")
    if now > signed_at + expires:
        raise StorageError(400, "ExpiredToken", "The provided token has expired.")


def _times(request: StorageRequest) -> tuple[dt.datetime, dt.timedelta]:
    try:
        signed_at = dt.datetime.strptime(request.args["X-Goog-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
        expires = int(request.args["X-Goog-Expires"])
    except ValueError:
        raise _malformed("Invalid X-Goog-Date or X-Goog-Expires") from None
    if not 0 <= expires <= _MAX_LIFETIME:
        raise _malformed(f"X-Goog-Expires must be at most {_MAX_LIFETIME} seconds")
    return signed_at, dt.timedelta(seconds=expires)


def _check_headers(request: StorageRequest) -> None:
    """`host` and every `x-goog-` header must be signed, so that the URL's holder cannot add one."""
    signed = set(request.args["X-Goog-SignedHeaders"].split(";"))
    sent = {name.lower() for name, _ in request.headers if name.lower().startswith("x-goog-")}
    if unsigned := ({"host"} | sent) - signed:
        raise StorageError(400, "MalformedSecurityHeader", f"Headers are not signed: {', '.join(sorted(unsigned))}")


def _check_signature(request: StorageRequest, trusted: Callable[[str], RSAPublicKey | None]) -> None:
    email, _, scope = request.args["X-Goog-Credential"].partition("/")
    date = request.args["X-Goog-Date"]
    day, _, service = scope.partition("/")
    if day != date[:8] or not service.endswith("/storage/goog4_request"):
        raise _malformed("Invalid X-Goog-Credential")
    canonical = hashlib.sha256(_canonical_request(request).encode()).hexdigest()
    key = trusted(email)
    try:
        if key is None or request.args["X-Goog-Algorithm"] != _ALGORITHM:
            raise InvalidSignature
        signature = bytes.fromhex(request.args["X-Goog-Signature"])
        key.verify(signature, "\n".join((_ALGORITHM, date, scope, canonical)).encode(), PKCS1v15(), SHA256())
    except (ValueError, InvalidSignature):
        raise StorageError(403, "SignatureDoesNotMatch", "Access denied: the signature does not match.") from None


def _canonical_request(request: StorageRequest) -> str:
    pairs = ((name, value) for name, value in request.args.items(multi=True) if name != "X-Goog-Signature")
    query = "&".join(
        f"{name}={value}" for name, value in sorted((_quoted(name), _quoted(value)) for name, value in pairs)
    )
    signed = request.args["X-Goog-SignedHeaders"]
    headers = "".join(f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in signed.split(";"))
    path = quote(unquote(request.raw_path), safe="/~")
    payload = request.headers.get("x-goog-content-sha256", "UNSIGNED-PAYLOAD")
    return "\n".join((request.method, path, query, headers, signed, payload))


def _quoted(text: str) -> str:
    return quote(text, safe="~")


def _malformed(message: str) -> StorageError:
    return StorageError(400, "AuthorizationQueryParametersError", message)
