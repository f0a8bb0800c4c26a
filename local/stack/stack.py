"""The local stack: everything that a deployment has, on this machine, started and stopped together."""

from __future__ import annotations

import fcntl
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from infra import catalogue as catalogue_file
from infra.catalogue import ROOT, Catalogue
from infra.staging import stage
from local.services.auth import AccountsEndpoint
from local.services.eventarc.triggers import Triggers
from local.services.firestore.emulator import Emulator, MissingPrerequisite, OwnEmulator, free_port
from local.services.functions.processes import Functions
from local.services.kit.recorder import Taps
from local.services.scheduler.clock import Schedules
from local.stack.environment import NAMES, Endpoints, environment, only
from local.stack.gateway import TASKS, Gateway

if TYPE_CHECKING:
    from local.services.tasks.endpoint import TasksEndpoint
    from local.stack.endpoints import LocalServices


@dataclass(frozen=True)
class Variant:
    """The functions of a stack once more, in another environment."""

    url: str
    functions: Functions


class Stack:
    """The running stack, as a context manager: on the way out, every process it started has ended."""

    def __init__(
        self,
        state: Path,
        port: int = 0,
        build: Path | None = None,
        functions_root: Path = ROOT / "functions",
        *,
        catalogue: Catalogue | None = None,
        firestore: str | None = None,
        events_port: int = 0,
        backoff_scale: float = 0.05,
        ticking: bool = False,
    ) -> None:
        """Nothing starts before the `with`.

        `state` keeps everything from one run to the next, `build` holds the staged functions. `port` is the gateway's;
        0 is the port of the last run or else a free one. `firestore` (host:port) is an emulator that runs already; it
        must send its events to `events_port`. `backoff_scale` multiplies the waits between the tries of a task.
        With `ticking`, schedules are kept; without it nothing is called by the clock, only by `schedules.tick`, so
        that no test or demo is disturbed.
        """
        self._state = state
        self._port = port
        self._build = build or ROOT / "build"
        self._functions_root = functions_root
        self._catalogue = catalogue or catalogue_file.load()
        self._firestore = firestore
        self._events_port = events_port
        self._backoff_scale = backoff_scale
        self._ticking = ticking
        self._running = ExitStack()
        self._complete = False
        self.logs = state / "logs"
        """What the functions wrote, a file each."""
        self.taps = Taps()
        self.failed = threading.Event()
        """Set when a process ended that nobody killed; `failure` says which."""
        self.failure = ""

    def __enter__(self) -> Stack:
        """Start everything. Raises Unavailable when something is missing that is not of our making."""
        with ExitStack() as running:
            self._start(running)
            self._running = running.pop_all()
        self._complete = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._complete = False
        self._running.close()

    @property
    def url(self) -> str:
        """Where the API is."""
        return self.gateway.url

    @property
    def task_queues(self) -> TasksEndpoint:
        """Cloud Tasks, to see what is pending."""
        return self.services.task_queues

    @property
    def firestore_address(self) -> str:
        """The emulator itself, host:port; what goes there directly is not in the taps."""
        return self.emulator.address

    def client_environment(self) -> dict[str, str]:
        """The environment of a program that acts as the operator of the platform."""
        return environment(self._endpoints(), self.firestore_address, self.services.credentials())

    @contextmanager
    def variant(self, changes: Mapping[str, str | None]) -> Iterator[Variant]:
        """The functions once more, on the same data, with these variables changed; None takes one away.

        They run in processes of their own, behind an address of their own. Events and tasks go to the others.
        """

        def changed(function: str) -> dict[str, str]:
            variables = {**self._environment(function), **changes}
            return {name: value for name, value in variables.items() if value is not None}

        functions = Functions(self._catalogue, self._stage, changed, self.logs / "variant")
        gateway = Gateway(self._catalogue, functions, self._accounts.app)
        gateway.open()
        try:
            yield Variant(gateway.url, functions)
        finally:
            functions.stop()
            gateway.stop()

    def wait_idle(self, timeout: float = 30.0) -> None:
        """Return when every event is handled, every due task is done and all audio is transcribed.

        Raises TimeoutError. A task that is scheduled for later, or waits for its next try, is not waited for.
        """
        deadline = time.monotonic() + timeout
        while not self._at_rest():
            if time.monotonic() > deadline:
                raise TimeoutError(f"the stack is still busy after {timeout:g} s")
            time.sleep(0.02)

    def _at_rest(self) -> bool:
        """Whether nothing goes on, and no event is under way from the emulator that would start something."""
        if not (self.triggers.idle() and self.services.idle()):
            return False
        handled = self.triggers.handled
        self.triggers.fence()
        return self.triggers.idle() and self.services.idle() and self.triggers.handled == handled

    def _start(self, running: ExitStack) -> None:
        """Start each part after those that it needs; they stop in the opposite order."""
        _lock(self._state, running)
        self.functions = Functions(self._catalogue, self._stage, self._environment, self.logs, self._died)
        self.taps.kill = self.functions.kill
        self._accounts = AccountsEndpoint(self._state / "accounts")
        self.gateway = Gateway(self._catalogue, self.functions, self._accounts.app, _port(self._port, self._state))
        running.callback(self.gateway.stop)
        self.schedules = Schedules(self._catalogue, self.functions)
        self.triggers = Triggers(self._catalogue, self.functions, NAMES, self._state, port=self._events_port)
        self.emulator = self._start_emulator(running)
        self.services = self._start_services(running)
        self.emulator.wait_ready()
        self.triggers.start(self.emulator)
        if self._firestore:
            self._check_events()
        last_first = (self.emulator.save, self.triggers.stop, self.functions.stop, self.task_queues.stop)
        for stop in (*last_first, self.schedules.stop):
            running.callback(stop)
        if self._ticking:
            self.schedules.start()
        self.gateway.open()

    def _start_emulator(self, running: ExitStack) -> Emulator:
        if self._firestore:
            given = Emulator(self._firestore)
            given.wait_ready()
            return given
        emulator = OwnEmulator(self._state / "firestore", self.triggers.address)
        running.callback(emulator.stop)
        threading.Thread(target=self._watch, args=(emulator,), daemon=True).start()
        return emulator

    def _check_events(self) -> None:
        """An emulator that others started sends its events where they said."""
        try:
            self.triggers.fence(timeout=10)
        except TimeoutError:
            raise MissingPrerequisite(
                f"The emulator at {self._firestore} sends no events here: start it with"
                f" --functions_emulator {self.triggers.address}, and the stack with that --events-port"
            ) from None

    def _start_services(self, running: ExitStack) -> LocalServices:
        # Imported while Java starts: the clients of Google that it needs take as long to load.
        from local.stack.endpoints import LocalServices

        return LocalServices(
            running,
            self._state,
            self.taps,
            catalogue=self._catalogue,
            firestore=self.firestore_address,
            finalized=self.triggers.finalized,
            backoff_scale=self._backoff_scale,
        )

    def _stage(self, function: str) -> Path:
        return stage(function, self._build, self._functions_root)

    def _environment(self, function: str) -> Mapping[str, str]:
        services = self.services
        everything = environment(self._endpoints(), services.firestore[function], services.credentials(function))
        return only(self._catalogue.variables(function), everything)

    def _endpoints(self) -> Endpoints:
        services = self.services
        return Endpoints(
            storage=services.storage,
            kms=services.kms,
            speech=services.speech,
            tasks=services.tasks,
            iam=services.iam,
            vertex=services.vertex,
            accounts=self.url.removeprefix("http://"),
            functions=f"{self.url}{TASKS}/{{function}}",
            certificate=services.certificate,
        )

    def _watch(self, emulator: OwnEmulator) -> None:
        code = emulator.process.wait()
        self._died("the Firestore emulator", code)

    def _died(self, name: str, code: int) -> None:
        if self._complete:
            self.failure = f"{name} ended by itself (exit code {code}); its log is in {self._state}"
            self.failed.set()


def _port(wanted: int, state: Path) -> int:
    """The gateway's port. The last one is taken again where it is free: the URLs of waiting tasks hold it."""
    file = state / "port"
    port = wanted or (int(file.read_text()) if file.exists() else free_port())
    if not _is_free(port):
        if wanted:
            raise MissingPrerequisite(f"Port {wanted} is in use: choose another with --port")
        port = free_port()
    file.write_text(str(port))
    return port


def _is_free(port: int) -> bool:
    try:
        with socket.create_server(("127.0.0.1", port)):
            return True
    except OSError:
        return False


def _lock(state: Path, running: ExitStack) -> None:
    """One stack at a time in one state folder."""
    state.mkdir(parents=True, exist_ok=True)
    file = running.enter_context((state / "lock").open("w"))
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise MissingPrerequisite(
            f"Another stack runs on {state}: stop it, or choose another folder with --state"
        ) from None
