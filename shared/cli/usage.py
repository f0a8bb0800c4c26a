"""Arguments of the commands, checked."""

from __future__ import annotations

import re

_CLINIC_ID = re.compile(r"^[a-z0-9]{3,40}$")


class UsageError(Exception):
    """The arguments or settings are invalid; the message lists every problem."""


def clinic_id(text: str) -> str:
    if not _CLINIC_ID.match(text):
        raise UsageError(f"{text} is not a clinic id: 3 to 40 lower-case letters and digits")
    return text
