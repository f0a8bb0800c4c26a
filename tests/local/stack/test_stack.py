"""The whole local stack, with small test functions instead of the product's."""

from __future__ import annotations

import concurrent.futures
import json
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import grpc
import psutil
import pytest
import urllib3
from google.cloud.firestore_v1._helpers import decode_dict
from google.cloud.firestore_v1.services.firestore import FirestoreClient
from google.cloud.firestore_v1.services.firestore.transports import FirestoreGrpcTransport

from local.services.firestore.backend import DATABASE
from local.services.firestore.google.emulator import OwnEmulator
from local.services.kit.recorder import Fault
from local.services.kit.servers import free_port
from local.services.kit.service import MissingPrerequisite
from local.services.scheduler.clock import Schedules
from local.stack.environment import NAMES, TRUSTED
from local.stack.stack import Stack
from tests.local.stack.functions import CATALOGUE, OPERATOR, make_stack
from tests.support.prerequisites import needs_java

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def shared_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with make_stack(tmp_path_factory.mktemp("stack")) as stack:
        yield stack


@pytest.fixture
def stack(shared_stack: Stack) -> Iterator[Stack]:
    yield shared_stack
    shared_stack.recorder.clear_faults()
    shared_stack.wait_idle()


def ask(stack: Stack, method: str, path: str, **options: Any) -> urllib3.BaseHTTPResponse:
    return urllib3.request(method, f"{stack.url}{path}", retries=False, timeout=60, **options)


def running_schedules() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("schedule ")]


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not become true"
        time.sleep(0.02)


def firestore_document(stack: Stack, path: str) -> dict[str, Any]:
    """A document, read directly from the emulator."""
    with grpc.insecure_channel(stack.firestore.address) as channel:
        raw = FirestoreClient(transport=FirestoreGrpcTransport(channel=channel))
        name = f"{DATABASE}/documents/{path}"
        found = raw.get_document({"name": name}, metadata=[("authorization", "Bearer owner")])
        document: Any = decode_dict(found.fields, None)
        return dict(document)


def about(stack: Stack) -> dict[str, Any]:
    answer: dict[str, Any] = ask(stack, "GET", "/api/v1/notes/about").json()
    return answer


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"])
def test_requests_and_responses_pass_unchanged(stack: Stack, method: str) -> None:
    url = "/api/v1/notes/a%2Fb%20c/echo?x=1&x=%C3%A9"
    answer = ask(stack, method, url, body=b"text", headers={"X-Own": "1", "X-Forwarded-For": "10.0.0.1"})
    assert answer.status == 299
    seen = json.loads(answer.headers["X-Seen"])
    assert seen == {"method": method, "url": url, "body": "text"}
    headers = json.loads(answer.headers["X-Headers"])
    assert headers["X-Own"] == "1"
    assert [len(answer.headers.getlist(name)) for name in ("Date", "Server")] == [1, 1]
    assert headers["X-Forwarded-For"] == "10.0.0.1, 127.0.0.1, 127.0.0.1"
    assert headers["Host"] == stack.url.removeprefix("http://")
    assert answer.data == (b"" if method == "HEAD" else json.dumps(seen).encode())


@pytest.mark.parametrize(
    "path", ["/api/v1/nothing", "/api/v1/notesandmore", "/api/v1/", "/elsewhere", "/_functions/notes", "/_functions/x"]
)
def test_an_unknown_path_goes_to_the_fallback_function(stack: Stack, path: str) -> None:
    answer = ask(stack, "GET", path)
    assert (answer.status, answer.json()) == (404, {"lost": path})


def test_a_body_over_the_limit_of_cloud_run_is_rejected(stack: Stack) -> None:
    assert ask(stack, "POST", "/api/v1/notes/echo", body=bytes(32 * 1024 * 1024 + 1)).status == 413


