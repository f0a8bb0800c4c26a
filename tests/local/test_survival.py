"""A stack killed with SIGKILL at random moments loses nothing that it acknowledged, and goes on where it stopped.

`THOROUGH=1` kills it 20 times.
"""

from __future__ import annotations

import itertools
import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import pytest
import urllib3
from google.cloud import kms_v1, tasks_v2
from google.cloud.firestore_v1.services.firestore import FirestoreClient
from google.cloud.firestore_v1.services.firestore.transports import FirestoreGrpcTransport
from google.cloud.kms_v1.services.key_management_service.transports import KeyManagementServiceGrpcTransport
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport

from infra.catalogue import ROOT
from local.services.firestore.backend import DATABASE
from local.services.kit.identity import PROJECT
from local.stack.environment import AUDIO_BUCKET, KEY_RING, QUEUES
from tests.support.thorough import THOROUGH
from tests.support.toy_stack import noted

pytestmark = pytest.mark.long

KILLS = 20 if THOROUGH else 3
START_SECONDS = 3.0
"""About as long as a start takes: some kills come before its end."""
RUN_SECONDS = 2.0
PAUSE = 0.01
"""Seconds between two calls of a writer."""
GRAIN = 256 * 1024
PASSWORD = "horse battery"
OWNER = [("authorization", "Bearer owner")]
_Purpose: Any = kms_v1.CryptoKey.CryptoKeyPurpose


