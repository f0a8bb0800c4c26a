"""A KMS that is slow, fails, or does not answer: every call ends within its bounds, and passing errors are retried."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from local.services.kit.recorder import Fault, Recorder
from local.stack.environment import DATA_KEY
from shared.rest.errors import ApiError
from shared.vault import kms
from tests.shared.vault.test_kms import Kms, endpoint, recorder

__all__ = ["endpoint", "recorder"]

DIGEST = hashlib.sha256(b"canonical bytes of a report").digest()
CALLS: dict[str, Callable[[], object]] = {
    "Encrypt": lambda: kms.KmsAead(DATA_KEY).encrypt(b"keyset", b"aster"),
    "AsymmetricSign": lambda: kms.sign(DIGEST),
    "GetPublicKey": lambda: kms.public_key(kms.signing_key_version()),
}


@pytest.fixture(autouse=True)
def _bounds(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Shorter bounds, and no public key of an earlier test."""
    monkeypatch.setattr(kms, "ATTEMPT_SECONDS", 0.4)
    monkeypatch.setattr(kms, "CALL_SECONDS", 1.2)
    kms._public_key.cache_clear()
    yield
    kms._public_key.cache_clear()


def lose(recorder: Recorder, method: str, times: int) -> None:
    for _ in range(times):
        recorder.plant(Fault("kms", method, "patients", "cut"))


@pytest.mark.parametrize("method", CALLS)
def test_lost_response_is_retried(endpoint: Kms, recorder: Recorder, method: str) -> None:
    lose(recorder, method, 1)
    mark = recorder.mark()

    assert CALLS[method]()

    assert [call.method for call in recorder.calls(mark)] == [method] * 2


@pytest.mark.parametrize("method", CALLS)
def test_lasting_failure_ends_within_the_bounds(endpoint: Kms, recorder: Recorder, method: str) -> None:
    lose(recorder, method, 50)
    started = time.monotonic()

    with pytest.raises(ApiError):
        CALLS[method]()

    assert time.monotonic() - started < 5


def test_slow_kms_does_not_hold_a_call_beyond_the_bounds(endpoint: Kms) -> None:
    answer = threading.Event()

    def wait(_answer: object) -> None:
        answer.wait(10)

    endpoint.damage = wait
    started = time.monotonic()

    with pytest.raises(ApiError):
        CALLS["Encrypt"]()

    assert time.monotonic() - started < 5
    answer.set()
