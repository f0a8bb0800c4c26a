"""The servers that a process finds where it is deployed: both sides are answered over TLS, with tokens of the metadata
server, and nobody else is."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPSConnection
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import grpc
import psutil
import pytest

from bench.deployed import TRUSTED, MetadataServer, variables
from bench.requests.processes import Addresses, firestore
from infra.catalogue import ROOT
from local.services.kit.identity import PROJECT, service_account, unsigned_jwt
from local.services.kit.servers import certificate
from local.stack.environment import trusting

_OURS = """
from shared.store.database import client

writes = client().writes()
writes.create("clinics/a/visits/ours", {"by": "ours"})
client().commit(writes)
print(client().get(["clinics/a/visits/ours"])["clinics/a/visits/ours"].get("by"))
"""
_GOOGLES = """
import os
from google.cloud import firestore

client = firestore.Client(client_options={"api_endpoint": os.environ["FIRESTORE_ENDPOINT"]})
reference = client.document("clinics/a/visits/googles")
reference.create({"by": "google"}, retry=None, timeout=10)
print(client.project, reference.get().get("by"))
"""


@dataclass(frozen=True)
class Deployed:
    """The servers, and the variables of a process that calls them."""

    firestore: Addresses
    variables: Mapping[str, str]


@contextmanager
def deployed(folder: Path) -> Iterator[Deployed]:
    local = {
        "PATH": os.environ["PATH"],
        "GOOGLE_CLOUD_PROJECT": PROJECT,
        "FIRESTORE_DATABASE": "(default)",
        "FIRESTORE_EMULATOR_HOST": "127.0.0.1:9",
        "GOOGLE_APPLICATION_CREDENTIALS": "/nowhere.json",
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "NO_PROXY": "localhost,127.0.0.1",
        **trusting(folder / "tls.crt"),
    }
    certificate(folder)
    metadata = MetadataServer()
    try:
        with firestore(folder, folder / "tls.crt") as addresses:
            yield Deployed(addresses, variables(local, addresses.secure, metadata.address))
    finally:
        metadata.stop()


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    with deployed(tmp_path_factory.mktemp("deployed")) as running:
        yield running


def run(program: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """The program in a process of its own: clients read some of these variables when they are imported."""
    command = [sys.executable, "-c", program]
    return subprocess.run(
        command, cwd=ROOT, env=dict(environment), capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    ("program", "printed"), [(_OURS, "ours"), (_GOOGLES, f"{PROJECT} google")], ids=["ours", "google's"]
)
def test_a_client_is_answered_with_a_token_of_the_metadata_server(
    servers: Deployed, program: str, printed: str
) -> None:
    done = run(program, servers.variables)

    assert done.stdout.strip() == printed, done.stderr


@pytest.mark.parametrize("program", [_OURS, _GOOGLES], ids=["ours", "google's"])
def test_another_certificate_is_not_trusted(servers: Deployed, program: str, tmp_path: Path) -> None:
    certificate(tmp_path)

    done = run(program, {**servers.variables, **trusting(tmp_path / "tls.crt")})

    assert done.returncode == 1
    assert "CERTIFICATE_VERIFY_FAILED" in done.stderr


def test_the_owner_of_the_emulator_is_unknown_over_tls(servers: Deployed) -> None:
    trusted = Path(servers.variables[TRUSTED]).read_bytes()
    with grpc.secure_channel(servers.firestore.secure, grpc.ssl_channel_credentials(trusted)) as channel:
        commit = channel.unary_unary("/google.firestore.v1.Firestore/Commit")
        for metadata in ((), (("authorization", "Bearer owner"),)):
            with pytest.raises(grpc.RpcError) as refused:
                commit(b"", timeout=10, metadata=metadata)
            assert "UNAUTHENTICATED" in str(refused.value)


def test_rest_needs_an_access_token_too(servers: Deployed) -> None:
    trusted = ssl.create_default_context(cafile=servers.variables["SSL_CERT_FILE"])
    documents = f"projects/{PROJECT}/databases/(default)/documents"
    token = unsigned_jwt({"email": service_account("bench")})
    statuses = []
    with closing(HTTPSConnection(servers.firestore.secure, timeout=10, context=trusted)) as connection:
        for authorization in ("Bearer owner", f"Bearer {token}"):
            body = json.dumps({"documents": [f"{documents}/c/a"]})
            connection.request("POST", f"/v1/{documents}:batchGet", body, {"Authorization": authorization})
            answer = connection.getresponse()
            answer.read()
            statuses.append(answer.status)
    assert statuses == [401, 200]


def test_tls_is_not_answered_by_the_plain_port_nor_the_other_way_round(servers: Deployed) -> None:
    trusted = grpc.ssl_channel_credentials(Path(servers.variables[TRUSTED]).read_bytes())
    plain, secure = servers.firestore
    for channel in (grpc.insecure_channel(secure), grpc.secure_channel(plain, trusted)):
        with channel, pytest.raises(grpc.RpcError) as failed:
            channel.unary_unary("/google.firestore.v1.Firestore/Commit")(b"", timeout=5)
        assert "UNAVAILABLE" in str(failed.value)


def test_the_metadata_server_answers_only_who_asks_for_metadata() -> None:
    server = MetadataServer()
    url = f"http://{server.address}/computeMetadata/v1/instance/service-accounts/default/token"
    try:
        with closing(urlopen(Request(url, headers={"Metadata-Flavor": "Google"}))) as answer:
            assert json.load(answer)["expires_in"] == 3600
        for request in (Request(url), Request(f"{url}s", headers={"Metadata-Flavor": "Google"})):
            with pytest.raises(HTTPError, match="404"):
                urlopen(request)
    finally:
        server.stop()


def test_both_ports_end_with_their_process(tmp_path: Path) -> None:
    with deployed(tmp_path) as running:
        ports = {int(address.rpartition(":")[2]) for address in running.firestore}
        assert len(ports) == 2

    assert ports.isdisjoint(one.laddr.port for one in psutil.net_connections() if one.status == psutil.CONN_LISTEN)