def test_a_function_sees_only_its_own_folder_and_environment(stack: Stack) -> None:
    seen = about(stack)
    assert seen["path"][0] == seen["folder"]
    assert not seen["finds_the_repository"]
    assert not {"HOME", "USER", "K_SERVICE", "VIRTUAL_ENV", "STORAGE_EMULATOR_HOST"} & set(seen["environment"])
    assert seen["environment"]["GOOGLE_APPLICATION_CREDENTIALS"].endswith("notes.json")
    assert seen["environment"]["FIRESTORE_EMULATOR_HOST"] != stack.firestore.address


def test_a_function_trusts_the_certificate_of_the_stack_only(stack: Stack) -> None:
    trusted = [about(stack)["environment"][name] for name in TRUSTED]
    assert trusted == [stack.client_environment()["SMTP_CA_FILE"]] * 2


def test_a_function_gets_only_the_deployed_variables_of_its_settings(stack: Stack) -> None:
    deployed = set(stack.client_environment()) & {*NAMES, "FUNCTION_URL"}
    assert {"AUDIO_BUCKET", "TASKS_LOCATION", "FUNCTION_URL", "GOOGLE_CLOUD_PROJECT"} <= deployed
    assert set(about(stack)["environment"]) & deployed == {"GOOGLE_CLOUD_PROJECT"}


def test_a_tick_calls_the_function_as_cloud_scheduler_does(stack: Stack) -> None:
    due = datetime(2026, 11, 23, 8, 0, tzinfo=ZoneInfo("Asia/Kolkata"))
    assert stack.schedules.tick("on_the_hour", due) == 200
    tick = firestore_document(stack, "clinics/c/ticks/last")
    assert tick["method"] == "POST"
    assert tick["headers"]["X-Cloudscheduler"] == "true"
    assert tick["headers"]["X-Cloudscheduler-Jobname"] == "on-the-hour"
    assert tick["headers"]["X-Cloudscheduler-Scheduletime"] == "2026-11-23T08:00:00+05:30"


def test_a_started_schedule_calls_the_function_at_its_time(stack: Stack) -> None:
    started = datetime.now(UTC)
    almost_nine = datetime(2026, 11, 23, 8, 59, 59, tzinfo=ZoneInfo("Asia/Kolkata"))
    schedules = Schedules(CATALOGUE, stack.functions, clock=lambda: almost_nine + (datetime.now(UTC) - started))
    mark = stack.recorder.mark()
    schedules.start()
    wait_for(lambda: [call.method for call in stack.recorder.calls(mark) if call.caller == "on_the_hour"] == ["Commit"])
    schedules.stop()
    wait_for(lambda: running_schedules() == [])
    tick = firestore_document(stack, "clinics/c/ticks/last")
    assert tick["headers"]["X-Cloudscheduler-Scheduletime"] == "2026-11-23T09:00:00+05:30"


def test_a_stack_starts_schedules_only_with_ticking(stack: Stack, tmp_path: Path) -> None:
    assert running_schedules() == []
    with make_stack(tmp_path, ticking=True):
        assert running_schedules() == ["schedule on_the_hour"]
    wait_for(lambda: running_schedules() == [])


def test_routes_triggers_queues_and_schedules_come_from_the_catalogue(stack: Stack) -> None:
    assert stack.gateway.routes["/api/v1/notes"] == "notes"
    assert {listener.name: listener.document or listener.bucket for listener in stack.triggers.listeners} == {
        "on_note": "clinics/{clinic}/notes/{note}",
        "on_upload": "AUDIO_BUCKET",
    }
    [queue] = stack.task_queues.queues()
    assert (queue.name.rpartition("/")[2], queue.retry_config.max_attempts) == ("work", 5)
    assert (queue.rate_limits.max_dispatches_per_second, queue.rate_limits.max_concurrent_dispatches) == (50, 10)
    assert {name: (entry.schedule, entry.zone) for name, entry in stack.schedules.all.items()} == {
        "on_the_hour": ("0 * * * *", "Asia/Kolkata")
    }


def test_concurrent_requests_start_one_process(stack: Stack) -> None:
    stack.functions.kill("notes")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert len({seen["process"] for seen in pool.map(lambda _: about(stack), range(8))}) == 1


