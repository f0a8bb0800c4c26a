"""The local Cloud Tasks, through Google's own client over TLS and a worker on a real socket."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from google.oauth2.credentials import Credentials

from local.services.kit.recorder import Recorder
from local.services.kit.servers import GrpcServer, certificate
from local.services.tasks.endpoint import TasksEndpoint
from tests.local.tasks.stack import OTHER, Client, Stack
from tests.local.tasks.worker import Worker


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker()
    yield worker
    worker.stop()


@pytest.fixture
def start(
    tmp_path: Path, recorder: Recorder, worker: Worker, certificate_folder: Path, credentials: Credentials
) -> Callable[..., Any]:
    """Starts the endpoint on the same state each time; a context manager that returns the stack."""

    @contextmanager
    def running(backoff_scale: float = 1.0) -> Iterator[Stack]:
        endpoint = TasksEndpoint(tmp_path, recorder, backoff_scale)
        server = GrpcServer(endpoint.handlers(), certificate(certificate_folder))
        try:
            with Client(credentials=credentials, client_options={"api_endpoint": server.address}) as client:
                yield Stack(endpoint, client, worker)
        finally:
            server.stop()
            endpoint.stop()

    return running


@pytest.fixture
def stack(start: Callable[..., Any]) -> Iterator[Stack]:
    """A stack with two queues."""
    with start() as stack:
        stack.create_queue()
        stack.create_queue(OTHER)
        yield stack
