"""What every contract test of a gRPC endpoint needs: the credentials of a function."""

from __future__ import annotations

import pytest
from google.oauth2.credentials import Credentials

from local.services.kit.identity import service_account, unsigned_jwt


@pytest.fixture
def credentials() -> Credentials:
    """The credentials of the function `patients`: the calls of a client that holds them are recorded as its calls."""
    return Credentials(token=unsigned_jwt({"email": service_account("patients")}))
