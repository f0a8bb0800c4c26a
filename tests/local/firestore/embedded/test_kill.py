"""Acknowledged commits survive a SIGKILL of `python -m local firestore`, and no commit is stored in part."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest
from google.cloud.firestore_v1 import types

from infra.catalogue import ROOT
from local.services.firestore.backend import DATABASE, OWNER
from local.services.firestore.embedded import messages
from local.services.firestore.server import SERVICE
from tests.support.thorough import THOROUGH

pytestmark = pytest.mark.long

KILLS = 20 if THOROUGH else 3
WRITERS = 4


@contextmanager
def running(state: Path) -> Iterator[tuple[subprocess.Popen[str], grpc.Channel]]:
    command = [sys.executable, "-m", "local", "firestore", "--port", "0", "--state", str(state)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().split()[0].removeprefix("FIRESTORE_EMULATOR_HOST=")
            with grpc.insecure_channel(address) as channel:
                yield process, channel
        finally:
            process.kill()


def commit(channel: grpc.Channel, number: str) -> None:
    """Write two documents in one commit. Raises grpc.RpcError."""
    request = messages.CommitRequest(database=DATABASE)
    for half in "ab":
        request.writes.add().update.name = f"{DATABASE}/documents/pairs/{number}{half}"
    send = channel.unary_unary(f"{SERVICE}Commit")
    send(request.SerializeToString(), metadata=[("authorization", OWNER)], timeout=10)


def stored(channel: grpc.Channel) -> set[str]:
    """The ids of all documents."""
    request = messages.RunQueryRequest(parent=f"{DATABASE}/documents")
    request.structured_query.from_.add(collection_id="pairs")
    query = channel.unary_stream(f"{SERVICE}RunQuery", response_deserializer=types.RunQueryResponse.deserialize)
    answers = query(request.SerializeToString(), metadata=[("authorization", OWNER)])
    return {answer.document.name.rpartition("/")[2] for answer in answers if answer.document.name}


def write_until_killed(process: subprocess.Popen[str], channel: grpc.Channel, acknowledged: list[str]) -> None:
    """Commit from several threads; kill the server at a random moment."""

    def write(writer: int) -> None:
        count = 0
        try:
            while True:
                number = f"{process.pid}-{writer}-{count}-"
                commit(channel, number)
                acknowledged.append(number)
                count += 1
        except grpc.RpcError:
            return

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(WRITERS)]
    for thread in threads:
        thread.start()
    time.sleep(random.uniform(0.2, 0.8))
    process.kill()
    for thread in threads:
        thread.join()


def test_acknowledged_commits_survive_kills_and_no_commit_is_partial(tmp_path: Path) -> None:
    acknowledged: list[str] = []
    for _ in range(KILLS):
        with running(tmp_path) as (process, channel):
            write_until_killed(process, channel, acknowledged)

    with running(tmp_path) as (_, channel):
        found = stored(channel)

    assert len(acknowledged) > KILLS
    assert {f"{number}{half}" for number in acknowledged for half in "ab"} <= found
    assert {name[:-1] + "b" for name in found if name.endswith("a")} == {name for name in found if name.endswith("b")}
