"""The whole local stack, with small functions of our own in the place of the product's."""

from __future__ import annotations

import concurrent.futures
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import urllib3

from local.catalogue import ROOT
from local.emulator import Unavailable
from local.environment import AUDIO_BUCKET
from local.stack import Stack
from local.taps import Fault
from tests.contract.toy_functions import FINALIZED, WRITTEN, toy_catalogue, write_functions

NOTES = """
    import json, os, sys
    from pathlib import Path
    from google.cloud import firestore

    database = firestore.Client()

    def main(request):
        if request.path.endswith("/about"):
            return {
                "process": os.getpid(), "environment": dict(os.environ), "path": sys.path, "folder": os.getcwd(),
                "finds_the_repository": any((Path(place) / "local").exists() for place in sys.path),
            }
        if request.path.endswith("/echo"):
            seen = {"method": request.method, "url": request.environ["REQUEST_URI"], "body": request.get_data(as_text=True)}
            return json.dumps(seen), 299, {"X-Seen": json.dumps(seen), "X-Headers": json.dumps(dict(request.headers))}
        note = database.document("clinics/c/notes/" + request.path.rpartition("/")[2])
        if request.method == "PUT":
            note.set(request.get_json())
            return ""
        return note.get().to_dict() or ("", 404)
"""
ON_NOTE = """
    import os
    from google.api_core.client_options import ClientOptions
    from google.cloud import tasks_v2

    tasks = tasks_v2.CloudTasksClient(client_options=ClientOptions(api_endpoint=os.environ["TASKS_ENDPOINT"]))
    parent = tasks.queue_path(os.environ["GOOGLE_CLOUD_PROJECT"], os.environ["TASKS_LOCATION"], "work")

    def main(event):
        url = os.environ["FUNCTIONS_URL"] + "/count_note?note=" + event["document"].rpartition("/")[2]
        tasks.create_task(parent=parent, task={"http_request": {"url": url}})
"""
COUNT_NOTE = """
    from google.cloud import firestore

    database = firestore.Client()

    def main(request):
        counted = database.document("clinics/c/counted/" + request.args["note"])
        counted.set({"path": request.path, "times": firestore.Increment(1)}, merge=True)
        return ""
"""
ON_UPLOAD = """
    from google.cloud import firestore

    database = firestore.Client()

    def main(event):
        database.document("clinics/c/notes/upload").set({"name": event.data["name"], "size": event.data["size"]})
"""
BROKEN = """
    raise RuntimeError("this function does not load")
"""
SOURCES = {"notes": NOTES, "on_note": ON_NOTE, "count_note": COUNT_NOTE, "on_upload": ON_UPLOAD, "broken": BROKEN}
CATALOGUE = toy_catalogue(
    notes={"kind": "http", "path": "/notes"},
    broken={"kind": "http", "path": "/broken"},
    on_note={"kind": "event", "event": WRITTEN, "document": "clinics/{clinic}/notes/{note}"},
    on_upload={"kind": "event", "event": FINALIZED, "bucket": "AUDIO_BUCKET"},
    count_note={"kind": "task", "queue": "work"},
)
OPERATOR = """
    import os
    from google.api_core.client_options import ClientOptions
    from google.cloud import firestore, kms_v1, storage

    kms = kms_v1.KeyManagementServiceClient(client_options=ClientOptions(api_endpoint=os.environ["KMS_ENDPOINT"]))
    sealed = kms.encrypt(name=os.environ["DATA_KEY"], plaintext=b"secret").ciphertext
    assert kms.decrypt(name=os.environ["DATA_KEY"], ciphertext=sealed).plaintext == b"secret"
    signing = os.environ["SIGNING_KEY"] + "/cryptoKeyVersions/" + os.environ["SIGNING_KEY_VERSION"]
    assert "BEGIN PUBLIC KEY" in kms.get_public_key(name=signing).pem
    buckets = storage.Client(client_options=ClientOptions(api_endpoint=os.environ["STORAGE_ENDPOINT"]))
    buckets.bucket(os.environ["AUDIO_BUCKET"]).blob("a/1.webm").upload_from_string(b"abc")
    buckets.get_bucket(os.environ["RESULTS_BUCKET"])
    firestore.Client().document("clinics/c").set({"name": "Aster"})
"""


def make_stack(folder: Path, **options: Any) -> Stack:
    root = write_functions(folder / "functions", SOURCES)
    return Stack(folder / "state", build=folder / "build", functions_root=root, catalogue=CATALOGUE, **options)


@pytest.fixture(scope="module")
def shared_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    description = {"openapi": "3.1.0"}
    with make_stack(tmp_path_factory.mktemp("stack"), openapi=lambda: description) as stack:
        yield stack


