"""The functions' processes: one per function, started at its first request, and again after a kill."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from infra.catalogue import Catalogue, EventFunction
from local.services.functions.responses import FunctionDown, Headers, Response, StreamedResponse

_HOST = Path(__file__).with_name("fork_server.py")


class _ForkServer:
    """The process from which all functions are forked; it starts with the first function."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self._starting = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def fork(self, connection: socket.socket, log: Path) -> None:
        """Fork a process with the other end of a connection, and a log."""
        with self._starting, log.open("ab") as output:
            if self._child is None:
                self._start()
            socket.send_fds(self._orders, [b"1"], [connection.fileno(), output.fileno()])

    def _start(self) -> None:
        self._orders, theirs = socket.socketpair()
        with theirs, self.log.open("ab") as output:
            self._child = subprocess.Popen(
                [sys.executable, "-I", str(_HOST), str(theirs.fileno())],
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


class _Process:
    """The process of one function, from its start to its end."""

    def __init__(self, host: _ForkServer, order: Mapping[str, Any], log: Path) -> None:
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


class _Slot:
    """The state of one function: its process while it runs."""

    def __init__(self) -> None:
        self.starting = threading.Lock()
        self.process: _Process | None = None
        self.port = 0


class Functions:
    """Every function of the catalogue, each in a process with its own environment."""

    def __init__(
        self,
        catalogue: Catalogue,
        staged: Callable[[str], Path],
        environment: Callable[[str], Mapping[str, str]],
        logs: Path,
        died: Callable[[str, int], None] = lambda _name, _code: None,
    ) -> None:
        """`staged` and `environment` return a function's folder and variables; `died` is called for unexpected ends."""
        logs.mkdir(parents=True, exist_ok=True)
        self._catalogue = catalogue
        self._staged = staged
        self._environment = environment
        self._logs = logs
        self._died = died
        self._host = _ForkServer(logs / "functions.log")
        self._slots = {name: _Slot() for name in catalogue.functions}
        self._stopped = False

    def request(
        self,
        name: str,
        method: str,
        path: str,
        headers: Headers | None = None,
        body: bytes = b"",
        *,
        timeout: float | None = None,
    ) -> Response:
        """Send one request, starting the function if it does not run. Raises FunctionDown.

        `timeout` is in seconds; the default is the function's own.
        """
        answer = self.stream(name, method, path, headers, body, timeout=timeout)
        if isinstance(answer, StreamedResponse):
            return Response(answer.status, answer.headers, b"".join(answer))
        return answer

    def stream(
        self,
        name: str,
        method: str,
        path: str,
        headers: Headers | None = None,
        body: bytes = b"",
        *,
        timeout: float | None = None,
    ) -> Response | StreamedResponse:
        """As `request`, but a chunked response is returned once its headers are there."""
        limit = timeout or self._catalogue.functions[name].timeout
        until = time.monotonic() + limit
        connection = http.client.HTTPConnection("127.0.0.1", self._port(name), timeout=limit)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for key, value in _with_length(headers or [], body):
                connection.putheader(key, value)
            connection.endheaders(body)
            opened = connection.sock  # kept: the connection drops it for a response that is the connection's last
            answer = connection.getresponse()
            if answer.chunked:
                return StreamedResponse(name, answer, opened, until)
            return Response(answer.status, answer.getheaders(), answer.read())
        except (OSError, http.client.HTTPException) as error:
            raise FunctionDown(f"{name} gave no answer: {error!r}") from error
        finally:
            connection.close()  # leaves a streamed response open: functions close their connections themselves

    def process_of(self, name: str) -> int:
        """The id of the function's last process; 0 if it was never started."""
        process = self._slots[name].process
        return process.id if process else 0

    def kill(self, name: str) -> None:
        """SIGKILL the function's process, if it runs, and wait for its end. The next request starts another."""
        slot = self._slots.get(name)
        if slot and slot.process:
            slot.process.kill()

    def stop(self) -> None:
        """Kill every process; later requests raise FunctionDown."""
        self._stopped = True
        for slot in self._slots.values():
            # A start in progress sees the flag; a start that has passed the check is ended here.
            if slot.process:
                slot.process.kill()
            with slot.starting:
                if slot.process:
                    slot.process.kill()
        self._host.stop()

    def _port(self, name: str) -> int:
        slot = self._slots[name]
        with slot.starting:
            if self._stopped:
                raise FunctionDown(f"{name} is stopped with the stack")
            if slot.process is None or not slot.process.running:
                slot.port = self._start(name, slot)
            return slot.port

    def _start(self, name: str, slot: _Slot) -> int:
        function = self._catalogue.functions[name]
        signature = "cloudevent" if isinstance(function, EventFunction) else "http"
        try:
            order = {
                "folder": str(self._staged(name).resolve()),
                "target": function.target,
                "signature": signature,
                "environment": dict(self._environment(name)),
            }
            slot.process = _Process(self._host, order, self._logs / f"{name}.log")
            port = slot.process.wait_ready()
            threading.Thread(target=self._watch, args=(name, slot.process), daemon=True).start()
            return port
        except (OSError, FunctionDown) as error:
            raise FunctionDown(f"{name} does not start: {error}") from error

    def _watch(self, name: str, process: _Process) -> None:
        code = process.wait()
        if not process.expected_to_end and not self._stopped:
            self._died(name, code)


def _with_length(headers: Headers, body: bytes) -> Headers:
    """Add the body's length, and a host if the headers have none."""
    names = {name.lower() for name, _ in headers}
    kept = [(name, value) for name, value in headers if name.lower() != "content-length"]
    host = [] if "host" in names else [("Host", "127.0.0.1")]
    return [*host, *kept, ("Content-Length", str(len(body)))]
