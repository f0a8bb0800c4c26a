"""The product's own gateway against the local endpoint: cancelling operations in each state."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from google.api_core import exceptions

from local.services.iam.endpoint import IamEndpoint
from local.services.kit.recorder import Fault
from local.stack.environment import NAMES
from shared import settings
from shared.gateways import speech
from tests.local.speech.endpoint import Running
from tests.local.speech.requests import AUDIO, RESULTS

pytestmark = pytest.mark.long

UNKNOWN = "projects/demo-synapse/locations/global/operations/unknown"


@pytest.fixture
def gateway(local: Running, tmp_path: Path) -> Iterator[Running]:
    """The gateway calls the endpoint of the package."""
    local.objects.contents.clear()
    local.recorder.clear_faults()
    credentials = IamEndpoint(tmp_path / "iam", local.recorder).credentials_file("sessions", "http://127.0.0.1:9/token")
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {**NAMES, "SPEECH_ENDPOINT": local.address}.items():
            environment.setenv(name, value)
        environment.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(credentials))
        forget()
        yield local
        speech._client().transport.close()
    forget()


def forget() -> None:
    """Clear all caches, as in a new process."""
    settings.load.cache_clear()
    speech._client.cache_clear()


def begin() -> str:
    return speech.begin([AUDIO], RESULTS, model="long", languages=["en-IN"], channels=2)


def test_running_operation_is_cancelled_and_writes_nothing(gateway: Running, silence: bytes) -> None:
    gateway.objects.contents[AUDIO] = silence
    gateway.objects.reading.clear()
    gateway.objects.readable.clear()
    operation = begin()
    assert gateway.objects.reading.wait(30)

    speech.cancel(operation)
    speech.cancel(operation)

    gateway.objects.readable.set()
    assert speech.outcome(operation) == speech.Outcome(done=True, error="speech_error")
    assert list(gateway.objects.contents) == [AUDIO]


def test_finished_or_unknown_operation_is_left_alone(gateway: Running) -> None:
    operation = begin()
    while not (finished := speech.outcome(operation)).done:
        pass

    speech.cancel(operation)
    speech.cancel(UNKNOWN)

    assert speech.outcome(operation) == finished == speech.Outcome(done=True, error="audio_missing")


def test_lost_response_is_an_error_that_another_delivery_repairs(gateway: Running) -> None:
    gateway.recorder.plant(Fault("speech", "CancelOperation", "sessions", "cut"))
    with pytest.raises(exceptions.ServiceUnavailable):
        speech.cancel(begin())
