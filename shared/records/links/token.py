"""The secret of a link: 128 random bits in its URL. Only a keyed hash of it is stored."""

from __future__ import annotations

import re
import secrets

_BYTES = 16
_FORM = re.compile(r"[A-Za-z0-9_-]{22}")


def new_token() -> str:
    """128 random bits in base64url, without padding."""
    return secrets.token_urlsafe(_BYTES)


def is_token(text: str) -> bool:
    """True if the text has the form of a token. Nothing is looked up for others."""
    return _FORM.fullmatch(text) is not None
