"""The state folder: used by one stack at a time, and the port that is kept in it."""

from __future__ import annotations

import fcntl
import socket
import time
from contextlib import ExitStack
from pathlib import Path

from local.services.kit.private_files import write_private
from local.services.kit.servers import EVERYWHERE, LOOPBACK, free_port
from local.services.kit.service import MissingPrerequisite

_PATIENCE = 1.0
"""Seconds to wait for the port of the last run. A process that is just starting may hold the closed socket a while."""


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


def check_host(host: str) -> None:
    """Raises MissingPrerequisite when this machine has no such address."""
    try:
        socket.create_server((host, 0)).close()
    except OSError:
        raise MissingPrerequisite(
            f"This machine has no address {host}: --host takes one of its IPv4 addresses, or {EVERYWHERE} for all"
        ) from None


def client_host(host: str) -> str:
    """The address that clients use for a server on `host`: for all addresses, the one that leads to the network."""
    if host != EVERYWHERE:
        return host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address for documentation; UDP sends nothing when it connects
        except OSError:
            return LOOPBACK
        return str(probe.getsockname()[0])


def gateway_port(requested: int, state: Path, host: str = LOOPBACK) -> int:
    """The requested port; for 0 the port of the last run if it is free: the URLs of waiting tasks contain it.

    Raises MissingPrerequisite when the requested port is in use.
    """
    file = state / "port"
    port = requested or (int(file.read_text()) if file.exists() else free_port())
    if not _is_soon_free(port, host):
        if requested:
            raise MissingPrerequisite(f"Port {requested} is in use: choose another with --port")
        port = free_port()
    write_private(file, str(port).encode())
    return port


def _is_soon_free(port: int, host: str) -> bool:
    deadline = time.monotonic() + _PATIENCE
    while not (free := _is_free(port, host)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return free


def _is_free(port: int, host: str) -> bool:
    try:
        for address in {LOOPBACK, host}:
            socket.create_server((address, port)).close()
    except OSError:
        return False
    return True
