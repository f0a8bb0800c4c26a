"""The accounts of one local stack, with their passwords, refresh tokens and action codes, stored in one file."""

from __future__ import annotations

import json
import secrets
import string
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from local.services.auth.account import Account
from local.services.auth.errors import IdentityToolkitError
from local.services.kit.private_files import write_private

_MAX_MAILS = 1000
"""The outbox keeps the latest ones."""


@dataclass(frozen=True)
class Mail:
    """A mail with a link for choosing a password."""

    to: str
    code: str
    sent_at: int
    """Seconds since the epoch."""


@dataclass
class _Data:
    """The content of the file."""

    accounts: dict[str, Account] = field(default_factory=dict)
    """By uid."""
    refresh_tokens: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Uid and issue time (seconds since the epoch), by token."""
    codes: dict[str, str] = field(default_factory=dict)
    """Uid by code. A code is in a link with which the person chooses a password, and is valid once."""
    mails: list[Mail] = field(default_factory=list)
    """The mails that Google would have sent, oldest first."""


class Register:
    """All accounts; thread-safe. Every change is on disk when the call returns."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._file = folder / "accounts.json"
        self._clock = clock
        self._lock = threading.Lock()
        self._data = _load(self._file)

    def now(self) -> int:
        """Seconds since the epoch."""
        return int(self._clock())

    def create(self, email: str, uid: str, complete: Callable[[Account], None]) -> Account:
        """Create an account, with the fields that `complete` sets.

        Raises IdentityToolkitError when its e-mail address or uid is taken.
        """
        account = Account(uid or _new_uid(), email, int(self._clock() * 1000))
        complete(account)
        with self._change() as data:
            if uid in data.accounts:
                raise IdentityToolkitError("DUPLICATE_LOCAL_ID")
            if _with_email(data, account.email):
                raise IdentityToolkitError("EMAIL_EXISTS")
            data.accounts[account.uid] = account
            return account

    def find(self, *, uid: str = "", email: str = "") -> Account | None:
        with self._lock:
            return self._data.accounts.get(uid) or _with_email(self._data, email.lower())

    def all(self) -> list[Account]:
        """Every account, by uid."""
        with self._lock:
            return [self._data.accounts[uid] for uid in sorted(self._data.accounts)]

    def update(self, uid: str, change: Callable[[Account], None]) -> Account:
        """Change an account. Raises IdentityToolkitError when it does not exist."""
        with self._change() as data:
            account = data.accounts.get(uid)
            if account is None:
                raise IdentityToolkitError("USER_NOT_FOUND")
            before = asdict(account)
            try:
                change(account)
                if any(other is not account and other.email == account.email for other in data.accounts.values()):
                    raise IdentityToolkitError("EMAIL_EXISTS")
            except Exception:
                data.accounts[uid] = Account(**before)
                raise
            return account

    def delete(self, uid: str) -> None:
        """Delete an account with its tokens and codes: a later account may have the same uid.

        Raises IdentityToolkitError when it does not exist.
        """
        with self._change() as data:
            if data.accounts.pop(uid, None) is None:
                raise IdentityToolkitError("USER_NOT_FOUND")
            data.refresh_tokens = {token: entry for token, entry in data.refresh_tokens.items() if entry[0] != uid}
            data.codes = {code: owner for code, owner in data.codes.items() if owner != uid}

    def sign_in(self, email: str, password: str) -> Account:
        """Raises IdentityToolkitError; the same one for an unknown address and a wrong password, as when deployed."""
        account = self.find(email=email)
        if account is None:
            raise IdentityToolkitError("INVALID_LOGIN_CREDENTIALS")
        if account.disabled:
            raise IdentityToolkitError("USER_DISABLED")
        if not account.accepts(password):
            raise IdentityToolkitError("INVALID_LOGIN_CREDENTIALS")
        return self.update(account.uid, self._note_sign_in)

    def refresh_token(self, uid: str) -> str:
        """A new refresh token, valid until the account's tokens are revoked."""
        with self._change() as data:
            token = secrets.token_urlsafe(48)
            data.refresh_tokens[token] = (uid, self.now())
            return token

    def refresh(self, token: str) -> Account:
        """The account of a refresh token. Raises IdentityToolkitError when the token is not valid (any more)."""
        with self._lock:
            uid, issued = self._data.refresh_tokens.get(token, ("", 0))
            account = self._data.accounts.get(uid)
        if not uid:
            raise IdentityToolkitError("INVALID_REFRESH_TOKEN")
        if account is None:
            raise IdentityToolkitError("USER_NOT_FOUND")
        account.check(issued)
        return account

    def new_code(self, uid: str) -> str:
        """Create the code of a link with which the person chooses a password."""
        with self._change() as data:
            code = secrets.token_urlsafe(24)
            data.codes[code] = uid
            return code

    def send_code(self, uid: str) -> None:
        """Create a code and put the mail with its link into the outbox."""
        code = self.new_code(uid)
        with self._change() as data:
            data.mails = [*data.mails, Mail(data.accounts[uid].email, code, self.now())][-_MAX_MAILS:]

    def mails(self) -> list[Mail]:
        """The outbox, oldest first."""
        with self._lock:
            return list(self._data.mails)

    def owner_of(self, code: str) -> Account:
        """The account of a code. Raises IdentityToolkitError when the code is not valid (any more)."""
        with self._lock:
            account = self._data.accounts.get(self._data.codes.get(code, ""))
        if account is None:
            raise IdentityToolkitError("INVALID_OOB_CODE")
        return account

    def redeem(self, code: str, password: str) -> Account:
        """Choose a password and use up the code, as one change. Raises IdentityToolkitError."""
        return self.update(self.owner_of(code).uid, lambda account: self._choose(account, code, password))

    def codes(self) -> dict[str, str]:
        """The e-mail address of each unused code."""
        with self._lock:
            accounts = self._data.accounts
            return {code: accounts[uid].email for code, uid in self._data.codes.items() if uid in accounts}

    def _note_sign_in(self, account: Account) -> None:
        account.signed_in_at = int(self._clock() * 1000)

    def _choose(self, account: Account, code: str, password: str) -> None:
        """Needs the lock."""
        if code not in self._data.codes:
            raise IdentityToolkitError("INVALID_OOB_CODE")
        account.set_password(password, self.now(), chosen=True)
        account.email_verified = True  # the link was sent to that mailbox
        del self._data.codes[code]

    @contextmanager
    def _change(self) -> Iterator[_Data]:
        with self._lock:
            yield self._data
            write_private(self._file, json.dumps(asdict(self._data)).encode())


def _new_uid() -> str:
    """28 letters and digits, as Firebase's."""
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(28))


def _with_email(data: _Data, email: str) -> Account | None:
    return next((account for account in data.accounts.values() if email and account.email == email), None)


def _load(file: Path) -> _Data:
    if not file.exists():
        return _Data()
    data = json.loads(file.read_text())
    accounts = {uid: Account(**account) for uid, account in data["accounts"].items()}
    tokens = {token: (uid, issued) for token, (uid, issued) in data["refresh_tokens"].items()}
    mails = [Mail(**mail) for mail in data.get("mails", [])]
    return _Data(accounts, tokens, data["codes"], mails)
