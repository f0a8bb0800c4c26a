"""Fixtures: APIs at a server that answers as planned."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.services.kit.servers import certificate
from shared.rest.api import Api
from shared.rest.opening import open_plain_api
from tests.support.planned_server import PlannedServer, trusting


@pytest.fixture(params=[True, False], ids=["chunks", "length"])
def server(request: pytest.FixtureRequest) -> Iterator[PlannedServer]:
    """Answers in chunks, and with the length of the answer."""
    with PlannedServer([{}], chunked=request.param).serving() as served:
        yield served


@pytest.fixture
def api(server: PlannedServer) -> Iterator[Api]:
    with open_plain_api(server.address) as opened:
        yield opened


@pytest.fixture
def secure_server(certificate_folder: Path) -> Iterator[PlannedServer]:
    """Speaks TLS; this process trusts its certificate."""
    with (
        PlannedServer([{}]).serving(certificate(certificate_folder)) as served,
        trusting(certificate_folder / "tls.crt"),
    ):
        yield served
