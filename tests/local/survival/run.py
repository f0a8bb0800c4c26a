"""One process of the stack, and the changes that it acknowledged."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import urllib3
from google.cloud import kms_v1, tasks_v2
from google.cloud.firestore_v1.services.firestore import FirestoreClient
from google.cloud.firestore_v1.services.firestore.transports import FirestoreGrpcTransport
from google.cloud.kms_v1.services.key_management_service.transports import KeyManagementServiceGrpcTransport
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport

from infra.catalogue import ROOT

OWNER = [("authorization", "Bearer owner")]


class Run:
    """One process of the stack, from its start to its kill."""

    def __init__(self, folder: Path, connections: int) -> None:
        self.killed = threading.Event()
        """Set before the kill. Errors of later calls are ignored."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.toy_stack", str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        self._certificate = folder / "state" / "tls" / "tls.crt"
        self._clients = ExitStack()
        self._http = urllib3.PoolManager(maxsize=connections)

    def wait_ready(self) -> None:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the stack did not start"
        self.environment: dict[str, str] = json.loads(line)
        self.url = self.environment["URL"]
        self.storage = self.environment["STORAGE_ENDPOINT"]
        trusted = grpc.ssl_channel_credentials(self._certificate.read_bytes())
        firestore, kms, tasks = (
            self._clients.enter_context(closing(channel))
            for channel in (
                grpc.insecure_channel(self.environment["FIRESTORE_EMULATOR_HOST"]),
                grpc.secure_channel(self.environment["KMS_ENDPOINT"], trusted),
                grpc.secure_channel(self.environment["TASKS_ENDPOINT"], trusted),
            )
        )
        self.firestore = FirestoreClient(transport=FirestoreGrpcTransport(channel=firestore))
        self.kms = kms_v1.KeyManagementServiceClient(transport=KeyManagementServiceGrpcTransport(channel=kms))
        self.tasks = tasks_v2.CloudTasksClient(transport=CloudTasksGrpcTransport(channel=tasks))

    def kill(self) -> None:
        self.killed.set()
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """Close the clients, after the writers have ended."""
        self._clients.close()
        if self._process.stdout:
            self._process.stdout.close()

    def http(self, method: str, url: str, **options: Any) -> urllib3.BaseHTTPResponse:
        """One request. Raises ValueError for an error response."""
        answer = self._http.request(method, url, retries=False, timeout=20, **options)
        if answer.status >= 400:
            raise ValueError(f"{method} {url}: {answer.status} {answer.data.decode()}")
        return answer


@dataclass
class Upload:
    """A resumable upload, and the number of bytes that the service has acknowledged."""

    path: str
    content: bytes
    acknowledged: int = 0

    def put(self, run: Run, size: int) -> bool:
        """Send the next bytes; True if the upload is complete."""
        start, total = self.acknowledged, len(self.content)
        stop = min(start + size, total)
        headers = {"Content-Range": f"bytes {start}-{stop - 1}/{total}"}
        answer = run.http("PUT", run.url + self.path, body=self.content[start:stop], headers=headers)
        self.acknowledged = stop
        return answer.status == 200

    def query(self, run: Run) -> bool:
        """Update `acknowledged` with the number of stored bytes. True if the upload is complete."""
        headers = {"Content-Range": f"bytes */{len(self.content)}"}
        answer = run.http("PUT", run.url + self.path, headers=headers)
        if answer.status == 200:
            return True
        kept = answer.headers.get("Range")
        stored = int(kept.removeprefix("bytes=0-")) + 1 if kept else 0
        assert stored >= self.acknowledged, f"{self.acknowledged} bytes were acknowledged, and {stored} are stored"
        self.acknowledged = stored
        return False


@dataclass
class Ledger:
    """The acknowledged changes, by number."""

    documents: set[int] = field(default_factory=set)
    objects: dict[int, bytes] = field(default_factory=dict)
    """The contents of the objects, except those with a started deletion."""
    finalized: set[int] = field(default_factory=set)
    deleted: set[int] = field(default_factory=set)
    uploads: dict[int, Upload] = field(default_factory=dict)
    """The unfinished uploads."""
    tasks: set[int] = field(default_factory=set)
    ciphertexts: dict[int, bytes] = field(default_factory=dict)
    accounts: set[int] = field(default_factory=set)
    errors: list[BaseException] = field(default_factory=list)
    """Errors of calls to a running stack."""

    def changes(self) -> set[str]:
        """The acknowledged tasks and changes with an event, in the format of the toy functions' notes."""
        kinds = {"document": self.documents, "object": self.finalized, "deletion": self.deleted, "task": self.tasks}
        return {f"{kind} {number}" for kind, numbers in kinds.items() for number in numbers}
