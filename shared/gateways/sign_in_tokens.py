"""Firebase ID tokens, by the rules for verifying them with a library of one's own
(firebase.google.com/docs/auth/admin/verify-id-tokens#verify_id_tokens_using_a_third-party_jwt_library).

firebase-admin, which has the same rules, parses Google's certificates for each token: half a millisecond.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared import settings
from shared.gateways.certificates import Certificates
from shared.gateways.signed_tokens import InvalidToken, parse
from shared.singleton import singleton

_GOOGLE = "https://www.googleapis.com/robot/v1/metadata/x509/securetoken@system.gserviceaccount.com"
_ISSUER = "https://securetoken.google.com"
_LONGEST_SUBJECT = 128


def verified_claims(token: str, now: float) -> Mapping[str, Any]:
    """The claims of a token of this project that is valid at `now` (seconds since the epoch) and signed by Google; its
    `sub` is the user id. The emulator of Firebase Auth does not sign.

    Raises InvalidToken, or Unavailable when the certificates cannot be fetched.
    """
    web = settings.load(settings.Web)
    parsed = parse(token)
    claims = parsed.claims
    if claims.get("aud") != web.google_cloud_project:
        raise InvalidToken("audience")
    if claims.get("iss") != f"{_ISSUER}/{web.google_cloud_project}":
        raise InvalidToken("issuer")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT:
        raise InvalidToken("subject")
    if not web.firebase_auth_emulator_host:
        parsed.require_current(now)
        parsed.require_signature(_certificates())
    return claims


@singleton
def _certificates() -> Certificates:
    return Certificates(_GOOGLE)
