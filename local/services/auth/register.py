"""The accounts of one local stack, with their passwords, refresh tokens and action codes, kept in one file."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import string
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from local.services.kit.private_files import write_private

_SHORTEST_PASSWORD = 6


class Refused(Exception):
    """What Identity Toolkit answers instead; the argument is its code, such as `EMAIL_EXISTS`."""


@dataclass
class Account:
    """One person who may sign in."""

    uid: str
    email: str
    created_at: int
    """Milliseconds since the epoch."""
    password: str = ""
    """Salt and scrypt hash in base64; empty until one was chosen."""
    display_name: str = ""
    email_verified: bool = False
    disabled: bool = False
    claims: str = ""
    """Custom claims, as JSON; empty until there are some."""
    valid_since: int = 0
    """Seconds since the epoch; tokens from before are revoked."""
    signed_in_at: int = 0
    """Milliseconds since the epoch; 0 for who never did."""

    def accepts(self, password: str) -> bool:
        return bool(self.password) and hmac.compare_digest(self.password, _hashed(password, self.password))

    def choose(self, password: str, now: int) -> None:
        """A new password, by which whoever was signed in is signed out. Raises Refused for one that is too short."""
        if len(password) < _SHORTEST_PASSWORD:
            raise Refused(f"WEAK_PASSWORD : Password should be at least {_SHORTEST_PASSWORD} characters")
        self.password = _hashed(password)
        self.valid_since = now

    def check(self, issued: int) -> None:
        """Raises Refused when a token from then (seconds since the epoch) does not count any more."""
        if issued < self.valid_since:
            raise Refused("TOKEN_EXPIRED")
        if self.disabled:
            raise Refused("USER_DISABLED")


@dataclass
class _Kept:
    """What is in the file."""

    accounts: dict[str, Account] = field(default_factory=dict)
    """By uid."""
    refresh_tokens: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Uid and issue time (seconds since the epoch), by token."""
    codes: dict[str, str] = field(default_factory=dict)
    """Uid by the code of a link that chooses a password; each is good once."""


