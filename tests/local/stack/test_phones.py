"""A phone or a web page uses the local stack: one address for API, sign-in and uploads, also after a restart."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import urllib3

from infra import catalogue
from infra.catalogue import Catalogue
from local.services.kit.servers import EVERYWHERE, LOOPBACK, free_port
from local.services.kit.service import MissingPrerequisite
from local.stack.environment import AUDIO_BUCKET
from local.stack.gateway import Gateway
from local.stack.stack import Stack
from local.stack.state import check_host, client_host, gateway_port
from tests.support.toy_functions import toy_catalogue

PAGE = "http://localhost:8081"
TOY = toy_catalogue(notes={"kind": "http", "path": "/notes"})


@contextmanager
def toy_stack(state: Path, port: int = 0) -> Iterator[Stack]:
    with Stack(state, port, build=state / "build", catalogue=TOY, firestore="embedded", cors_origins=PAGE) as stack:
        yield stack


def open_session(stack: Stack) -> str:
    """The URI of a new resumable upload, opened as a function opens it."""
    storage = stack.client_environment()["STORAGE_ENDPOINT"]
    path = f"/upload/storage/v1/b/{AUDIO_BUCKET}/o?uploadType=resumable&name=visit"
    answer = urllib3.request("POST", f"{storage}{path}", headers={"Origin": PAGE}, json={}, retries=False)
    return str(answer.headers["Location"])


def put(url: str, body: bytes, content_range: str) -> urllib3.BaseHTTPResponse:
    return urllib3.request(
        "PUT", url, body=body, headers={"Content-Range": content_range, "Origin": PAGE}, retries=False
    )


def test_an_upload_continues_at_the_same_address_after_a_restart(tmp_path: Path) -> None:
    half = b"a" * 256 * 1024
    with toy_stack(tmp_path) as stack:
        url = open_session(stack)
        address = stack.public_url
        first = put(url, half, f"bytes 0-{len(half) - 1}/{2 * len(half)}")
    with toy_stack(tmp_path) as stack:
        asked = put(url, b"", f"bytes */{2 * len(half)}")
        last = put(url, half, f"bytes {len(half)}-{2 * len(half) - 1}/{2 * len(half)}")
        stranger = urllib3.request("GET", f"{stack.url}/upload/storage/v1/b/{AUDIO_BUCKET}/o", retries=False)
        preflight = urllib3.request(
            "OPTIONS",
            url,
            headers={
                "Origin": PAGE,
                "Access-Control-Request-Method": "PUT",
                "Access-Control-Request-Headers": "content-range",
            },
            retries=False,
        )
        again = stack.public_url

    assert url.startswith(f"{address}/upload/storage/v1/")
    assert again == address
    assert (first.status, asked.headers["Range"], last.status) == (308, f"bytes=0-{len(half) - 1}", 200)
    assert last.headers["Access-Control-Allow-Origin"] == PAGE
    assert preflight.headers["Access-Control-Allow-Origin"] == PAGE
    assert stranger.status == 404, "only upload sessions are served here, not the API of Storage"


@pytest.fixture
def product() -> Catalogue:
    return catalogue.load()


@pytest.mark.parametrize("host", [LOOPBACK, EVERYWHERE])
def test_the_gateway_listens_to_other_machines_only_if_asked(product: Catalogue, host: str) -> None:
    gateway = Gateway(product, host=host)
    port = int(gateway.url.rpartition(":")[2])
    try:
        with socket.create_connection((LOOPBACK, port), timeout=5):
            pass
        listens = gateway._servers[0]._server.socket.getsockname()[0]
    finally:
        gateway.stop()

    assert gateway.url == f"http://{LOOPBACK}:{port}", "tasks that wait contain this address"
    assert gateway.public_url == f"http://{client_host(host)}:{port}"
    assert listens == host


def test_the_gateway_listens_at_one_other_address(product: Catalogue) -> None:
    """127.0.0.2 stands for the address in a network."""
    gateway = Gateway(product, host="127.0.0.2")
    try:
        answers = [urllib3.request("GET", f"{url}/", retries=False).status for url in (gateway.url, gateway.public_url)]
    finally:
        gateway.stop()

    assert gateway.public_url.startswith("http://127.0.0.2:")
    assert answers == [200, 200]


def test_an_address_of_another_machine_is_refused_with_what_to_do() -> None:
    with pytest.raises(MissingPrerequisite, match=r"no address 192\.0\.2\.7: --host takes"):
        check_host("192.0.2.7")


def test_a_port_that_is_taken_at_the_other_address_is_refused(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.2", 0)) as taken, pytest.raises(MissingPrerequisite, match="in use"):
        gateway_port(taken.getsockname()[1], tmp_path, "127.0.0.2")


def test_a_port_that_a_starting_process_holds_for_a_moment_is_kept(tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "port").write_text(str(port))
    taken = socket.create_server((LOOPBACK, port))
    threading.Timer(0.1, taken.close).start()

    assert gateway_port(0, tmp_path) == port


def test_the_client_s_address_is_never_a_wildcard() -> None:
    assert client_host(EVERYWHERE) != EVERYWHERE
    assert client_host("10.1.2.3") == "10.1.2.3"
