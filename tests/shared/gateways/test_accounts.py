"""Firebase Authentication: errors and missing responses."""

from __future__ import annotations

from collections.abc import Iterator

import firebase_admin
import pytest

from local.services.kit.servers import free_port
from shared import settings
from shared.gateways import accounts, identity_platform
from shared.records.problems import Unavailable


@pytest.fixture
def _nobody_there(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An Identity Toolkit endpoint without a listener."""
    environment = {
        "FIREBASE_AUTH_EMULATOR_HOST": f"127.0.0.1:{free_port()}",
        "GOOGLE_CLOUD_PROJECT": "synapse-test",
        "FIRESTORE_DATABASE": "(default)",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    _forget()
    yield
    _forget()


def _forget() -> None:
    """Discard the Firebase app, which other tests of this process may have created for a running endpoint."""
    settings.load.cache_clear()
    firebase_admin.delete_app(accounts._app())
    accounts._app.cache_clear()
    identity_platform._api.cache_clear()
    settings.load.cache_clear()


@pytest.mark.usefixtures("_nobody_there")
def test_while_firebase_does_not_answer_people_are_asked_to_try_again() -> None:
    with pytest.raises(Unavailable):
        accounts.account_of("asha@clinic.example", "banyan")
    with pytest.raises(Unavailable):
        accounts.follow("banyan-u1", "banyan", disabled=True)
    with pytest.raises(Unavailable):
        accounts.state("banyan-u1")


@pytest.mark.usefixtures("_nobody_there")
def test_an_address_that_firebase_refuses_has_its_own_error() -> None:
    with pytest.raises(accounts.AddressError):
        accounts.account_of("asha", "banyan")
