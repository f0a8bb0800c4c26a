"""An account, and the rules for its password and its tokens."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from dataclasses import dataclass

from local.services.auth.errors import IdentityToolkitError

_MIN_PASSWORD = 6
"""Identity Toolkit's own limit."""
POLICY_LENGTH = 12
"""The shortest password of the project's policy."""


@dataclass
class Account:
    """One person's account."""

    uid: str
    email: str
    created_at: int
    """Milliseconds since the epoch."""
    password: str = ""
    """Salt and scrypt hash in base64; empty before the first password."""
    display_name: str = ""
    email_verified: bool = False
    disabled: bool = False
    claims: str = ""
    """Custom claims as JSON, or empty."""
    valid_since: int = 0
    """Seconds since the epoch; tokens issued before are revoked."""
    signed_in_at: int = 0
    """Milliseconds since the epoch; 0 before the first sign-in."""

    def accepts(self, password: str) -> bool:
        return bool(self.password) and hmac.compare_digest(self.password, _hashed(password, self.password))

    def set_password(self, password: str, now: int, *, chosen: bool = False) -> None:
        """Set a new password, which revokes all tokens. Raises IdentityToolkitError when it is too short.

        Only a password that the person chooses is subject to the project's policy (infra/password-policy.sh).
        """
        if len(password) < _MIN_PASSWORD:
            raise IdentityToolkitError(f"WEAK_PASSWORD : Password should be at least {_MIN_PASSWORD} characters")
        if chosen and len(password) < POLICY_LENGTH:
            missing = f"Password must contain at least {POLICY_LENGTH} characters"
            raise IdentityToolkitError(
                f"PASSWORD_DOES_NOT_MEET_REQUIREMENTS : Missing password requirements: [{missing}]"
            )
        self.password = _hashed(password)
        self.valid_since = now

    def check(self, issued: int) -> None:
        """Raises IdentityToolkitError when a token issued then (seconds since the epoch) is not valid any more."""
        if issued < self.valid_since:
            raise IdentityToolkitError("TOKEN_EXPIRED")
        if self.disabled:
            raise IdentityToolkitError("USER_DISABLED")


def _hashed(password: str, like: str = "") -> str:
    """Salt and hash in base64; with the salt of the hash `like`, or a new one."""
    salt = base64.b64decode(like)[:16] if like else os.urandom(16)
    return base64.b64encode(salt + hashlib.scrypt(password.encode(), salt=salt, n=2**12, r=8, p=1)).decode()
