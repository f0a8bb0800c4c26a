"""The local stack: all parts of a deployment on this machine, started and stopped together."""

from __future__ import annotations

import os
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
from local.services.eventarc.service import EventarcService
from local.services.firestore.service import EMBEDDED, FirestoreService
from local.services.functions.processes import Functions
from local.services.functions.service import FunctionsService
from local.services.iam.service import IamService
from local.services.kit.recorder import Recorder
from local.services.kit.servers import LOOPBACK
from local.services.kit.service import Options, Service, ServiceContext
from local.services.scheduler.service import SchedulerService
from local.services.tasks.service import TasksService
from local.stack.environment import BASE, NAMES, only, own, trusting
from local.stack.gateway import Gateway
from local.stack.preloading import preloaded
from local.stack.services import Services
from local.stack.state import check_host, gateway_port, lock

if TYPE_CHECKING:
    from local.services.eventarc.triggers import Triggers
    from local.services.firestore.backend import Backend
    from local.services.scheduler.clock import Schedules
    from local.services.tasks.endpoint import TasksEndpoint


@dataclass(frozen=True)
class Variant:
    """A second set of a stack's functions, in another environment."""

    url: str
    functions: Functions


class Stack:
    """The running stack, as a context manager: on exit, every process it started has ended."""

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
        preloading: bool = True,
        host: str = LOOPBACK,
        cors_origins: str = NAMES["CORS_ORIGINS"],
    ) -> None:
        """Nothing starts before the `with`.

        `state` keeps all data between runs, `build` holds the staged functions. `port` is the gateway's; 0 is the port
        of the last run or else a free one. `firestore` is "embedded", "google" (which starts Google's emulator), or the
        address (host:port) of a running emulator, which must send its events to `events_port`; None is the value of
        FIRESTORE or else "embedded". `backoff_scale` multiplies the waits between the attempts of a task. With
        `ticking`, scheduled functions are called by the clock; without it only by `schedules.tick`, so that no test or
        demo is disturbed. Without `preloading` a function loads all it needs when it starts. `host` is an address
        of this machine, or 0.0.0.0 for all, at which the gateway also listens.
        `cors_origins` are the web clients, separated by commas.
        """
        self._state = state
        self._port = port
        self._build = build or ROOT / "build"
        self._functions_root = functions_root
        self._catalogue = catalogue or catalogue_file.load()
        firestore = firestore or os.environ.get("FIRESTORE") or EMBEDDED
        self._host = host
        self._names = {**NAMES, "CORS_ORIGINS": cors_origins}
        self._options = Options(firestore, events_port, backoff_scale, ticking, preloading)
        self._running = ExitStack()
        self._complete = False
        self.recorder = Recorder()
        self.failed = threading.Event()
        """Set when a process ended unexpectedly; `failure` says which."""
        self.failure = ""

    def __enter__(self) -> Stack:
        """Start everything. Raises MissingPrerequisite."""
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
        """The API's address on this machine."""
        return self.gateway.url

    @property
    def public_url(self) -> str:
        """The API's address for clients, which may be on another machine."""
        return self.gateway.public_url

    @property
    def logs(self) -> Path:
        """The folder of the functions' log files."""
        return self.service(FunctionsService).logs

    @property
    def functions(self) -> Functions:
        return self.service(FunctionsService).processes

    @property
    def triggers(self) -> Triggers:
        return self.service(EventarcService).triggers

    @property
    def schedules(self) -> Schedules:
        return self.service(SchedulerService).schedules

    @property
    def task_queues(self) -> TasksEndpoint:
        return self.service(TasksService).endpoint

    @property
    def firestore(self) -> Backend:
        """The Firestore itself; calls to it are not recorded in `recorder`."""
        return self.service(FirestoreService).backend

    def service(self, kind: type[Service]) -> Service:
        """The service of this class."""
        return self._context.service(kind)

    def authorization(self, function: str) -> tuple[str, str]:
        """The header of a delivery to a function that events, tasks or a schedule call."""
        return "Authorization", self.service(IamService).authorization(function)

    def client_environment(self, function: str = "") -> dict[str, str]:
        """The environment of a program that acts as the platform's operator; if it is a `function`, with its caller."""
        return {**self._variables(""), **(self._own(function) if function else {})}

    @contextmanager
    def variant(self, changes: Mapping[str, str | None]) -> Iterator[Variant]:
        """Run the functions a second time, on the same data, with these variables changed or (None) removed.

        They have processes and an address of their own. Events and tasks still go to the first ones.
        """

        def changed(function: str) -> dict[str, str]:
            variables = {**self._environment(function), **changes}
            return {name: value for name, value in variables.items() if value is not None}

        logs, loads = self.logs / "variant", self._context.preloaded
        functions = Functions(self._catalogue, self._stage, changed, logs, preloading=loads)
        gateway = Gateway(self._catalogue)
        gateway.mounts.update(self.gateway.mounts)
        gateway.open(functions)
        try:
            yield Variant(gateway.url, functions)
        finally:
            functions.stop()
            gateway.stop()

    def wait_idle(self, timeout: float = 30.0) -> None:
        """Return when every event is handled, every due task is done and all audio is transcribed.

        Does not wait for tasks that are scheduled for later or wait for a retry. Raises TimeoutError.
        """
        deadline = time.monotonic() + timeout
        while not self._at_rest():
            if time.monotonic() > deadline:
                raise TimeoutError(f"the stack is still busy after {timeout:g} s")
            time.sleep(0.02)

    def _at_rest(self) -> bool:
        """True if all services are idle, and were while the events on their way from a service arrived."""
        if not self._services.idle():
            return False
        handled = self.triggers.handled
        self._services.flush()
        return self._services.idle() and self.triggers.handled == handled

    def _start(self, running: ExitStack) -> None:
        lock(self._state, running)
        check_host(self._host)
        port = gateway_port(self._port, self._state, self._host)
        self.gateway = Gateway(self._catalogue, port, self._host)
        running.callback(self.gateway.stop)
        self._context = ServiceContext(
            state=self._state,
            catalogue=self._catalogue,
            recorder=self.recorder,
            names=self._names,
            url=self.url,
            mount=self.gateway.mount,
            stage=self._stage,
            preloaded=lambda: preloaded(self._catalogue, self._functions_root, self._stage),
            environment=self._environment,
            died=self._died,
            options=self._options,
            public_url=self.gateway.public_url,
        )
        self._services = Services(self._context)
        self._services.start(running)

        from local.stack.provisioning import provision  # imports Google's clients: Java may start meanwhile

        _, certificate = self._context.certificate()
        provision(self._variables(""), certificate, self._catalogue)
        self._services.connect()
        self.gateway.open(self.functions)

    def _stage(self, function: str) -> Path:
        return stage(function, self._build, self._functions_root)

    def _environment(self, function: str) -> Mapping[str, str]:
        """The environment of a function: without the variables that its deployment would not have."""
        return only(self._catalogue.variables(function), {**self._variables(function), **self._own(function)})

    def _own(self, function: str) -> dict[str, str]:
        return own(self._catalogue.functions[function], self._context.function_url(function))

    def _variables(self, function: str) -> dict[str, str]:
        return {
            **self._names,
            **BASE,
            **self.gateway.variables(),
            **trusting(self._context.certificate_file),
            **self._services.variables(function),
        }

    def _died(self, name: str, code: int) -> None:
        if self._complete:
            self.failure = f"{name} ended by itself (exit code {code}); its log is in {self._state}"
            self.failed.set()
