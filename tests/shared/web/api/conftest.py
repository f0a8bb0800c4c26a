"""The environment of a function."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from local.services.kit.identity import PROJECT
from shared import settings
from shared.store.clinic import Clinic
from shared.web import logs
from tests.shared.web.api.orders import ORIGIN


@pytest.fixture(autouse=True)
def deployed(accounts_host: str) -> Iterator[pytest.MonkeyPatch]:
    """The environment of a function; restores the logging of this process afterwards."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GOOGLE_CLOUD_PROJECT", PROJECT)
        patch.setenv("LOG_LEVEL", "INFO")
        patch.setenv("FIREBASE_AUTH_EMULATOR_HOST", accounts_host)
        patch.setenv("FIRESTORE_DATABASE", "(default)")
        patch.setenv("CORS_ORIGINS", f"https://other.example,{ORIGIN}")
        patch.setenv("SHOWN_RECORDS_PER_HOUR", "5000")
        patch.setenv("THREADS", "8")
        patch.setattr(logging.root, "handlers", [])
        patch.setattr(Clinic, "admit", lambda clinic: None)  # it reads the caller's record
        forget()
        yield patch
    forget()


def forget() -> None:
    settings.load.cache_clear()
    logs.configure.cache_clear()
