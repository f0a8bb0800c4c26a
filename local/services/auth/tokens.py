"""ID tokens as Firebase's Auth emulator makes them: unsigned."""

from __future__ import annotations

import time
from collections.abc import Mapping

from local.services.kit.identity import PROJECT, unsigned_jwt


def id_token(user_id: str, claims: Mapping[str, object], *, seconds: int, signed_in_at: int = 0) -> str:
    """An ID token issued now, valid for so many seconds; its standard claims override `claims`.

    `signed_in_at` is in seconds since the epoch; 0 is now.
    """
    now = int(time.time())
    standard = {
        "iss": f"https://securetoken.google.com/{PROJECT}",
        "aud": PROJECT,
        "sub": user_id,
        "user_id": user_id,
        "auth_time": signed_in_at or now,
        "iat": now,
        "exp": now + seconds,
    }
    return unsigned_jwt({**claims, **standard})
