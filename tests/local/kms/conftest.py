"""The local Cloud KMS, through Google's own client over TLS."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from google.oauth2.credentials import Credentials

from local.services.kit.recorder import Recorder
from local.services.kit.servers import GrpcServer, certificate
from local.services.kms.endpoint import KmsEndpoint
from tests.local.kms.calls import Kms, Starter, provision


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def start(tmp_path: Path, recorder: Recorder, certificate_folder: Path, credentials: Credentials) -> Starter:
    """Starts the endpoint on the same state each time; a context manager that returns the client."""

    @contextmanager
    def running() -> Iterator[Kms]:
        server = GrpcServer(KmsEndpoint(tmp_path, recorder).handlers(), certificate(certificate_folder))
        try:
            with Kms(credentials=credentials, client_options={"api_endpoint": server.address}) as client:
                yield client
        finally:
            server.stop()

    return running


@pytest.fixture
def kms(start: Starter) -> Iterator[Kms]:
    """A client of an endpoint with a key ring, an encryption key and a signing key."""
    with start() as client:
        provision(client)
        yield client
