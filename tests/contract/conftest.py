"""What every contract test of a gRPC endpoint needs: one certificate, and the credentials of a function."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from google.oauth2.credentials import Credentials

from local.dispatch import unsigned_jwt
from local.identity import service_account
from local.servers import certificate


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


@pytest.fixture
def credentials() -> Credentials:
    """The credentials of the function `patients`: the calls of a client that holds them are recorded as its calls."""
    return Credentials(token=unsigned_jwt({"email": service_account("patients")}))