class Run:
    """One process of the stack, from its start to its kill."""

    def __init__(self, folder: Path) -> None:
        self.killed = threading.Event()
        """Set before the kill: no error of a later call counts."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.toy_stack", str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        self._certificate = folder / "state" / "tls" / "tls.crt"
        self._clients = ExitStack()
        self._http = urllib3.PoolManager(maxsize=len(WRITERS))

    def wait_ready(self) -> None:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the stack does not start"
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
        answer = run.http("PUT", run.storage + self.path, body=self.content[start:stop], headers=headers)
        self.acknowledged = stop
        return answer.status == 200

    def ask(self, run: Run) -> bool:
        """Ask for the number of stored bytes; True if the upload is complete."""
        headers = {"Content-Range": f"bytes */{len(self.content)}"}
        answer = run.http("PUT", run.storage + self.path, headers=headers)
        if answer.status == 200:
            return True
        kept = answer.headers.get("Range")
        stored = int(kept.removeprefix("bytes=0-")) + 1 if kept else 0
        assert stored >= self.acknowledged, f"{self.acknowledged} bytes were acknowledged, and {stored} are stored"
        self.acknowledged = stored
        return False


@dataclass
class Ledger:
    """What the stack has acknowledged, by number."""

    documents: set[int] = field(default_factory=set)
    objects: dict[int, bytes] = field(default_factory=dict)
    """The contents of the objects that nobody began to delete."""
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
        """The acknowledged changes that have an event or are tasks, as the toy functions note them."""
        kinds = {"document": self.documents, "object": self.finalized, "deletion": self.deleted, "task": self.tasks}
        return {f"{kind} {number}" for kind, numbers in kinds.items() for number in numbers}


Writer = Callable[[Run, Ledger, int], None]


def write_document(run: Run, ledger: Ledger, number: int) -> None:
    fields = {"number": {"integer_value": number}}
    write = {"update": {"name": document_name(number), "fields": fields}}
    run.firestore.commit({"database": DATABASE, "writes": [write]}, retry=None, timeout=20, metadata=OWNER)
    ledger.documents.add(number)


def write_object(run: Run, ledger: Ledger, number: int) -> None:
    content = f"content of {number}".encode()
    run.http("POST", f"{run.storage}/upload/storage/v1/b/{AUDIO_BUCKET}/o?uploadType=media&name={number}", body=content)
    ledger.finalized.add(number)
    ledger.objects[number] = content
    if number % 3 == 0:
        del ledger.objects[number]
        run.http("DELETE", object_url(run, number))
        ledger.deleted.add(number)


def upload(run: Run, ledger: Ledger, number: int) -> None:
    """Begin an upload, and finish those that earlier calls of this or an earlier run began."""
    begun = list(ledger.uploads.items())
    content = random.randbytes(2 * GRAIN + 1)
    start = f"{run.storage}/upload/storage/v1/b/{AUDIO_BUCKET}/o?uploadType=resumable&ifGenerationMatch=0&name={number}"
    location = run.http("POST", start, headers={"X-Upload-Content-Length": str(len(content))}).headers["Location"]
    ledger.uploads[number] = Upload(location.removeprefix(run.storage), content)
    ledger.uploads[number].put(run, GRAIN)
    for earlier, upload in begun:
        complete = upload.ask(run)
        while not complete:
            complete = upload.put(run, GRAIN)
        ledger.finalized.add(earlier)
        ledger.objects[earlier] = upload.content
        del ledger.uploads[earlier]


def create_task(run: Run, ledger: Ledger, number: int) -> None:
    parent = f"{QUEUES}/work"
    url = run.environment["FUNCTION_URL"].format(function="on-task")
    task = tasks_v2.Task(name=f"{parent}/tasks/{number}", http_request=tasks_v2.HttpRequest(url=url))
    run.tasks.create_task(parent=parent, task=task, retry=None, timeout=20)
    ledger.tasks.add(number)


def create_key(run: Run, ledger: Ledger, number: int) -> None:
    key = kms_v1.CryptoKey(purpose=_Purpose.ENCRYPT_DECRYPT)
    request = {"parent": KEY_RING, "crypto_key_id": str(number), "crypto_key": key}
    run.kms.create_crypto_key(request, retry=None, timeout=20)
    plaintext = str(number).encode()
    sealed = run.kms.encrypt(name=key_name(number), plaintext=plaintext, retry=None, timeout=20)
    ledger.ciphertexts[number] = sealed.ciphertext


def create_account(run: Run, ledger: Ledger, number: int) -> None:
    account = {"localId": str(number), "email": email(number), "password": PASSWORD}
    headers = {"Authorization": "Bearer owner"}
    url = f"{run.url}/identitytoolkit.googleapis.com/v1/projects/{PROJECT}/accounts"
    run.http("POST", url, json=account, headers=headers)
    ledger.accounts.add(number)


WRITERS: tuple[Writer, ...] = (write_document, write_object, upload, create_task, create_key, create_account)


def document_name(number: int) -> str:
    return f"{DATABASE}/documents/clinics/c/notes/{number}"


def object_url(run: Run, number: int) -> str:
    return f"{run.storage}/storage/v1/b/{AUDIO_BUCKET}/o/{number}"


def key_name(number: int) -> str:
    return f"{KEY_RING}/cryptoKeys/{number}"


def email(number: int) -> str:
    return f"{number}@clinic.example"


def keep_writing(writer: Writer, run: Run, ledger: Ledger, numbers: Iterator[int]) -> None:
    """Write until the kill."""
    while not run.killed.wait(PAUSE):
        try:
            writer(run, ledger, next(numbers))
        except Exception as error:
            if not run.killed.is_set():
                ledger.errors.append(error)
                return


def write_until_killed(run: Run, ledger: Ledger, numbers: Iterator[int]) -> None:
    writers = [threading.Thread(target=keep_writing, args=(writer, run, ledger, numbers)) for writer in WRITERS]
    for writer in writers:
        writer.start()
    time.sleep(random.uniform(0.5, RUN_SECONDS))
    run.kill()
    for writer in writers:
        writer.join()
    assert ledger.errors == []


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], Run]]:
    """Starts the stack on the state of the previous runs."""
    runs: list[Run] = []

    def start() -> Run:
        runs.append(Run(tmp_path))
        return runs[-1]

    yield start
    for run in runs:
        run.kill()
        run.close()


def test_a_killed_stack_loses_nothing_that_it_acknowledged(start: Callable[[], Run], tmp_path: Path) -> None:
    ledger = Ledger()
    numbers = itertools.count(1)
    for kill in range(KILLS):
        run = start()
        if kill % 3 == 1:
            time.sleep(random.uniform(0, START_SECONDS))
            run.kill()
        else:
            run.wait_ready()
            write_until_killed(run, ledger, numbers)
    last = start()
    last.wait_ready()

    assert ledger.uploads
    upload(last, ledger, next(numbers))
    check_documents(last, ledger)
    check_objects(last, ledger)
    check_keys(last, ledger)
    check_accounts(last, ledger)
    check_events_and_tasks(ledger, tmp_path)


def check_documents(run: Run, ledger: Ledger) -> None:
    assert ledger.documents
    names = [document_name(number) for number in ledger.documents]
    found = run.firestore.batch_get_documents({"database": DATABASE, "documents": names}, metadata=OWNER)
    stored = {answer.found.name: answer.found.fields["number"].integer_value for answer in found if answer.found.name}
    assert stored == {document_name(number): number for number in ledger.documents}


def check_objects(run: Run, ledger: Ledger) -> None:
    assert ledger.objects
    for number, content in ledger.objects.items():
        assert run.http("GET", f"{object_url(run, number)}?alt=media").data == content
    assert ledger.deleted
    for number in ledger.deleted:
        with pytest.raises(ValueError, match=": 404"):
            run.http("GET", object_url(run, number))


def check_keys(run: Run, ledger: Ledger) -> None:
    assert ledger.ciphertexts
    for number, ciphertext in ledger.ciphertexts.items():
        assert run.kms.decrypt(name=key_name(number), ciphertext=ciphertext).plaintext == str(number).encode()


def check_accounts(run: Run, ledger: Ledger) -> None:
    assert ledger.accounts
    for number in ledger.accounts:
        url = f"{run.url}/identitytoolkit.googleapis.com/v1/accounts:signInWithPassword?key=any"
        account = run.http("POST", url, json={"email": email(number), "password": PASSWORD}).json()
        assert account["localId"] == str(number)


def check_events_and_tasks(ledger: Ledger, folder: Path) -> None:
    assert ledger.tasks
    deadline = time.monotonic() + 60
    while missing := ledger.changes() - noted(folder):
        assert time.monotonic() < deadline, f"lost: {sorted(missing)}"
        time.sleep(0.05)
