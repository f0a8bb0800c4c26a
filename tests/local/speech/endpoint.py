"""A running Speech-to-Text endpoint and its object store."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from google.cloud import speech_v2
from google.oauth2.credentials import Credentials

from local.services.kit.recorder import Recorder
from local.services.kit.servers import GrpcServer, certificate
from local.services.speech.audio import Samples, encode
from local.services.speech.endpoint import SpeechEndpoint
from local.services.speech.engine import Engine
from local.services.speech.script import Script

SILENT = 4.4
"""Length of the silent recording, in seconds."""
Clip = Callable[[str], bytes]


@dataclass
class Objects:
    """The objects of the buckets, by URI."""

    contents: dict[str, bytes] = field(default_factory=dict)
    reading: threading.Event = field(default_factory=threading.Event)
    """Set at the start of a read."""
    readable: threading.Event = field(default_factory=threading.Event)
    """Reads block until it is set."""

    def read(self, uri: str) -> bytes:
        self.reading.set()
        assert self.readable.wait(30)
        if uri not in self.contents:
            raise FileNotFoundError(f"There is no object {uri}.")
        return self.contents[uri]

    def write(self, uri: str, content: bytes, content_type: str) -> None:
        assert content_type == "application/json"
        self.contents[uri] = content


@dataclass
class Running:
    """A running endpoint, with its script, its objects and its recorder."""

    endpoint: SpeechEndpoint
    script: Script
    objects: Objects
    recorder: Recorder
    address: str

    def client(self, credentials: Credentials) -> speech_v2.SpeechClient:
        return speech_v2.SpeechClient(credentials=credentials, client_options={"api_endpoint": self.address})


@dataclass(frozen=True)
class Starter:
    """Starts endpoints with the certificate that this process trusts."""

    certificate_folder: Path

    def start(self, state: Path, engine: Engine | None = None) -> tuple[Running, Callable[[], None]]:
        objects, recorder, script = Objects(), Recorder(), Script()
        objects.readable.set()
        endpoint = SpeechEndpoint(state, recorder, objects.read, objects.write, engine or Engine(), script=script)
        server = GrpcServer(endpoint.handlers(), certificate(self.certificate_folder))

        def stop() -> None:
            objects.readable.set()
            server.stop()
            endpoint.stop()

        return Running(endpoint, script, objects, recorder, server.address), stop


def encoded(audio: Samples, path: Path) -> bytes:
    encode(audio, path)
    return path.read_bytes()
