"""A process of one function, forked from a server that has loaded the common packages."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from local.services.functions.responses import FunctionDown
from local.services.kit.service import Preloaded

_HOST = Path(__file__).with_name("fork_server.py")


class ForkServer:
    """The process from which all functions are forked; it starts with the first function."""

    def __init__(self, log: Path, preloading: bool | Callable[[], Preloaded]) -> None:
        """It loads the common packages with `preloading`, and the modules that this returns when the server starts."""
        self.log = log
        self._preloading = preloading
        self._starting = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def fork(self, connection: socket.socket, log: Path) -> None:
        """Fork a process with the other end of a connection, and a log."""
        with self._starting, log.open("ab") as output:
            if self._child is None:
                self._start()
            socket.send_fds(self._orders, [b"1"], [connection.fileno(), output.fileno()])

    def _start(self) -> None:
        options = [] if self._preloading else ["--bare"]
        if callable(self._preloading):
            preloaded = self._preloading()
            options = [str(preloaded.folder.resolve()), *preloaded.modules]
        self._orders, theirs = socket.socketpair()
        with theirs, self.log.open("ab") as output:
            self._child = subprocess.Popen(
                [sys.executable, "-I", str(_HOST), str(theirs.fileno()), *options],
                env={},
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                process_group=0,  # Ctrl-C reaches only the stack, which stops its children in order
            )

    def stop(self) -> None:
        """End it, after its functions have ended."""
        with self._starting:
            if self._child:
                self._orders.close()
                self._child.wait()


class Process:
    """The process of one function, from its start to its end."""

    def __init__(self, host: ForkServer, order: Mapping[str, Any], log: Path) -> None:
        """Raises FunctionDown when the process cannot be started."""
        self._logs = (log, host.log)
        self.expected_to_end = False
        self._ended = threading.Event()
        connection, theirs = socket.socketpair()
        with connection, theirs:
            connection.sendall(json.dumps(order).encode() + b"\n")
            host.fork(theirs, log)
            self._lines = connection.makefile("rb")
        self.id = self._read("process")

    def wait_ready(self) -> int:
        """Its port, when it listens. Raises FunctionDown with the end of its log when it does not start."""
        return self._read("port")

    @property
    def running(self) -> bool:
        """False from the start of a kill: its client sees the closed connection before the process is reaped."""
        return not (self.expected_to_end or self._ended.is_set())

    def kill(self) -> None:
        self.expected_to_end = True
        if not self._ended.is_set():
            with suppress(ProcessLookupError):
                os.kill(self.id, signal.SIGKILL)
            self._ended.wait()

    def wait(self) -> int:
        """Wait for its end; returns the exit code."""
        with self._lines:
            return self._read("exit")

    def _read(self, fact: str) -> int:
        """The value in the next line. Raises FunctionDown when the process ended instead."""
        line = self._lines.readline()
        facts: dict[str, int] = json.loads(line) if line else {"exit": -1}
        if "exit" in facts:
            self._ended.set()
        if fact not in facts:
            log = self._logs[0] if line else self._logs[1]
            end = "\n".join(log.read_text(errors="replace").splitlines()[-12:])
            raise FunctionDown(f"its process ended:\n{end}")
        return facts[fact]
