"""Constants and tokens for the tests of the API's conventions."""

from __future__ import annotations

import time

from local.services.kit.identity import PROJECT, unsigned_jwt

ORIGIN = "http://localhost:3000"


def bearer(**claims: object) -> str:
    """An Authorization header; its token has the default claims, overridden by `claims`. None omits a claim."""
    now = int(time.time())
    defaults = {
        "iss": f"https://securetoken.google.com/{PROJECT}",
        "aud": PROJECT,
        "auth_time": now,
        "iat": now,
        "exp": now + 3600,
    }
    present = {name: value for name, value in {**defaults, **claims}.items() if value is not None}
    return f"Bearer {unsigned_jwt({**present, 'user_id': present.get('sub', '')})}"
