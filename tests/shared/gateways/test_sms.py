"""Twilio: what is sent, what each answer means, and how a message without an answer is found again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from local.services.kit.servers import HttpServer, free_port
from local.services.twilio.endpoint import TwilioEndpoint
from local.services.twilio.messages import (
    ACCOUNT_SID,
    AUTH_TOKEN,
    BROKEN,
    BROKEN_AFTER,
    INVALID_NUMBER,
    LOST,
    TOO_MANY,
    UNSUBSCRIBED,
    Messages,
    TwilioError,
)
from shared import settings
from shared.gateways import sms
from shared.records.messages.outcome import Delivery, Lookup, Outcome, Verdict
from shared.records.problems import Unavailable

NUMBER, BODY = "+919812345678", "123456 is your code"
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[tuple[Messages, str]]:
    messages = Messages()
    server = HttpServer(TwilioEndpoint(messages).app)
    yield messages, server.url
    server.stop()


@pytest.fixture
def environment(endpoint: tuple[Messages, str]) -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
            "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
            "SMS_SENDER": "MG1",
            "TWILIO_REGION": "",
            "TWILIO_EDGE": "",
            "TWILIO_ENDPOINT": endpoint[1],
        }.items():
            patch.setenv(name, value)
        _forget()
        yield patch
    _forget()


@pytest.fixture
def twilio(endpoint: tuple[Messages, str], environment: pytest.MonkeyPatch) -> Messages:
    messages, _ = endpoint
    messages.redacted = messages.unlisted = False
    return messages


def _forget() -> None:
    settings.load.cache_clear()
    sms._client.cache_clear()


def changed(environment: pytest.MonkeyPatch, **variables: str) -> None:
    for name, value in variables.items():
        environment.setenv(name, value)
    _forget()


@pytest.mark.parametrize("sender", ["MG1", "+14155550100"])
def test_a_message_goes_out_from_a_service_or_a_number(
    environment: pytest.MonkeyPatch, twilio: Messages, sender: str
) -> None:
    changed(environment, SMS_SENDER=sender)

    outcome = sms.send(NUMBER, BODY)

    sent = twilio.to(NUMBER)[-1]
    assert outcome == Outcome(Verdict.ACCEPTED, provider_id=sent.sid)
    assert (sent.body, sent.sender) == (BODY, sender)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (TOO_MANY, Outcome(Verdict.BUSY, "twilio_20429")),
        (BROKEN, Outcome(Verdict.LOST, "twilio_20503")),
        (INVALID_NUMBER, Outcome(Verdict.BOUNCED, "twilio_21211")),
        (UNSUBSCRIBED, Outcome(Verdict.BOUNCED, "twilio_21610")),
        (TwilioError(400, 21614), Outcome(Verdict.BOUNCED, "twilio_21614")),
        (TwilioError(400, 21408), Outcome(Verdict.REFUSED, "twilio_21408")),
        (TwilioError(403, 20003), Outcome(Verdict.BUSY, "twilio_20003")),
    ],
)
def test_an_error_says_whether_to_come_again(twilio: Messages, error: TwilioError, expected: Outcome) -> None:
    before = len(twilio.to(NUMBER))
    twilio.plant(NUMBER, error)

    assert sms.send(NUMBER, BODY) == expected
    assert len(twilio.to(NUMBER)) == before


@pytest.mark.parametrize(("error", "code"), [(LOST, "answer_lost"), (BROKEN_AFTER, "twilio_20500")])
def test_an_answer_that_is_lost_leaves_the_outcome_open_and_the_message_is_found(
    twilio: Messages, error: TwilioError, code: str
) -> None:
    body = f"{BODY} {code}"
    twilio.plant(NUMBER, error)

    assert sms.send(NUMBER, body) == Outcome(Verdict.LOST, code)
    assert sms.find(NUMBER, body, NOW) == (Lookup.FOUND, twilio.to(NUMBER)[-1].sid)


def test_a_service_that_is_away_or_refuses_us_gets_the_message_later(
    environment: pytest.MonkeyPatch, twilio: Messages
) -> None:
    changed(environment, TWILIO_AUTH_TOKEN="wrong")
    assert sms.send(NUMBER, BODY) == Outcome(Verdict.BUSY, "twilio_20003")
    changed(environment, TWILIO_ENDPOINT=f"http://127.0.0.1:{free_port()}")
    assert sms.send(NUMBER, BODY) == Outcome(Verdict.BUSY, "twilio_unreachable")
    with pytest.raises(Unavailable):
        sms.find(NUMBER, BODY, NOW)


def test_only_the_same_text_to_the_same_number_after_that_time_is_found(twilio: Messages) -> None:
    number = "+919812345001"
    sms.send(number, f"Sent from a trial account - {BODY}")

    assert sms.find(number, BODY, NOW)[0] == Lookup.FOUND
    assert sms.find(number, "654321 is your code", NOW)[0] == Lookup.ABSENT
    assert sms.find("+919812345002", BODY, NOW)[0] == Lookup.ABSENT
    assert sms.find(number, BODY, NOW + timedelta(hours=1))[0] == Lookup.ABSENT


def test_an_account_that_shows_no_texts_cannot_tell(twilio: Messages) -> None:
    number = "+919812345003"
    twilio.redacted = True
    assert sms.find(number, BODY, NOW)[0] == Lookup.ABSENT  # no message at all to this number

    sms.send(number, BODY)

    assert sms.find(number, BODY, NOW)[0] == Lookup.UNREADABLE


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (("queued", None), (Delivery.PENDING, "")),
        (("sent", None), (Delivery.PENDING, "")),
        (("delivered", None), (Delivery.ARRIVED, "")),
        (("undelivered", 30003), (Delivery.NOT_DELIVERED, "twilio_30003")),
        (("undelivered", 30005), (Delivery.BOUNCED, "twilio_30005")),
        (("failed", None), (Delivery.NOT_DELIVERED, "twilio_undelivered")),
    ],
)
def test_the_end_of_a_message_is_told(
    twilio: Messages, end: tuple[str, int | None], expected: tuple[Delivery, str]
) -> None:
    number = "+919812345004"
    twilio.deliver(number, *end)
    sid = sms.send(number, BODY).provider_id
    assert sid is not None

    assert sms.delivery(sid) == expected
