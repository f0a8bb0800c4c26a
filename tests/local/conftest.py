"""The credentials of a function, for tests of gRPC endpoints."""

from __future__ import annotations

import pytest
from google.oauth2.credentials import Credentials

from local.services.kit.identity import service_account, unsigned_jwt


@pytest.fixture
def credentials() -> Credentials:
    """The credentials of the function `patients`: a client's calls with them are recorded as the function's."""
    return Credentials(token=unsigned_jwt({"email": service_account("patients")}))
