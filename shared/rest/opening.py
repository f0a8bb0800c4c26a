"""How an API is opened: its address, and what authorises calls."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from shared import settings
from shared.rest.api import Api
from shared.rest.connections import Connections
from shared.rest.credentials import CallCredentials
from shared.singleton import singleton


def open_api(
    host: str, scopes: Sequence[str], *, endpoint: str | None = None, headers: Mapping[str, str] | None = None
) -> Api:
    """An API of Google, over TLS and with the application's default credentials.

    `host` is Google's, `scopes` are named after `auth/`; `endpoint` is another address that serves the API. Raises
    google.auth.exceptions.DefaultCredentialsError when there are no credentials.
    """
    server = metadata_server()
    credentials = _default(host, scopes) if server is None else _of_instance(server)
    return Api(Connections(endpoint or host, secure=True), credentials, headers)


def open_plain_api(address: str, headers: Mapping[str, str] | None = None) -> Api:
    """An API without TLS and credentials, as Google's emulators have it."""
    return Api(Connections(address, secure=False), headers=headers)


def metadata_server() -> str | None:
    """The address of the metadata server that gives this process its access tokens; None where a key file or a person's
    credentials do. The variables are those of the platform and of Google's clients, no settings of the product."""
    given = os.environ  # noqa: TID251
    if "GOOGLE_APPLICATION_CREDENTIALS" in given or not (settings.on_cloud_run() or "GCE_METADATA_HOST" in given):
        return None
    return given.get("GCE_METADATA_HOST", "metadata.google.internal")


@singleton
def _of_instance(server: str) -> CallCredentials:
    """One token for all APIs: those of the instance's own account."""
    from shared.rest.metadata_tokens import MetadataTokens

    return CallCredentials(MetadataTokens(server))


def _default(host: str, scopes: Sequence[str]) -> CallCredentials:
    from shared.rest.default_tokens import DefaultTokens

    return CallCredentials(DefaultTokens(host, [f"https://www.googleapis.com/auth/{name}" for name in scopes]))
