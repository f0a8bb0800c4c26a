"""The functions' processes: one per function, started at its first request, and again after a kill."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from infra.catalogue import Catalogue, EventFunction
from local.services.functions.process import ForkServer, Process
from local.services.functions.responses import FunctionDown, Headers, Response, StreamedResponse
from local.services.kit.service import Preloaded


class _Slot:
    """The state of one function: its process while it runs."""

    def __init__(self) -> None:
        self.starting = threading.Lock()
        self.process: Process | None = None
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
        *,
        preloading: bool | Callable[[], Preloaded] = True,
    ) -> None:
        """`staged` and `environment` return a function's folder and variables; `died` is called for unexpected ends.
        With `preloading` the common packages are loaded once for all processes, and the modules that it returns."""
        logs.mkdir(parents=True, exist_ok=True)
        self._catalogue = catalogue
        self._staged = staged
        self._environment = environment
        self._logs = logs
        self._died = died
        self._host = ForkServer(logs / "functions.log", preloading)
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
            slot.process = Process(self._host, order, self._logs / f"{name}.log")
            port = slot.process.wait_ready()
            threading.Thread(target=self._watch, args=(name, slot.process), daemon=True).start()
            return port
        except (OSError, FunctionDown) as error:
            raise FunctionDown(f"{name} does not start: {error}") from error

    def _watch(self, name: str, process: Process) -> None:
        code = process.wait()
        if not process.expected_to_end and not self._stopped:
            self._died(name, code)


def _with_length(headers: Headers, body: bytes) -> Headers:
    """Add the body's length, and a host if the headers have none."""
    names = {name.lower() for name, _ in headers}
    kept = [(name, value) for name, value in headers if name.lower() != "content-length"]
    host = [] if "host" in names else [("Host", "127.0.0.1")]
    return [*host, *kept, ("Content-Length", str(len(body)))]
