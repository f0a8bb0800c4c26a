"""Channels to Google's APIs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import grpc

_OPTIONS = ("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)
_TLS_PORT = 443


def open_channel(
    host: str, names: Sequence[str], *, endpoint: str | None = None, options: Sequence[tuple[str, Any]] = ()
) -> grpc.Channel:
    """A channel over TLS to an API of Google, with the application's default credentials.

    `host` is Google's, `names` its scopes after `auth/`; `endpoint` is another address that serves the API. Raises
    google.auth.exceptions.DefaultCredentialsError when there are no credentials.
    """
    from google.api_core import grpc_helpers

    address = endpoint or host
    channel: grpc.Channel = grpc_helpers.create_channel(
        address if ":" in address else f"{address}:{_TLS_PORT}",
        default_scopes=[f"https://www.googleapis.com/auth/{name}" for name in names],
        default_host=host,
        options=(*_OPTIONS, *options),
    )
    return channel


def open_plain_channel(address: str, *, options: Sequence[tuple[str, Any]] = ()) -> grpc.Channel:
    """A channel without TLS and credentials, as to Google's emulators."""
    channel: grpc.Channel = grpc.insecure_channel(address, options=(*_OPTIONS, *options))
    return channel
