"""ID tokens as Firebase's Auth emulator makes them: unsigned."""

from __future__ import annotations

import time
from collections.abc import Mapping

from local.services.kit.identity import PROJECT, unsigned_jwt


def id_token(user_id: str, claims: Mapping[str, object], *, seconds: int, signed_in_at: int = 0) -> str:
    """A token from now, good for so many seconds; its own claims win over `claims`.

    It is of somebody who signed in then (seconds since the epoch), or now.
    """
    now = int(time.time())
    standing = {
        "iss": f"https://securetoken.google.com/{PROJECT}",
        "aud": PROJECT,
        "sub": user_id,
        "user_id": user_id,
        "auth_time": signed_in_at or now,
        "iat": now,
        "exp": now + seconds,
    }
    return unsigned_jwt({**claims, **standing})
