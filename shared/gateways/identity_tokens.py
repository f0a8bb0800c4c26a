"""Google's identity tokens: claims and signatures.

Cloud Run verifies a token before the function runs, and replaces its signature by a marker, so that nobody can use the
token again (cloud.google.com/run/docs/troubleshooting#signature-removed).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared import settings
from shared.gateways.certificates import Certificates
from shared.gateways.signed_tokens import parse
from shared.singleton import singleton

_GOOGLE = "https://www.googleapis.com/oauth2/v1/certs"
"""X.509 certificates by key id (developers.google.com/identity/openid-connect/openid-connect#validatinganidtoken)."""
_MARKER = "SIGNATURE_REMOVED_BY_GOOGLE"


def verified_claims(token: str, now: float) -> Mapping[str, Any]:
    """The claims of a token that is valid at `now` (seconds since the epoch) and signed by Google.

    On Cloud Run a token with the marker counts as signed: Cloud Run has verified it. Raises InvalidToken, or
    Unavailable when the certificates cannot be fetched.
    """
    content, _, signature = token.rpartition(".")
    checked = signature == _MARKER and settings.on_cloud_run()
    parsed = parse(f"{content}." if checked else token)
    parsed.require_current(now)
    if not checked:
        parsed.require_signature(_certificates())
    return parsed.claims


@singleton
def _certificates() -> Certificates:
    return Certificates(settings.load(settings.Invoker).certificates_endpoint or _GOOGLE)
