"""What tests of more than one kind need: one certificate a process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.servers import certificate

pytest_plugins = ["tests.matrix", "tests.queries"]


@pytest.fixture(scope="session")
def certificate_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of the certificate that every local gRPC server of this process must use.

    gRPC reads its roots once, when the process makes its first secure channel. So there is one certificate a
    process, and a test asks for it (through its server fixture) before it makes a client.
    """
    folder = tmp_path_factory.mktemp("certificate")
    certificate(folder)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", str(folder / "tls.crt"))
        yield folder
