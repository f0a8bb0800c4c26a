"""Helpers for WSGI applications."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NoReturn

from werkzeug import Request, Response

from local.services.kit.recorder import AnswerLost

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


def answer(
    environ: WSGIEnvironment, start_response: StartResponse, respond: Callable[[Request], Response]
) -> Iterable[bytes]:
    """Answer a request, or hang up if `respond` raises AnswerLost."""
    try:
        response = respond(Request(environ))
    except AnswerLost:
        hang_up(environ)
    return response(environ, start_response)


def hang_up(environ: WSGIEnvironment) -> NoReturn:
    """Close the request's connection without a response."""
    with contextlib.suppress(OSError):
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError  # tells werkzeug's server that no response follows