def test_the_error_of_a_function_that_does_not_load_is_in_the_response(stack: Stack) -> None:
    answer = ask(stack, "GET", "/api/v1/broken")
    assert answer.status == 502
    assert "this function does not load" in answer.json()["detail"]


def test_a_function_killed_at_its_commit_keeps_the_commit_and_restarts(stack: Stack) -> None:
    before = about(stack)["process"]
    fault = stack.recorder.plant(Fault("firestore", "Commit", "notes", "kill"))
    answer = ask(stack, "PUT", "/api/v1/notes/killed", json={"text": "kept"})
    assert (answer.status, answer.headers["Content-Type"]) == (502, "application/problem+json")
    assert fault.fired.wait(5)
    assert ask(stack, "GET", "/api/v1/notes/killed").json() == {"text": "kept"}
    assert about(stack)["process"] != before
    stack.wait_idle()
    assert "notes" not in stack.failure, "a kill must not be reported as a crash"


def test_wait_idle_waits_for_events_and_their_tasks(stack: Stack) -> None:
    mark = stack.recorder.mark()
    ask(stack, "PUT", "/api/v1/notes/chained", json={"text": "hello"})
    stack.wait_idle()
    made = [(call.caller, call.service, call.method, call.resource) for call in stack.recorder.calls(mark)]
    assert made[0] == ("notes", "firestore", "Commit", "clinics/c/notes/chained")
    assert made[1][:3] == ("on_note", "tasks", "CreateTask")
    assert made[2] == ("count_note", "firestore", "Commit", "clinics/c/counted/chained")
    assert stack.task_queues.pending() == []


def test_an_operator_program_reaches_all_services_and_its_upload_is_an_event(stack: Stack) -> None:
    command = [sys.executable, "-c", textwrap.dedent(OPERATOR)]
    subprocess.run(command, env=stack.client_environment(), check=True, timeout=60)
    stack.wait_idle()
    assert ask(stack, "GET", "/api/v1/notes/upload").json() == {"name": "a/1.webm", "size": "3"}


def test_all_data_survives_a_restart(tmp_path: Path) -> None:
    before = set(psutil.Process().children(recursive=True))
    with make_stack(tmp_path) as stack:
        url = stack.url
        ask(stack, "PUT", "/api/v1/notes/n", json={"text": "kept"})
        counted = [call for call in stack.recorder.calls() if call.caller == "count_note"]
    assert set(psutil.Process().children(recursive=True)) == before
    with make_stack(tmp_path) as stack:
        assert stack.url == url, "the URLs of waiting tasks contain the port"
        assert ask(stack, "GET", "/api/v1/notes/n").json() == {"text": "kept"}
        stack.wait_idle()
        counted += [call for call in stack.recorder.calls() if call.caller == "count_note"]
    assert counted, "neither run handled the event of the first run"


def test_stacks_run_side_by_side_but_not_in_one_state_folder(stack: Stack, tmp_path: Path) -> None:
    with make_stack(tmp_path) as other:
        ask(other, "PUT", "/api/v1/notes/elsewhere", json={"text": "other"})
        assert ask(other, "GET", "/api/v1/notes/elsewhere").status == 200
        assert ask(stack, "GET", "/api/v1/notes/elsewhere").status == 404
        with pytest.raises(MissingPrerequisite, match="Another stack runs"), make_stack(tmp_path):
            pass


@needs_java
def test_a_running_emulator_is_used_if_it_sends_its_events_to_the_stack(tmp_path: Path) -> None:
    port = free_port()
    emulator = OwnEmulator(tmp_path / "emulator", f"127.0.0.1:{port}")
    try:
        emulator.wait_ready()
        with make_stack(tmp_path, firestore=emulator.address, events_port=port) as stack:
            ask(stack, "PUT", "/api/v1/notes/n", json={"text": "hello"})
            stack.wait_idle()
            assert "count_note" in {call.caller for call in stack.recorder.calls()}
        emulator.wait_ready()
        with (
            pytest.raises(MissingPrerequisite, match="--functions_emulator"),
            make_stack(tmp_path, firestore=emulator.address),
        ):
            pass
    finally:
        emulator.stop()
