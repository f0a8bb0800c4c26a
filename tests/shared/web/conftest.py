"""An Identity Platform with one account, for requests that reach a handler."""

from __future__ import annotations

from collections.abc import Iterator

import firebase_admin
import pytest

from local.services.auth.client import create_account
from local.services.auth.endpoint import AccountsEndpoint
from local.services.kit.identity import PROJECT
from local.services.kit.servers import HttpServer
from shared import settings
from shared.gateways import accounts, identity_platform
from shared.workflows.clinic import sign_ins


@pytest.fixture(scope="package")
def _accounts_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server = HttpServer(AccountsEndpoint(tmp_path_factory.mktemp("accounts")).app)
    create_account(server.url, "doctor-1", "aster")
    yield server.url.removeprefix("http://")
    server.stop()


@pytest.fixture(autouse=True)
def accounts_host(_accounts_server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Host and port of an Identity Platform with the account of the doctor `doctor-1` of the clinic `aster`."""
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", PROJECT)
    monkeypatch.setenv("FIRESTORE_DATABASE", "(default)")
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", _accounts_server)
    settings.load.cache_clear()
    _forget_accounts()
    yield _accounts_server
    _forget_accounts()
    settings.load.cache_clear()


def _forget_accounts() -> None:
    """Discard the Firebase app and the accounts that other tests of this process have used."""
    firebase_admin.delete_app(accounts._app())
    accounts._app.cache_clear()
    identity_platform._api.cache_clear()
    sign_ins._cache.cache_clear()
