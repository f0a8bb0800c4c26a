"""The accounts of one local stack, with their passwords, refresh tokens and action codes, stored in one SQLite file."""

from __future__ import annotations

import json
import secrets
import sqlite3
import string
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from local.services.auth.account import Account
from local.services.auth.errors import IdentityToolkitError
from local.services.kit.sqlite import connect

_MAX_MAILS = 1000
"""The outbox keeps the latest ones."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS accounts (uid TEXT PRIMARY KEY, email TEXT NOT NULL, account TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS accounts_by_email ON accounts (email);
CREATE TABLE IF NOT EXISTS refresh_tokens (token TEXT PRIMARY KEY, uid TEXT NOT NULL, issued INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS codes (code TEXT PRIMARY KEY, uid TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS mails (
    number INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT NOT NULL, code TEXT NOT NULL, sent_at INTEGER NOT NULL
);
"""


@dataclass(frozen=True)
class Mail:
    """A mail with a link for choosing a password."""

    to: str
    code: str
    sent_at: int
    """Seconds since the epoch."""


class Register:
    """All accounts; thread-safe. Every change is on disk when the call returns."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self._connection = connect(folder / "accounts.sqlite", _SCHEMA)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def now(self) -> int:
        """Seconds since the epoch."""
        return int(self._clock())

    def create(self, email: str, uid: str, complete: Callable[[Account], None]) -> Account:
        """Create an account, with the fields that `complete` sets.

        Raises IdentityToolkitError when its e-mail address or uid is taken.
        """
        account = Account(uid or _new_uid(), email, int(self._clock() * 1000))
        complete(account)
        with self._change():
            if uid and self.find(uid=uid):
                raise IdentityToolkitError("DUPLICATE_LOCAL_ID")
            if self.find(email=account.email):
                raise IdentityToolkitError("EMAIL_EXISTS")
            self._save(account)
            return account

    def find(self, *, uid: str = "", email: str = "") -> Account | None:
        """The account with this uid or, if there is none, with this e-mail address."""
        found = self._rows("SELECT account FROM accounts WHERE uid = ?", uid)
        if not found and email:
            found = self._rows("SELECT account FROM accounts WHERE email = ?", email.lower())
        return _account(*found[0]) if found else None

    def all(self) -> list[Account]:
        """Every account, by uid."""
        return [_account(*row) for row in self._rows("SELECT account FROM accounts ORDER BY uid")]

    def update(self, uid: str, change: Callable[[Account], None]) -> Account:
        """Change an account. Raises IdentityToolkitError when it does not exist."""
        with self._change():
            account = self.find(uid=uid)
            if account is None:
                raise IdentityToolkitError("USER_NOT_FOUND")
            change(account)
            other = self.find(email=account.email)
            if other and other.uid != uid:
                raise IdentityToolkitError("EMAIL_EXISTS")
            self._save(account)
            return account

    def delete(self, uid: str) -> None:
        """Delete an account with its tokens and codes: a later account may have the same uid.

        Raises IdentityToolkitError when it does not exist.
        """
        with self._change() as connection:
            if not connection.execute("DELETE FROM accounts WHERE uid = ?", (uid,)).rowcount:
                raise IdentityToolkitError("USER_NOT_FOUND")
            connection.execute("DELETE FROM refresh_tokens WHERE uid = ?", (uid,))
            connection.execute("DELETE FROM codes WHERE uid = ?", (uid,))

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
        token = secrets.token_urlsafe(48)
        with self._change() as connection:
            connection.execute("INSERT INTO refresh_tokens VALUES (?, ?, ?)", (token, uid, self.now()))
        return token

    def refresh(self, token: str) -> Account:
        """The account of a refresh token. Raises IdentityToolkitError when the token is not valid (any more)."""
        found = self._rows("SELECT uid, issued FROM refresh_tokens WHERE token = ?", token)
        if not found:
            raise IdentityToolkitError("INVALID_REFRESH_TOKEN")
        uid, issued = found[0]
        account = self.find(uid=uid)
        if account is None:
            raise IdentityToolkitError("USER_NOT_FOUND")
        account.check(issued)
        return account

    def new_code(self, uid: str) -> str:
        """Create the code of a link with which the person chooses a password."""
        code = secrets.token_urlsafe(24)
        with self._change() as connection:
            connection.execute("INSERT INTO codes VALUES (?, ?)", (code, uid))
        return code

    def send_code(self, uid: str) -> None:
        """Create a code and put the mail with its link into the outbox."""
        code = self.new_code(uid)
        with self._change() as connection:
            mail = "INSERT INTO mails (email, code, sent_at) SELECT email, ?, ? FROM accounts WHERE uid = ?"
            number = connection.execute(mail, (code, self.now(), uid)).lastrowid
            connection.execute("DELETE FROM mails WHERE number <= ?", ((number or 0) - _MAX_MAILS,))

    def mails(self) -> list[Mail]:
        """The outbox, oldest first."""
        return [Mail(*row) for row in self._rows("SELECT email, code, sent_at FROM mails ORDER BY number")]

    def owner_of(self, code: str) -> Account:
        """The account of a code. Raises IdentityToolkitError when the code is not valid (any more)."""
        found = self._rows("SELECT account FROM codes JOIN accounts USING (uid) WHERE code = ?", code)
        if not found:
            raise IdentityToolkitError("INVALID_OOB_CODE")
        return _account(*found[0])

    def redeem(self, code: str, password: str) -> Account:
        """Choose a password and use up the code, as one change. Raises IdentityToolkitError."""
        return self.update(self.owner_of(code).uid, lambda account: self._choose(account, code, password))

    def codes(self) -> dict[str, str]:
        """The e-mail address of each unused code."""
        return dict(self._rows("SELECT code, email FROM codes JOIN accounts USING (uid)"))

    def _note_sign_in(self, account: Account) -> None:
        account.signed_in_at = int(self._clock() * 1000)

    def _choose(self, account: Account, code: str, password: str) -> None:
        """Needs the transaction of a change."""
        if not self._connection.execute("DELETE FROM codes WHERE code = ?", (code,)).rowcount:
            raise IdentityToolkitError("INVALID_OOB_CODE")
        account.set_password(password, self.now(), chosen=True)
        account.email_verified = True  # the link was sent to that mailbox

    def _save(self, account: Account) -> None:
        """Needs the transaction of a change."""
        row = (account.uid, account.email, json.dumps(asdict(account)))
        self._connection.execute("REPLACE INTO accounts VALUES (?, ?, ?)", row)

    def _rows(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        """A transaction, which is on disk at the end of the block unless an error is raised."""
        with self._lock, self._connection:
            yield self._connection


def _new_uid() -> str:
    """28 letters and digits, as Firebase's."""
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(28))


def _account(stored: str) -> Account:
    return Account(**json.loads(stored))
