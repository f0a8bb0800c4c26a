"""The prepared clinic with its database, the issuer of tokens, and the processes that are measured."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from statistics import median

from bench.deployed import TRUSTED, MetadataServer, variables
from bench.requests import recording
from bench.requests.operations import DOCTOR, Operation, prepare
from bench.requests.processes import Worker, firestore
from bench.requests.recording import Recording
from bench.visit import Asked, BareCall
from infra.catalogue import ROOT
from infra.staging import stage
from local.demo.seed import CLINIC
from local.services.auth.issuer import Firebase
from local.services.firestore.service import FirestoreService
from local.stack.stack import Stack

REQUESTS = 8
"""Requests of an operation to a side in one round; their median is the round's."""
_UNLIMITED = {"SHOWN_RECORDS_PER_HOUR": "1000000"}


class Setting:
    """What all sides of the benchmark share. It ends with `running`."""

    def __init__(self, stack: Stack, folder: Path, running: ExitStack, *, plain: bool = False) -> None:
        """Prepare the clinic. `folder` is for files. If `plain`, Firestore is called as an emulator, without TLS and
        credentials; otherwise as when deployed."""
        self._stack, self._folder, self._running, self._plain = stack, folder, running, plain
        self.prepared = prepare(stack, folder / "out")
        self.trusted = Path(stack.client_environment()[TRUSTED])
        """The file of the certificate of all servers, whose key is beside it."""
        self._firebase = Firebase(folder, stack.url, self.trusted)
        running.callback(self._firebase.stop)
        self._firestore = running.enter_context(firestore(_copy(stack, folder / "firestore"), self.trusted))
        self._metadata = MetadataServer()
        running.callback(self._metadata.stop)
        (folder / "public.pem").write_bytes(self._firebase.key.public)
        self._workers: dict[str, Worker] = {}
        self._recordings: dict[str, Recording] = {}

    def authorization(self) -> tuple[str, str]:
        """The header of a doctor who has just signed in, with a signed token."""
        return "Authorization", f"Bearer {self._firebase.token(DOCTOR, clinic=CLINIC)}"

    def median(self, worker: Worker, ask: Callable[[], Asked], restore: Callable[[], None] | None = None) -> float:
        """The median of some requests, in seconds of processor time; the documents are restored after each."""
        authorization = self.authorization()
        seconds = []
        for _ in range(REQUESTS):
            seconds.append(worker.answer(ask().by(authorization)).processor)
            if restore:
                restore()
        return median(seconds)

    def calls(self, operation: Operation) -> list[BareCall]:
        """The calls to Google of a warm request."""
        function = operation.function
        if function not in self._recordings:

            def start(address: str) -> Worker:
                return self._worker(f"{function}-recorded", self.staged(function), self.environment(function, address))

            self._recordings[function] = Recording(self._stack, start)
            self._running.callback(self._recordings[function].stop)
        return self._recordings[function].calls(operation, self.authorization())

    def restorer(self, calls: Sequence[BareCall]) -> Callable[[], None]:
        """Restores the documents that these calls write."""
        return recording.restorer(self._firestore.plain, calls)

    def ours(self, function: str) -> Worker:
        """The product's function."""
        return self._worker(function, self.staged(function), self.environment(function))

    def older(self, commit: str) -> Callable[[str], Worker]:
        """The functions of an older commit."""
        checked_out, build = self._folder / "older", self._folder / "older-build"
        git = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run([*git, "add", "--detach", str(checked_out), commit], check=True, capture_output=True)
        self._running.callback(subprocess.run, [*git, "remove", "--force", str(checked_out)], check=True)

        def start(function: str) -> Worker:
            program = "import sys, pathlib, infra.staging as s; s.stage(sys.argv[1], pathlib.Path(sys.argv[2]))"
            subprocess.run([sys.executable, "-c", program, function, str(build)], cwd=checked_out, check=True)
            return self._worker(f"{function}-older", build / function, self.environment(function))

        return start

    def bare(self, calls: Mapping[str, Sequence[BareCall]]) -> Worker:
        """The bare handler that makes these calls, by operation."""
        folder = self._folder / "bare"
        folder.mkdir()
        shutil.copy(Path(__file__).with_name("bare_main.py"), folder / "main.py")
        shutil.copy(self._folder / "public.pem", folder)
        (folder / "calls.json").write_text(json.dumps({path_of(name): made for name, made in calls.items()}))
        return self._worker("bare", folder, self.environment("reports"))

    def peer(self, name: str, database: str) -> Worker:
        """The app on SQLAlchemy with this database."""
        variables = {"PATH": os.environ["PATH"], "PEER_DATABASE": database, "PEER_KEY": f"{self._folder}/public.pem"}
        worker = Worker(ROOT, variables, self.log(name), signature="")
        self._running.callback(worker.stop)
        return worker

    def environment(self, function: str, emulator: str = "") -> dict[str, str]:
        """The variables of a function that verifies tokens as when deployed; `emulator` is the address of another
        Firestore, which is called as one."""
        changed = {**self._stack.client_environment(function), **self._firebase.variables(), **_UNLIMITED}
        local = {name: value for name, value in changed.items() if value is not None}
        if emulator or self._plain:
            return {**local, "FIRESTORE_EMULATOR_HOST": emulator or self._firestore.plain}
        return variables(local, self._firestore.secure, self._metadata.address)

    def staged(self, function: str) -> Path:
        """The folder of the function as it is deployed."""
        return stage(function, self._folder / "build")

    def log(self, name: str) -> Path:
        """The file for what a process writes."""
        return self._folder / f"{name}.log"

    def _worker(self, name: str, folder: Path, environment: Mapping[str, str]) -> Worker:
        if name not in self._workers:
            main = folder.resolve() / "main.py"
            self._workers[name] = Worker(main, environment, self.log(name))
            self._running.callback(self._workers[name].stop)
        return self._workers[name]


def path_of(operation: str) -> str:
    """The path of an operation at the bare handler."""
    return "/" + operation.replace(",", "").replace(" ", "-")


def _copy(stack: Stack, folder: Path) -> Path:
    """A copy of the stack's database, whose changes cause no events."""
    folder.mkdir()
    name = "firestore.sqlite"
    with (
        closing(sqlite3.connect(stack.service(FirestoreService).state / name)) as source,
        closing(sqlite3.connect(folder / name)) as target,
    ):
        source.backup(target)
    return folder
