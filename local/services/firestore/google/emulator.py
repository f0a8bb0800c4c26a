"""Google's Firestore emulator: found on this machine, started and stopped with the stack."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlencode

import urllib3

from infra.catalogue import ROOT
from local.services.firestore.backend import DATABASE, OWNER
from local.services.kit.identity import PROJECT
from local.services.kit.servers import free_port
from local.services.kit.service import MissingPrerequisite

_MAIN_CLASS = "com.google.cloud.datastore.emulator.firestore.CloudFirestore"
# With little JIT compilation it is ready a second sooner on a small machine.
_JVM_FLAGS = ("-Duser.language=en", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")
_EXPORT = "firestore"
_READY_WITHIN = 60.0
"""Seconds; a busy machine needs several."""


class Emulator:
    """A running Firestore emulator; `address` is its host and port."""

    def __init__(self, address: str) -> None:
        """Use a running emulator. It has its own rules and data, and sends events to the address in its own options."""
        self.address = address
        self._http = urllib3.PoolManager(headers={"authorization": OWNER}, retries=False, timeout=60)

    def call(self, method: str, path: str, body: object = None) -> None:
        """Call its REST API as the owner of the data. Raises OSError when the call fails."""
        try:
            answer = self._http.request(method, f"http://{self.address}{path}", json=body)
        except urllib3.exceptions.HTTPError as error:
            raise ConnectionError(f"no answer from the Firestore emulator at {self.address}") from error
        if answer.status >= 400:
            raise OSError(f"the Firestore emulator refused {method} {path}: {answer.data.decode()}")

    def listen(self, key: str, event: str, document: str) -> None:
        """Register a trigger with the key `key`: send `event` of documents that match a path pattern."""
        body = {
            "eventType": event,
            "database": "(default)",
            "namespace": "(default)",
            "document": {"value": document, "matchType": "PATH_PATTERN"},
        }
        query = urlencode({"eventarcTriggerId": key})
        self.call("POST", f"/emulator/v1/projects/{PROJECT}/eventarcTrigger?{query}", body)

    def wait_ready(self) -> None:
        """Return when it answers. Raises MissingPrerequisite when it does not."""
        if not self._answers():
            raise MissingPrerequisite(
                f"No Firestore emulator answers at {self.address}: start it, or unset FIRESTORE_EMULATOR_HOST"
            )

    def _answers(self) -> bool:
        try:
            self.call("GET", "/")
        except OSError:
            return False
        return True

    def save(self) -> None:
        """Save the data for the next start; no effect for an emulator that the stack did not start."""

    def stop(self) -> None:
        """Close the connections to it."""
        self._http.clear()


class OwnEmulator(Emulator):
    """An emulator started by the stack, with firestore.rules and the data saved in `state`."""

    def __init__(self, state: Path, functions_host: str, rules: Path = ROOT / "firestore.rules") -> None:
        """Start it. Raises MissingPrerequisite without Java or the emulator."""
        state.mkdir(parents=True, exist_ok=True)
        self._state = state
        self._log = state / "emulator.log"
        super().__init__(f"127.0.0.1:{free_port()}")
        self.process = self._start(functions_host, rules)

    def _start(self, functions_host: str, rules: Path) -> subprocess.Popen[bytes]:
        host, _, port = self.address.partition(":")
        program = [find_java(), *_JVM_FLAGS, "-cp", str(find_jar()), _MAIN_CLASS, "--host", host, "--port", port]
        program += ["--project_id", PROJECT, "--rules", str(rules), "--functions_emulator", functions_host]
        if exports := self._exports():
            program += ["--import-data", str(exports[-1] / _EXPORT / f"{_EXPORT}.overall_export_metadata")]
        supervisor = [sys.executable, "-I", str(Path(__file__).with_name("supervisor.py"))]
        with self._log.open("wb") as log:
            # Its own process group: Ctrl-C reaches only the stack, which saves the data before it stops Java.
            return subprocess.Popen(
                [*supervisor, *program], stdin=subprocess.PIPE, stdout=log, stderr=log, process_group=0
            )

    def wait_ready(self) -> None:
        """Return when it answers. Raises RuntimeError with the end of its log when it does not start."""
        deadline = time.monotonic() + _READY_WITHIN
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                end = "\n".join(self._log.read_text().splitlines()[-10:])
                raise RuntimeError(f"the Firestore emulator did not start:\n{end}")
            time.sleep(0.02)

    def save(self) -> None:
        """Export the data for the next start. The previous export is removed only when the new one is complete."""
        part = self._state / "part"
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir()
        body = {"database": DATABASE, "export_directory": str(part.resolve()), "export_name": _EXPORT}
        self.call("POST", f"/emulator/v1/projects/{PROJECT}:export", body)
        older = self._exports()
        part.rename(self._state / f"export-{time.time_ns()}")
        for export in older:
            shutil.rmtree(export)

    def stop(self) -> None:
        """Stop Java with SIGTERM, and with SIGKILL if it does not end."""
        super().stop()
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()

    def _exports(self) -> list[Path]:
        """The saved exports, oldest first; more than one only if a save was interrupted."""
        return sorted(self._state.glob("export-*"))


def find_java() -> str:
    """The Java program. Raises MissingPrerequisite."""
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=f"{home}/bin") if home else shutil.which("java")
    if found is None:
        raise MissingPrerequisite(
            "The Firestore emulator needs Java 17 or later: apt-get install openjdk-17-jre-headless"
        )
    return found


def find_jar() -> Path:
    """The emulator's jar, from the gcloud SDK or from the cache of firebase-tools. Raises MissingPrerequisite."""
    firebase = Path.home() / ".cache" / "firebase" / "emulators"
    for folder in (*(sdk / "platform" / "cloud-firestore-emulator" for sdk in _cloud_sdks()), firebase):
        if jars := sorted(folder.glob("cloud-firestore-emulator*.jar")):
            return jars[-1]
    raise MissingPrerequisite(
        "The Firestore emulator is not installed: gcloud components install cloud-firestore-emulator"
        " (or apt-get install google-cloud-cli-firestore-emulator)"
    )


def _cloud_sdks() -> list[Path]:
    """The folders of the gcloud SDK: from the environment, and from `gcloud` on the path."""
    named = os.environ.get("CLOUDSDK_ROOT_DIR")
    program = shutil.which("gcloud")
    return [*([Path(named)] if named else []), *([Path(program).resolve().parent.parent] if program else [])]
