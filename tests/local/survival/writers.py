"""Writers: each one changes one service of a running stack until the kill."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

from google.cloud import kms_v1, tasks_v2

from local.services.firestore.backend import DATABASE
from local.services.kit.identity import PROJECT
from local.stack.environment import AUDIO_BUCKET, KEY_RING, QUEUES
from tests.local.survival.run import OWNER, Ledger, Run, Upload

PAUSE = 0.01
"""Seconds between two calls of a writer."""
GRAIN = 256 * 1024
PASSWORD = "horse battery"
_Purpose: Any = kms_v1.CryptoKey.CryptoKeyPurpose
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
    """Begin an upload, and finish the uploads that earlier calls of any run began."""
    begun = list(ledger.uploads.items())
    content = random.randbytes(2 * GRAIN + 1)
    start = f"{run.storage}/upload/storage/v1/b/{AUDIO_BUCKET}/o?uploadType=resumable&ifGenerationMatch=0&name={number}"
    location = run.http("POST", start, headers={"X-Upload-Content-Length": str(len(content))}).headers["Location"]
    ledger.uploads[number] = Upload(location.removeprefix(run.url), content)
    ledger.uploads[number].put(run, GRAIN)
    for earlier, upload in begun:
        complete = upload.query(run)
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
