"""Helpers for WSGI applications."""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


def hang_up(environ: WSGIEnvironment) -> NoReturn:
    """Close the request's connection without a response."""
    with contextlib.suppress(OSError):
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError  # tells werkzeug's server that no response follows
