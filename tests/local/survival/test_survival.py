"""A stack killed with SIGKILL at random moments loses nothing that it acknowledged, and continues where it stopped.

`THOROUGH=1` kills the stack 20 times.
"""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local.services.firestore.backend import DATABASE
from tests.local.survival.run import OWNER, Ledger, Run
from tests.local.survival.writers import (
    PASSWORD,
    WRITERS,
    document_name,
    email,
    keep_writing,
    key_name,
    object_url,
    upload,
)
from tests.support.thorough import THOROUGH
from tests.support.toy_stack import noted

pytestmark = pytest.mark.long


KILLS = 20 if THOROUGH else 3
START_SECONDS = 3.0
"""About the duration of a start, so that some kills interrupt one."""
RUN_SECONDS = 2.0
"""The maximum time between readiness and the kill."""


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
        runs.append(Run(tmp_path, connections=len(WRITERS)))
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