@pytest.fixture
def stack(shared_stack: Stack) -> Iterator[Stack]:
    yield shared_stack
    shared_stack.taps.clear_faults()
    shared_stack.wait_idle()


def ask(stack: Stack, method: str, path: str, **options: Any) -> urllib3.BaseHTTPResponse:
    return urllib3.request(method, f"{stack.url}{path}", retries=False, timeout=60, **options)


def about(stack: Stack) -> dict[str, Any]:
    answer: dict[str, Any] = ask(stack, "GET", "/api/v1/notes/about").json()
    return answer


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"])
def test_a_request_and_its_answer_pass_whole(stack: Stack, method: str) -> None:
    url = "/api/v1/notes/a%2Fb%20c/echo?x=1&x=%C3%A9"
    answer = ask(stack, method, url, body=b"text", headers={"X-Own": "1", "X-Forwarded-For": "10.0.0.1"})
    assert answer.status == 299
    seen = urllib3.response.json.loads(answer.headers["X-Seen"])
    assert seen == {"method": method, "url": url, "body": "text"}
    headers = urllib3.response.json.loads(answer.headers["X-Headers"])
    assert headers["X-Own"] == "1"
    assert headers["X-Forwarded-For"] == "10.0.0.1, 127.0.0.1"
    assert headers["Host"] == stack.url.removeprefix("http://")
    assert answer.data == (b"" if method == "HEAD" else urllib3.response.json.dumps(seen).encode())


@pytest.mark.parametrize(
    "path", ["/api/v1/nothing", "/api/v1/notesandmore", "/api/v1/", "/elsewhere", "/_functions/notes", "/_functions/x"]
)
def test_an_unknown_path_is_a_problem(stack: Stack, path: str) -> None:
    answer = ask(stack, "GET", path)
    assert (answer.status, answer.headers["Content-Type"]) == (404, "application/problem+json")
    assert answer.json()["title"] == "Not Found"


def test_a_body_that_cloud_run_would_refuse_is_refused(stack: Stack) -> None:
    assert ask(stack, "POST", "/api/v1/notes/echo", body=bytes(32 * 1024 * 1024 + 1)).status == 413


def test_the_documentation_is_served_from_this_machine(stack: Stack) -> None:
    assert "/docs" in ask(stack, "GET", "/").data.decode()
    page = ask(stack, "GET", "/docs").data.decode()
    assert "://" not in page
    for asset in ["/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js"]:
        assert asset in page
        assert ask(stack, "GET", asset).status == 200
    assert ask(stack, "GET", "/api/v1/openapi.json").json() == {"openapi": "3.1.0"}


def test_a_function_sees_only_its_own_folder_and_environment(stack: Stack) -> None:
    seen = about(stack)
    assert seen["path"][0] == seen["folder"]
    assert not seen["finds_the_repository"]
    assert not {"HOME", "USER", "K_SERVICE", "VIRTUAL_ENV", "STORAGE_EMULATOR_HOST"} & set(seen["environment"])
    assert seen["environment"]["GOOGLE_APPLICATION_CREDENTIALS"].endswith("notes.json")
    assert seen["environment"]["FIRESTORE_EMULATOR_HOST"] != stack.firestore_address


def test_requests_that_race_start_one_process(stack: Stack) -> None:
    stack.functions.kill("notes")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert len({seen["process"] for seen in pool.map(lambda _: about(stack), range(8))}) == 1


def test_a_function_that_does_not_load_says_why(stack: Stack) -> None:
    answer = ask(stack, "GET", "/api/v1/broken")
    assert answer.status == 502
    assert "this function does not load" in answer.json()["detail"]


def test_a_function_killed_at_its_commit_leaves_the_commit_and_starts_again(stack: Stack) -> None:
    before = about(stack)["process"]
    fault = stack.taps.plant(Fault("firestore", "Commit", "notes", "kill"))
    answer = ask(stack, "PUT", "/api/v1/notes/killed", json={"text": "kept"})
    assert (answer.status, answer.headers["Content-Type"]) == (502, "application/problem+json")
    assert fault.fired.is_set()
    assert ask(stack, "GET", "/api/v1/notes/killed").json() == {"text": "kept"}
    assert about(stack)["process"] != before
    stack.wait_idle()
    assert not stack.failed.is_set() or "notes" not in stack.failure


