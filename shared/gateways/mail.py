"""SMTP: hands one mail to a relay, encrypted by STARTTLS with a verified certificate.

Each step of the dialogue is its own call, because only the last one, the end of the data, can lose a message: whatever
fails before it has sent nothing.
"""

from __future__ import annotations

import logging
import re
import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from shared import settings
from shared.records.messages.calendar_part import CalendarPart
from shared.records.messages.outcome import Outcome, Verdict

_log = logging.getLogger("synapse.jobs")

SECONDS = 8.0
"""Timeout of each step."""
LAST_SECONDS = 30.0
"""Timeout of the answer to the data: relays examine a mail before they accept it."""
_ENHANCED = re.compile(rb"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_NO_MAILBOX = {550, 551, 553}
"""Replies to a recipient that mean there is no such mailbox, if no enhanced code says otherwise (RFC 5321, 4.2.3)."""
_NO_SUCH_ADDRESS, _MAILBOX = "1", "2"
"""Subjects of enhanced codes (RFC 3463)."""
_DISABLED = "1"


@dataclass(frozen=True)
class Mail:
    """One mail to one address."""

    to: str
    sender_name: str
    subject: str
    body: str
    language: str
    message_id: str
    """The same for each repetition, so that many mailboxes show a second copy only once."""
    at: datetime
    calendar: CalendarPart | None = None


def is_set_up() -> bool:
    """True if there is a relay."""
    return bool(settings.load(settings.Mail).smtp_host)


def send(mail: Mail) -> Outcome:
    """Hand a mail to the relay. Raises ValueError for a header that holds a line break."""
    configured = settings.load(settings.Mail)
    recipient = _ascii(mail.to)
    if recipient is None:
        return Outcome(Verdict.REFUSED, "address_not_ascii")
    content = _content(mail, recipient, configured)
    try:
        return _handed_over(configured, recipient, content)
    except smtplib.SMTPResponseException as error:
        return _not_ready(f"smtp_{error.smtp_code}")
    except smtplib.SMTPNotSupportedError:
        return _not_ready("smtp_no_starttls")
    except ssl.SSLError:
        return _not_ready("smtp_tls")
    except (OSError, smtplib.SMTPException):
        return _not_ready("smtp_unreachable")


def _handed_over(configured: settings.Mail, recipient: str, content: bytes) -> Outcome:
    """Raises the errors of smtplib while nothing was sent yet."""
    with smtplib.SMTP(configured.smtp_host, configured.smtp_port, timeout=SECONDS) as relay:
        relay.starttls(context=ssl.create_default_context(cafile=configured.smtp_ca_file))
        if configured.smtp_user:
            relay.login(configured.smtp_user, configured.smtp_password.reveal())
        relay.ehlo_or_helo_if_needed()
        code, reply = relay.mail(configured.mail_bounces)
        if code >= 400:
            return _refused(code, reply)
        code, reply = relay.rcpt(recipient)
        if code >= 400:
            return _refused(code, reply, of_recipient=True)
        if relay.sock is not None:
            relay.sock.settimeout(LAST_SECONDS)
        try:
            code, reply = relay.data(content)
        except smtplib.SMTPDataError as error:  # it does not take the data
            return _refused(error.smtp_code, _bytes(error.smtp_error))
        except (OSError, smtplib.SMTPException):
            return Outcome(Verdict.LOST, "answer_lost")
        return _refused(code, reply) if code >= 400 else Outcome(Verdict.ACCEPTED)


def _refused(code: int, reply: bytes, *, of_recipient: bool = False) -> Outcome:
    """What a negative reply means: of class 4 later, of class 5 never."""
    name = f"smtp_{code}"
    if code < 500:
        return Outcome(Verdict.BUSY, name)
    found = _ENHANCED.search(reply)
    if found is None:
        gone = of_recipient and code in _NO_MAILBOX
    else:
        subject, detail = found[2].decode(), found[3].decode()
        gone = subject == _NO_SUCH_ADDRESS or (subject == _MAILBOX and detail == _DISABLED)
    return Outcome(Verdict.BOUNCED if gone else Verdict.REFUSED, name)


def _not_ready(code: str) -> Outcome:
    """The relay did not get as far as the mail: it is away, or our settings are wrong. Nothing was sent."""
    _log.error("the mail relay takes no mail", extra={"reason": code})
    return Outcome(Verdict.BUSY, code)


def _content(mail: Mail, recipient: str, configured: settings.Mail) -> bytes:
    """The mail as it is sent. The policy refuses line breaks in headers."""
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(mail.sender_name, addr_spec=configured.mail_from)
    message["To"] = Address(addr_spec=recipient)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.at)
    message["Message-ID"] = f"<{mail.message_id}@{configured.mail_from.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no vacation notes come back
    message["X-Auto-Response-Suppress"] = "All"  # the same for Exchange
    message.set_content(mail.body, charset="utf-8", cte="quoted-printable" if mail.body.isascii() else "base64")
    message["Content-Language"] = mail.language
    if mail.calendar is not None:
        # Beside the text, where mail programs look for invitations, and as a file for all others (RFC 6047, 2.4).
        message.add_attachment(
            mail.calendar.content.replace("\r\n", "\n"),
            subtype="calendar",
            cte="base64",
            filename="appointment.ics",
            params={"method": mail.calendar.method.value},
        )
    return bytes(message)


def _ascii(address: str) -> str | None:
    """The address with its domain in ASCII; None if the name before it is not ASCII, which few relays take."""
    name, _, domain = address.rpartition("@")
    try:
        return f"{name}@{domain.encode('idna').decode()}" if name.isascii() else None
    except UnicodeError:
        return None


def _bytes(reply: bytes | str) -> bytes:
    return reply if isinstance(reply, bytes) else reply.encode()
