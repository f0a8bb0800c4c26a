"""Channels to Google's APIs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import grpc

from shared.rpc.credentials import CallCredentials

_OPTIONS = ("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)
_TLS_PORT = 443


@dataclass(frozen=True)
class Channel:
    """A channel of gRPC, and what authorises each call in it."""

    grpc: grpc.Channel
    credentials: CallCredentials | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self.grpc.close()


def open_channel(
    host: str, names: Sequence[str], *, endpoint: str | None = None, options: Sequence[tuple[str, Any]] = ()
) -> Channel:
    """A channel over TLS to an API of Google, with the application's default credentials.

    `host` is Google's, `names` its scopes after `auth/`; `endpoint` is another address that serves the API. Raises
    google.auth.exceptions.DefaultCredentialsError when there are no credentials.
    """
    import google.auth

    credentials, _project = google.auth.default(
        default_scopes=[f"https://www.googleapis.com/auth/{name}" for name in names]
    )
    address = endpoint or host
    channel = grpc.secure_channel(
        address if ":" in address else f"{address}:{_TLS_PORT}",
        grpc.ssl_channel_credentials(),
        options=(*_OPTIONS, *options),
    )
    return Channel(channel, CallCredentials(credentials, host))


def open_plain_channel(address: str, *, options: Sequence[tuple[str, Any]] = ()) -> Channel:
    """A channel without TLS and credentials, as to Google's emulators."""
    return Channel(grpc.insecure_channel(address, options=(*_OPTIONS, *options)))