class Register:
    """All accounts; threads may share it. Every change is on disk when the call returns."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._file = folder / "accounts.json"
        self._clock = clock
        self._lock = threading.Lock()
        self._kept = _load(self._file)

    def now(self) -> int:
        """Seconds since the epoch."""
        return int(self._clock())

    def create(self, email: str, uid: str, complete: Callable[[Account], None]) -> Account:
        """A new account, with what `complete` sets. Raises Refused when its e-mail address or uid is taken."""
        account = Account(uid or _new_uid(), email, int(self._clock() * 1000))
        complete(account)
        with self._change() as kept:
            if uid in kept.accounts:
                raise Refused("DUPLICATE_LOCAL_ID")
            if _with_email(kept, account.email):
                raise Refused("EMAIL_EXISTS")
            kept.accounts[account.uid] = account
            return account

    def find(self, *, uid: str = "", email: str = "") -> Account | None:
        with self._lock:
            return self._kept.accounts.get(uid) or _with_email(self._kept, email.lower())

    def all(self) -> list[Account]:
        """Every account, by uid."""
        with self._lock:
            return [self._kept.accounts[uid] for uid in sorted(self._kept.accounts)]

    def update(self, uid: str, change: Callable[[Account], None]) -> Account:
        """Change an account. Raises Refused when there is none."""
        with self._change() as kept:
            account = kept.accounts.get(uid)
            if account is None:
                raise Refused("USER_NOT_FOUND")
            before = asdict(account)
            try:
                change(account)
                if any(other is not account and other.email == account.email for other in kept.accounts.values()):
                    raise Refused("EMAIL_EXISTS")
            except Exception:
                kept.accounts[uid] = Account(**before)
                raise
            return account

    def delete(self, uid: str) -> None:
        """Also what signs in to the account: a later one may have its uid. Raises Refused when there is none."""
        with self._change() as kept:
            if kept.accounts.pop(uid, None) is None:
                raise Refused("USER_NOT_FOUND")
            kept.refresh_tokens = {token: of for token, of in kept.refresh_tokens.items() if of[0] != uid}
            kept.codes = {code: owner for code, owner in kept.codes.items() if owner != uid}

    def sign_in(self, email: str, password: str) -> Account:
        """Raises Refused; an unknown address and a wrong password look the same, as they do when deployed."""
        account = self.find(email=email)
        if account is None:
            raise Refused("INVALID_LOGIN_CREDENTIALS")
        if account.disabled:
            raise Refused("USER_DISABLED")
        if not account.accepts(password):
            raise Refused("INVALID_LOGIN_CREDENTIALS")
        return self.update(account.uid, self._note_sign_in)

    def refresh_token(self, uid: str) -> str:
        """A token that gets new ID tokens until the account's tokens are revoked."""
        with self._change() as kept:
            token = secrets.token_urlsafe(48)
            kept.refresh_tokens[token] = (uid, self.now())
            return token

    def refresh(self, token: str) -> Account:
        """The account of a refresh token. Raises Refused when it does not count (any more)."""
        with self._lock:
            uid, issued = self._kept.refresh_tokens.get(token, ("", 0))
            account = self._kept.accounts.get(uid)
        if not uid:
            raise Refused("INVALID_REFRESH_TOKEN")
        if account is None:
            raise Refused("USER_NOT_FOUND")
        account.check(issued)
        return account

    def new_code(self, uid: str) -> str:
        """The code of a link with which the person chooses a password."""
        with self._change() as kept:
            code = secrets.token_urlsafe(24)
            kept.codes[code] = uid
            return code

    def owner_of(self, code: str) -> Account:
        """Raises Refused when the code does not count (any more)."""
        with self._lock:
            account = self._kept.accounts.get(self._kept.codes.get(code, ""))
        if account is None:
            raise Refused("INVALID_OOB_CODE")
        return account

    def redeem(self, code: str, password: str) -> Account:
        """Choose a password; the code is used up. Raises Refused."""
        account = self.update(self.owner_of(code).uid, lambda account: self._choose(account, password))
        with self._change() as kept:
            kept.codes.pop(code, None)
        return account

    def codes(self) -> dict[str, str]:
        """The e-mail addresses of all codes that are not used yet."""
        with self._lock:
            accounts = self._kept.accounts
            return {code: accounts[uid].email for code, uid in self._kept.codes.items() if uid in accounts}

    def _note_sign_in(self, account: Account) -> None:
        account.signed_in_at = int(self._clock() * 1000)

    def _choose(self, account: Account, password: str) -> None:
        account.choose(password, self.now())
        account.email_verified = True  # who has the link reads that mailbox

    @contextmanager
    def _change(self) -> Iterator[_Kept]:
        with self._lock:
            yield self._kept
            write_private(self._file, json.dumps(asdict(self._kept)).encode())


def _new_uid() -> str:
    """28 letters and digits, as Firebase makes them."""
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(28))


def _with_email(kept: _Kept, email: str) -> Account | None:
    return next((account for account in kept.accounts.values() if email and account.email == email), None)


def _hashed(password: str, like: str = "") -> str:
    """Salt and hash; with the salt of `like`, if that is given."""
    salt = base64.b64decode(like)[:16] if like else os.urandom(16)
    return base64.b64encode(salt + hashlib.scrypt(password.encode(), salt=salt, n=2**12, r=8, p=1)).decode()


def _load(file: Path) -> _Kept:
    if not file.exists():
        return _Kept()
    kept = json.loads(file.read_text())
    accounts = {uid: Account(**account) for uid, account in kept["accounts"].items()}
    tokens = {token: (uid, issued) for token, (uid, issued) in kept["refresh_tokens"].items()}
    return _Kept(accounts, tokens, kept["codes"])
