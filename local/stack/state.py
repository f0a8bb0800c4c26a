"""The state folder: used by one stack at a time, and the port that is kept in it."""

from __future__ import annotations

import fcntl
import socket
from contextlib import ExitStack
from pathlib import Path

from local.services.kit.private_files import write_private
from local.services.kit.servers import free_port
from local.services.kit.service import MissingPrerequisite


def lock(state: Path, running: ExitStack) -> None:
    """Create and lock the folder until `running` closes. Raises MissingPrerequisite when another stack uses it."""
    state.mkdir(parents=True, exist_ok=True)
    file = running.enter_context((state / "lock").open("w"))
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise MissingPrerequisite(
            f"Another stack runs on {state}: stop it, or choose another folder with --state"
        ) from None


def gateway_port(requested: int, state: Path) -> int:
    """The requested port; for 0 the port of the last run if it is free: the URLs of waiting tasks contain it.

    Raises MissingPrerequisite when the requested port is in use.
    """
    file = state / "port"
    port = requested or (int(file.read_text()) if file.exists() else free_port())
    if not _is_free(port):
        if requested:
            raise MissingPrerequisite(f"Port {requested} is in use: choose another with --port")
        port = free_port()
    write_private(file, str(port).encode())
    return port


def _is_free(port: int) -> bool:
    try:
        with socket.create_server(("127.0.0.1", port)):
            return True
    except OSError:
        return False
