"""The message to a device: what is sent to Firebase Cloud Messaging, and what its answers mean."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug import Request, Response

from local.services.iam.endpoint import IamEndpoint
from local.services.kit.identity import PROJECT
from local.services.kit.recorder import Call, Fault, Recorder
from local.services.kit.servers import HttpServer, free_port
from local.services.messaging import outbox as fcm
from local.services.messaging.endpoint import MessagingEndpoint
from local.services.messaging.outbox import FcmError, Outbox
from shared import settings
from shared.gateways import messaging
from shared.gateways.messaging import Delivery

TOKEN = "registration-token-of-a-phone"
DATA = {"type": "report_ready", "clinic_id": "c1", "session_id": "p1-s1", "report_id": "p1-s1-r1"}


class Fcm:
    """The local endpoint, with the product's client pointed at it."""

    def __init__(self) -> None:
        self.outbox, self.recorder = Outbox(), Recorder()
        self.server = HttpServer(MessagingEndpoint(self.outbox, self.recorder).app)


def point_at(environment: pytest.MonkeyPatch, url: str) -> None:
    settings.load.cache_clear()
    environment.setenv("MESSAGING_ENDPOINT", url)


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[pytest.MonkeyPatch]:
    """The environment of `on_report_drafted`, with its credentials."""
    iam = IamEndpoint(tmp_path / "iam", Recorder())
    tokens = HttpServer(iam.app)
    with pytest.MonkeyPatch.context() as patch:
        key_file = iam.credentials_file("on_report_drafted", f"{tokens.url}/token")
        patch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(key_file))
        patch.setenv("GOOGLE_CLOUD_PROJECT", PROJECT)
        patch.setenv("FIRESTORE_DATABASE", "(default)")
        messaging._session.cache_clear()
        yield patch
    messaging._session.cache_clear()
    settings.load.cache_clear()
    tokens.stop()


@pytest.fixture
def service(environment: pytest.MonkeyPatch) -> Iterator[Fcm]:
    running = Fcm()
    point_at(environment, running.server.url)
    yield running
    running.server.stop()


def test_message_has_the_fields_and_no_text_and_is_sent_as_the_function(service: Fcm) -> None:
    assert messaging.send(TOKEN, DATA) is Delivery.SENT

    [message] = service.outbox.messages()
    assert (message["token"], message["data"]) == (TOKEN, DATA)
    assert "notification" not in message
    assert service.recorder.calls() == [Call("messaging", "messages.send", "on_report_drafted")]


@pytest.mark.parametrize(
    ("error", "delivery"),
    [
        (fcm.UNREGISTERED, Delivery.UNREGISTERED),
        (FcmError(403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH"), Delivery.UNREGISTERED),
        (fcm.QUOTA_EXCEEDED, Delivery.BUSY),
        (fcm.UNAVAILABLE, Delivery.BUSY),
        (FcmError(500, "INTERNAL", "INTERNAL"), Delivery.BUSY),
        (fcm.INVALID_ARGUMENT, Delivery.MALFORMED),
        (FcmError(403, "PERMISSION_DENIED"), Delivery.REFUSED),
        (FcmError(404, "NOT_FOUND"), Delivery.REFUSED),  # the project, not the token
    ],
)
def test_each_error_of_the_service_has_its_meaning(service: Fcm, error: FcmError, delivery: Delivery) -> None:
    service.outbox.plant(TOKEN, error)

    assert messaging.send(TOKEN, DATA) is delivery
    assert service.outbox.messages() == []


def test_lost_response_may_be_a_message_that_was_sent(service: Fcm) -> None:
    service.recorder.plant(Fault("messaging", "messages.send", "on_report_drafted", "cut"))

    assert messaging.send(TOKEN, DATA) is Delivery.UNKNOWN
    assert len(service.outbox.messages(TOKEN)) == 1


def test_unreachable_service_got_nothing(environment: pytest.MonkeyPatch) -> None:
    point_at(environment, f"http://127.0.0.1:{free_port()}")

    assert messaging.send(TOKEN, DATA) is Delivery.BUSY


def test_without_an_access_token_nothing_is_sent(service: Fcm, tmp_path: Path, environment: pytest.MonkeyPatch) -> None:
    key_file = IamEndpoint(tmp_path / "down", Recorder()).credentials_file("bills", f"http://127.0.0.1:{free_port()}/")
    environment.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(key_file))

    assert messaging.send(TOKEN, DATA) is Delivery.BUSY
    assert service.outbox.messages() == []


def test_answer_that_is_no_json_is_judged_by_its_status(environment: pytest.MonkeyPatch) -> None:
    server = HttpServer(Request.application(lambda _: Response("<html>", 502)))
    point_at(environment, server.url)

    assert messaging.send(TOKEN, DATA) is Delivery.BUSY
    server.stop()
