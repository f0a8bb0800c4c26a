"""The relay: takes mail after STARTTLS and AUTH, and errs as a test plants."""

from __future__ import annotations

import email
import email.policy
import ssl
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from local.services.kit.recorder import AnswerLost, Call, Recorder
from local.services.kit.servers import free_port

USER, PASSWORD = "send_message", "relay-password"
"""The user is named as the function that sends: it is the caller of the recorded calls."""
_MOST_MAILS = 1000


@dataclass(frozen=True)
class Reply:
    """What the relay says to the next mail to an address, instead of accepting it."""

    at: str
    """`mail`, `rcpt` or `data`."""
    text: str
    """Such as `451 4.3.0 try later`; `lost` at `data`: takes the mail and closes the connection."""


LOST = "lost"


class Relay:
    """Thread-safe."""

    def __init__(self, certificate: tuple[str, str], recorder: Recorder | None = None) -> None:
        self._lock = threading.Lock()
        self._mails: deque[EmailMessage] = deque(maxlen=_MOST_MAILS)
        self._replies: dict[str, list[Reply]] = {}
        self._recorder = recorder
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate[1], certificate[0])
        self.port = free_port()
        self._controller = Controller(
            self,
            hostname="127.0.0.1",
            port=self.port,
            tls_context=context,
            require_starttls=True,
            auth_required=True,
            authenticator=_authenticated,
        )

    def start(self) -> None:
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()

    def plant(self, address: str, *replies: Reply) -> None:
        """Answer the next mails to this address so."""
        with self._lock:
            self._replies.setdefault(address, []).extend(replies)

    def mails(self, address: str = "") -> list[EmailMessage]:
        """The mails so far, in order: all, or those to one address."""
        with self._lock:
            return [mail for mail in self._mails if address in ("", _plain(mail["To"]))]

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        del server, session, options
        # A planted refusal of the sender is said here too: it is planted for a recipient, who is known only now.
        if refusal := self._taken(address, "mail") or self._taken(address, "rcpt"):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        del session
        address = envelope.rcpt_tos[0]
        refusal = self._taken(address, "data")
        if refusal not in (None, LOST):
            return str(refusal)
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        with self._lock:
            self._mails.append(mail)
        try:
            if self._recorder:
                self._recorder.record(Call("smtp", "data", USER))
            if refusal == LOST:
                raise AnswerLost
        except AnswerLost:
            server.transport.abort()
        return "250 OK"

    def _taken(self, address: str, at: str) -> str | None:
        with self._lock:
            replies = self._replies.get(address, [])
            return replies.pop(0).text if replies and replies[0].at == at else None


def shown(mail: EmailMessage) -> Mapping[str, str]:
    """A mail as the outbox shows it."""
    part = mail.get_body(("plain",))
    names = ("From", "To", "Subject", "Date")
    return {
        **{name.lower(): str(mail[name]) for name in names},
        "text": part.get_content().replace("\r\n", "\n") if part else "",
    }


def _plain(header: Any) -> str:
    return header.addresses[0].addr_spec if header.addresses else ""


def _authenticated(
    _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: LoginPassword | bytes
) -> AuthResult:
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=good, handled=False)
