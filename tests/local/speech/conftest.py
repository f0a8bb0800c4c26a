"""The local Speech-to-Text v2 endpoint, through Google's own client over TLS.

Only the tests of this folder use the speech model in every run: other tests take transcripts from the cache.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from google.cloud import speech_v2
from google.oauth2.credentials import Credentials

from local import samples
from local.services.speech import download
from local.services.speech.audio import SAMPLE_RATE, Samples, decode
from tests.local.speech.endpoint import SILENT, Clip, Running, Starter, encoded
from tests.local.speech.hub import Hub, respond


@pytest.fixture(scope="session")
def starter(certificate_folder: Path) -> Starter:
    return Starter(certificate_folder)


@pytest.fixture(scope="package")
def local(starter: Starter, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One endpoint for all tests of the package: its engine takes seconds to load."""
    running, stop = starter.start(tmp_path_factory.mktemp("speech"))
    yield running
    stop()


@pytest.fixture
def client(local: Running, credentials: Credentials) -> Iterator[speech_v2.SpeechClient]:
    local.objects.contents.clear()
    local.recorder.clear_faults()
    with local.client(credentials) as speech:
        yield speech


@pytest.fixture(scope="session")
def sample() -> samples.Sample:
    return samples.load("follow_up_visit")


@pytest.fixture(scope="session")
def opening(sample: samples.Sample) -> Samples:
    """Both channels of the first two turns of the sample: the doctor asks, the patient answers."""
    return decode(sample.audio.read_bytes())[:, : round((sample.turns[1].end + 0.3) * SAMPLE_RATE)]


@pytest.fixture
def clip(opening: Samples, tmp_path: Path) -> Clip:
    """The opening in the format of a suffix."""
    return lambda suffix: encoded(opening, tmp_path / f"clip{suffix}")


@pytest.fixture
def silence(tmp_path: Path) -> bytes:
    """A silent recording of two channels, which is transcribed fast."""
    return encoded(np.zeros((2, round(SILENT * SAMPLE_RATE)), np.float32), tmp_path / "silence.ogg")


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    hub = Hub()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            respond(hub, self)

        def log_message(self, *args: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    hub.url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(download, "_PAUSES", (0.0, 0.0, 0.0))
    yield hub
    server.shutdown()
    server.server_close()
    thread.join()
