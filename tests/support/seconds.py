"""Waiting for a clock with a resolution of one second, such as that of tokens."""

from __future__ import annotations

import time


def next_second() -> None:
    """Return when the next whole second has begun: `iat`, `auth_time` and `valid_since` are whole seconds."""
    before = int(time.time())
    while int(time.time()) == before:
        time.sleep(1.001 - time.time() % 1)
