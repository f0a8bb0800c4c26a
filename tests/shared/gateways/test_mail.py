"""Handing a mail to a relay: what is sent, and what each answer means."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from local.services.kit.recorder import Fault, Recorder
from local.services.kit.servers import certificate, free_port
from local.services.smtp.relay import LOST, PASSWORD, USER, Relay, Reply
from shared import settings
from shared.gateways import mail
from shared.gateways.mail import Mail
from shared.records.messages.calendar_part import CalendarMethod, CalendarPart
from shared.records.messages.outcome import Outcome, Verdict

ASHA = "asha@home.example"
MAIL = Mail(
    to=ASHA,
    sender_name="Banyan Clinic",
    subject="आपका कोड",
    body="नमस्ते,\n\n.123456\n",
    language="hi",
    message_id="0123abcd.banyan",
    at=datetime(2026, 9, 14, 12, tzinfo=UTC),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("relay")
    certificate(made)
    return made


@pytest.fixture(scope="module")
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture(scope="module")
def relay(folder: Path, recorder: Recorder) -> Iterator[Relay]:
    running = Relay((str(folder / "tls.key"), str(folder / "tls.crt")), recorder)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def environment(relay: Relay, folder: Path) -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(relay.port),
            "SMTP_USER": USER,
            "SMTP_PASSWORD": PASSWORD,
            "SMTP_CA_FILE": str(folder / "tls.crt"),
            "MAIL_FROM": "messages@synapse.example",
            "MAIL_BOUNCES": "bounces@synapse.example",
        }.items():
            patch.setenv(name, value)
        settings.load.cache_clear()
        yield patch
    settings.load.cache_clear()


def sent_with(environment: pytest.MonkeyPatch, **changed: str) -> Outcome:
    for name, value in changed.items():
        environment.setenv(name, value)
    settings.load.cache_clear()
    return mail.send(MAIL)


def test_a_mail_is_plain_text_from_the_clinic_that_no_machine_answers(
    environment: pytest.MonkeyPatch, relay: Relay
) -> None:
    assert mail.send(MAIL) == Outcome(Verdict.ACCEPTED)

    [got] = relay.mails(ASHA)[-1:]
    body = got.get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == MAIL.body
    assert not list(got.iter_attachments())
    assert got["From"] == "Banyan Clinic <messages@synapse.example>"
    assert got["Subject"] == MAIL.subject
    assert got["Message-ID"] == "<0123abcd.banyan@synapse.example>"
    assert got["Auto-Submitted"] == "auto-generated"
    assert got["Content-Language"] == "hi"
    assert "List-Unsubscribe" not in got


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (Reply("mail", "451 4.3.0 try later"), Outcome(Verdict.BUSY, "smtp_451")),
        (Reply("mail", "550 5.7.1 sender refused"), Outcome(Verdict.REFUSED, "smtp_550")),
        (Reply("rcpt", "450 4.2.1 greylisted"), Outcome(Verdict.BUSY, "smtp_450")),
        (Reply("rcpt", "421 4.3.2 shutting down"), Outcome(Verdict.BUSY, "smtp_421")),
        (Reply("rcpt", "550 5.1.1 no such user"), Outcome(Verdict.BOUNCED, "smtp_550")),
        (Reply("rcpt", "550 no such user"), Outcome(Verdict.BOUNCED, "smtp_550")),
        (Reply("rcpt", "550 5.2.1 disabled"), Outcome(Verdict.BOUNCED, "smtp_550")),
        (Reply("rcpt", "552 5.2.2 mailbox full"), Outcome(Verdict.REFUSED, "smtp_552")),
        (Reply("rcpt", "550 5.7.1 policy"), Outcome(Verdict.REFUSED, "smtp_550")),
        (Reply("data", "452 4.3.1 disk full"), Outcome(Verdict.BUSY, "smtp_452")),
        (Reply("data", "554 5.7.1 looks like spam"), Outcome(Verdict.REFUSED, "smtp_554")),
        (Reply("data", "550 5.1.1 no such user"), Outcome(Verdict.BOUNCED, "smtp_550")),
    ],
)
def test_a_refusal_says_whether_to_come_again(
    environment: pytest.MonkeyPatch, relay: Relay, reply: Reply, expected: Outcome
) -> None:
    before = len(relay.mails())
    relay.plant(ASHA, reply)

    assert mail.send(MAIL) == expected
    assert len(relay.mails()) == before


def test_an_answer_that_is_lost_after_the_data_leaves_the_outcome_open(
    environment: pytest.MonkeyPatch, relay: Relay, recorder: Recorder
) -> None:
    before = len(relay.mails())
    relay.plant(ASHA, Reply("data", LOST))
    assert mail.send(MAIL) == Outcome(Verdict.LOST, "answer_lost")
    recorder.plant(Fault("smtp", "data", USER, "cut"))
    assert mail.send(MAIL) == Outcome(Verdict.LOST, "answer_lost")

    assert len(relay.mails()) == before + 2


def test_a_relay_that_is_away_or_refuses_us_gets_the_mail_later(environment: pytest.MonkeyPatch, relay: Relay) -> None:
    before = len(relay.mails())

    assert sent_with(environment, SMTP_PASSWORD="wrong") == Outcome(Verdict.BUSY, "smtp_535")
    assert sent_with(environment, SMTP_PORT=str(free_port())) == Outcome(Verdict.BUSY, "smtp_unreachable")
    assert len(relay.mails()) == before


def test_a_relay_without_a_certificate_that_we_know_gets_neither_password_nor_mail(
    environment: pytest.MonkeyPatch, relay: Relay, tmp_path: Path
) -> None:
    before = len(relay.mails())
    certificate(tmp_path)

    assert sent_with(environment, SMTP_CA_FILE=str(tmp_path / "tls.crt")) == Outcome(Verdict.BUSY, "smtp_tls")
    assert len(relay.mails()) == before


def test_a_relay_without_encryption_gets_neither_password_nor_mail(environment: pytest.MonkeyPatch) -> None:
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_plain_relay, args=(server, heard), daemon=True).start()
        outcome = sent_with(environment, SMTP_PORT=str(server.getsockname()[1]))

    assert outcome == Outcome(Verdict.BUSY, "smtp_no_starttls")
    assert {line.split()[0].lower() for line in heard} <= {b"ehlo", b"quit"}


def _plain_relay(server: socket.socket, heard: list[bytes]) -> None:
    connection, _ = server.accept()
    with connection, connection.makefile("rwb") as lines:
        lines.write(b"220 plain\r\n")
        lines.flush()
        while line := lines.readline():
            heard.append(line)
            lines.write(b"250-plain\r\n250 AUTH PLAIN\r\n" if line.lower().startswith(b"ehlo") else b"221 bye\r\n")
            lines.flush()


@pytest.mark.parametrize("field", ["subject", "sender_name", "message_id"])
def test_a_line_break_in_a_header_is_refused(environment: pytest.MonkeyPatch, relay: Relay, field: str) -> None:
    before = len(relay.mails())

    with pytest.raises(ValueError, match=r"."):
        mail.send(Mail(**{**vars(MAIL), field: "x\r\nBcc: eve@evil.example"}))

    assert len(relay.mails()) == before


def test_an_address_in_another_script_is_sent_to_its_domain_in_ascii(
    environment: pytest.MonkeyPatch, relay: Relay
) -> None:
    assert mail.send(Mail(**{**vars(MAIL), "to": "asha@घर.example"})) == Outcome(Verdict.ACCEPTED)
    assert str(relay.mails()[-1]["To"]).startswith("asha@xn--")
    assert mail.send(Mail(**{**vars(MAIL), "to": "आशा@home.example"})).code == "address_not_ascii"


def test_a_calendar_file_comes_beside_the_text(environment: pytest.MonkeyPatch, relay: Relay) -> None:
    content = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:क्लिनिक\r\nEND:VCALENDAR\r\n"
    part = CalendarPart(method=CalendarMethod.REQUEST, content=content)

    assert mail.send(replace(MAIL, calendar=part)) == Outcome(Verdict.ACCEPTED)

    [got] = relay.mails(ASHA)[-1:]
    [attached] = got.iter_attachments()
    assert (attached.get_content_type(), attached.get_param("method")) == ("text/calendar", "REQUEST")
    assert attached.get_filename() == "appointment.ics"
    payload = attached.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.decode() == content, "with the line ends of iCalendar"
    body = got.get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == MAIL.body
