"""JSON Web Tokens that Google signs with RS256 (RFC 7515, RFC 7519): their parts, times and signatures."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from shared.gateways.certificates import Certificates

CLOCK_SKEW = 10
"""Seconds by which the issuer's clock and ours may differ."""
_LONGEST = 8192
"""Characters of a token; Google's have about a thousand."""


class InvalidToken(Exception):
    """The token is not valid; the argument is the reason, a code for the log."""


class Token(NamedTuple):
    """The parts of a token, none of them checked."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    signed: bytes
    """What the signature covers."""
    signature: bytes

    def require_current(self, now: float) -> None:
        """Raises InvalidToken unless the token is valid at `now`, in seconds since the epoch."""
        issued, expires = self.claims.get("iat"), self.claims.get("exp")
        if not isinstance(issued, int | float) or not isinstance(expires, int | float):
            raise InvalidToken("malformed")
        if not issued - CLOCK_SKEW <= now <= expires + CLOCK_SKEW:
            raise InvalidToken("expired")

    def require_signature(self, certificates: Certificates) -> None:
        """Raises InvalidToken unless a key of these certificates signed the token; Unavailable when they cannot be
        fetched."""
        if self.header.get("alg") != "RS256":
            raise InvalidToken("algorithm")
        verifier = certificates.verifier(self.header.get("kid"))
        if verifier is None:
            raise InvalidToken("unknown_key")
        if not verifier.verify(self.signed, self.signature):
            raise InvalidToken("signature")


def parse(token: str) -> Token:
    """Raises InvalidToken for what has not the form of a token."""
    if len(token) > _LONGEST:
        raise InvalidToken("malformed")
    try:
        header, claims, signature = token.encode("ascii").split(b".")
        parsed = Token(_object(header), _object(claims), header + b"." + claims, _decoded(signature))
    except (ValueError, RecursionError):  # RecursionError: endlessly nested JSON
        raise InvalidToken("malformed") from None
    return parsed


def _object(part: bytes) -> Mapping[str, Any]:
    value = json.loads(_decoded(part))
    if not isinstance(value, dict):
        raise ValueError
    return value


def _decoded(part: bytes) -> bytes:
    return base64.b64decode(part + b"=" * (-len(part) % 4), altchars=b"-_", validate=True)