def test_idle_means_that_events_and_the_tasks_they_made_are_done(stack: Stack) -> None:
    mark = stack.taps.mark()
    ask(stack, "PUT", "/api/v1/notes/chained", json={"text": "hello"})
    stack.wait_idle()
    made = [(call.caller, call.service, call.method, call.resource) for call in stack.taps.calls(mark)]
    assert made[0] == ("notes", "firestore", "Commit", "clinics/c/notes/chained")
    assert made[1][:3] == ("on_note", "tasks", "CreateTask")
    assert made[2] == ("count_note", "firestore", "Commit", "clinics/c/counted/chained")
    assert stack.task_queues.pending() == []


def test_an_operator_program_reaches_everything_and_its_upload_starts_the_pipeline(stack: Stack) -> None:
    run_operator(stack)
    stack.wait_idle()
    assert ask(stack, "GET", "/api/v1/notes/upload").json() == {"name": "a/1.webm", "size": "3"}
    assert AUDIO_BUCKET in {call.resource.partition("/")[0] for call in stack.taps.calls() if call.service == "storage"}


def run_operator(stack: Stack) -> None:
    import textwrap

    command = [sys.executable, "-c", textwrap.dedent(OPERATOR)]
    done = subprocess.run(command, env=stack.client_environment(), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_everything_is_there_again_after_a_restart(tmp_path: Path) -> None:
    with make_stack(tmp_path) as stack:
        url = stack.url
        ask(stack, "PUT", "/api/v1/notes/n", json={"text": "kept"})
        with pytest.raises(Unavailable, match="Another stack runs"), make_stack(tmp_path):
            pass
    # Its event may not have been handled before the stop: then it is now.
    with make_stack(tmp_path) as stack:
        assert stack.url == url
        assert ask(stack, "GET", "/api/v1/notes/n").json() == {"text": "kept"}
        stack.wait_idle()
        counted = [call for call in stack.taps.calls() if call.caller == "count_note"]
        assert len(counted) == 1
    assert not psutil.Process().children(recursive=True) or not running_java(psutil.Process())


def running_java(process: psutil.Process) -> list[psutil.Process]:
    return [child for child in process.children(recursive=True) if child.name() == "java"]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts `python -m local run` on a state folder of its own."""
    started: list[subprocess.Popen[str]] = []

    def start(*options: str, **environment: str) -> subprocess.Popen[str]:
        import os

        command = [sys.executable, "-m", "local", "run", "--state", str(tmp_path / "state"), *options]
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def children_once_ready(process: subprocess.Popen[str]) -> list[psutil.Process]:
    assert process.stdout is not None
    for line in process.stdout:
        if "Ctrl-C" in line:
            return psutil.Process(process.pid).children(recursive=True)
    raise AssertionError("it ended before it was ready")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_nothing_outlives_a_stopped_stack(run: Callable[..., subprocess.Popen[str]], how: signal.Signals) -> None:
    process = run("--port", "0")
    children = children_once_ready(process)
    assert "java" in {child.name() for child in children}
    process.send_signal(how)
    assert process.wait(30) == (-signal.SIGKILL if how == signal.SIGKILL else 0)
    assert psutil.wait_procs(children, timeout=15)[1] == []


def test_a_crashed_emulator_ends_the_run_with_a_message(run: Callable[..., subprocess.Popen[str]]) -> None:
    process = run("--port", "0")
    children = children_once_ready(process)
    next(child for child in children if child.name() == "java").kill()
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Firestore emulator ended by itself" in " ".join(output.split())
    assert psutil.wait_procs(children, timeout=15)[1] == []


def test_a_taken_port_is_told_in_one_line(run: Callable[..., subprocess.Popen[str]]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = run("--port", str(taken.getsockname()[1]))
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "is in use: choose another with --port" in output
    assert len(output.splitlines()) == 1


def test_a_missing_java_is_told_with_what_to_install(run: Callable[..., subprocess.Popen[str]], tmp_path: Path) -> None:
    process = run("--port", "0", JAVA_HOME=str(tmp_path))
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "apt-get install openjdk" in " ".join(output.split())


def test_a_missing_emulator_is_told_with_what_to_install(
    run: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    (tmp_path / "java").touch(mode=0o755)
    process = run("--port", "0", PATH=str(tmp_path), HOME=str(tmp_path), JAVA_HOME="")
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "gcloud components install" in " ".join(output.split())


def test_two_stacks_run_side_by_side(stack: Stack, tmp_path: Path) -> None:
    with make_stack(tmp_path) as other:
        ask(other, "PUT", "/api/v1/notes/n", json={"text": "other"})
        assert ask(stack, "GET", "/api/v1/notes/n").status == 404
        assert other.url != stack.url
        started = time.monotonic()
        other.wait_idle()
        assert time.monotonic() - started < 30
