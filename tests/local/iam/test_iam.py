"""The local service accounts, used through Google's own libraries."""

from __future__ import annotations

import base64
import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from google.api_core.exceptions import NotFound, ServiceUnavailable
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request
from google.cloud.iam_credentials_v1 import IAMCredentialsClient
from google.oauth2 import credentials as oauth2
from google.oauth2 import service_account as accounts

from local.services.iam.endpoint import IamEndpoint
from local.services.kit.identity import caller, service_account
from local.services.kit.recorder import Call, Fault, Recorder
from local.services.kit.servers import GrpcServer, HttpServer, certificate

EMAIL = service_account("on_audio_uploaded")
NAME = f"projects/-/serviceAccounts/{EMAIL}"


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def endpoint(tmp_path: Path, recorder: Recorder) -> IamEndpoint:
    return IamEndpoint(tmp_path, recorder)


@pytest.fixture
def server(endpoint: IamEndpoint) -> Iterator[HttpServer]:
    server = HttpServer(endpoint.app)
    yield server
    server.stop()


@pytest.fixture
def client(
    endpoint: IamEndpoint, certificate_folder: Path, credentials: oauth2.Credentials
) -> Iterator[IAMCredentialsClient]:
    server = GrpcServer(endpoint.handlers(), certificate(certificate_folder))
    yield IAMCredentialsClient(credentials=credentials, client_options={"api_endpoint": server.address})
    server.stop()


def verify(endpoint: IamEndpoint, signature: bytes, payload: bytes) -> None:
    key = endpoint.public_key(EMAIL)
    assert key is not None
    key.verify(signature, payload, PKCS1v15(), SHA256())


def test_a_key_file_is_exchanged_for_a_token_that_names_its_function(endpoint: IamEndpoint, server: HttpServer) -> None:
    path = endpoint.credentials_file("on_audio_uploaded", f"{server.url}/token")
    credentials = accounts.Credentials.from_service_account_file(str(path), scopes=["email"])

    credentials.refresh(Request())

    assert credentials.valid
    assert credentials.service_account_email == EMAIL
    assert caller(f"Bearer {credentials.token}") == "on_audio_uploaded"


def test_an_assertion_of_a_foreign_key_gets_no_token(endpoint: IamEndpoint, server: HttpServer, tmp_path: Path) -> None:
    info = json.loads(endpoint.credentials_file("patients", f"{server.url}/token").read_text())
    foreign = IamEndpoint(tmp_path / "other", Recorder()).credentials_file("patients", f"{server.url}/token")
    info["private_key"] = json.loads(foreign.read_text())["private_key"]

    with pytest.raises(RefreshError, match="invalid_grant"):
        accounts.Credentials.from_service_account_info(info, scopes=["email"]).refresh(Request())


def test_an_account_of_another_project_gets_no_token(endpoint: IamEndpoint, server: HttpServer) -> None:
    info = json.loads(endpoint.credentials_file("patients", f"{server.url}/token").read_text())
    info["client_email"] = "fn-patients@elsewhere.iam.gserviceaccount.com"

    with pytest.raises(RefreshError, match="account not found"):
        accounts.Credentials.from_service_account_info(info, scopes=["email"]).refresh(Request())


def test_a_key_file_is_private_and_follows_the_token_endpoint(endpoint: IamEndpoint) -> None:
    path = endpoint.credentials_file("patients", "http://127.0.0.1:1/token")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600

    assert endpoint.credentials_file("patients", "http://127.0.0.1:2/token") == path
    assert json.loads(path.read_text())["token_uri"] == "http://127.0.0.1:2/token"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_key_survives_a_restart(tmp_path: Path) -> None:
    first = IamEndpoint(tmp_path, Recorder()).public_key(EMAIL)
    second = IamEndpoint(tmp_path, Recorder()).public_key(EMAIL)

    assert first is not None
    assert first == second


def test_a_signature_over_grpc_verifies_with_the_accounts_key(
    endpoint: IamEndpoint, client: IAMCredentialsClient, recorder: Recorder
) -> None:
    signed = client.sign_blob(name=NAME, payload=b"to be signed")

    verify(endpoint, signed.signed_blob, b"to be signed")
    with pytest.raises(InvalidSignature):
        verify(endpoint, signed.signed_blob, b"something else")
    assert recorder.calls() == [Call("iam", "SignBlob", "patients", NAME)]


def test_an_unknown_account_signs_nothing(client: IAMCredentialsClient, recorder: Recorder) -> None:
    with pytest.raises(NotFound):
        client.sign_blob(name="projects/-/serviceAccounts/nobody@elsewhere.example", payload=b"x")
    assert recorder.calls() == []


def test_a_lost_response_over_grpc_is_unavailable(client: IAMCredentialsClient, recorder: Recorder) -> None:
    fault = recorder.plant(Fault("iam", "SignBlob", "patients", "cut"))

    with pytest.raises(ServiceUnavailable):
        client.sign_blob(name=NAME, payload=b"x", retry=None)
    assert fault.fired.is_set()


def test_a_signature_over_http_verifies_with_the_accounts_key(
    endpoint: IamEndpoint, server: HttpServer, credentials: oauth2.Credentials, recorder: Recorder
) -> None:
    answer = requests.post(
        f"{server.url}/v1/{NAME}:signBlob",
        json={"payload": base64.b64encode(b"to be signed").decode()},
        headers={"Authorization": f"Bearer {credentials.token}"},
        timeout=10,
    )

    verify(endpoint, base64.b64decode(answer.json()["signedBlob"]), b"to be signed")
    assert recorder.calls() == [Call("iam", "SignBlob", "patients", NAME)]


@pytest.mark.parametrize("body", [{}, {"payload": 7}, {"payload": "not base64!"}, []])
def test_a_payload_that_is_not_base64_is_rejected(server: HttpServer, body: Any) -> None:
    answer = requests.post(f"{server.url}/v1/{NAME}:signBlob", json=body, timeout=10)

    assert answer.status_code == 400
    assert answer.json()["error"]["status"] == "INVALID_ARGUMENT"


def test_a_lost_response_over_http_breaks_the_connection(server: HttpServer, recorder: Recorder) -> None:
    recorder.plant(Fault("iam", "SignBlob", "", "cut"))

    with pytest.raises(requests.ConnectionError):
        requests.post(f"{server.url}/v1/{NAME}:signBlob", json={"payload": "eA=="}, timeout=10)
    assert [call.method for call in recorder.calls()] == ["SignBlob"]
