"""Cloud KMS by REST, at the address where it speaks gRPC."""

from __future__ import annotations

import base64
import json
import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any

import google_crc32c
import pytest
from google.api_core import exceptions
from google.oauth2.credentials import Credentials

from local.services.kit.api_server import ApiServer
from local.services.kit.recorder import Call, Fault, Recorder
from local.services.kit.servers import certificate
from local.services.kms.endpoint import KmsEndpoint
from tests.local.kms.calls import DIGEST, MISSING, SEALING, SIGNING, Kms, decrypt, encrypt, provision, sign, verify
from tests.local.kms.calls import version as version_of

VERSION = version_of(SIGNING, 1)


@pytest.fixture
def server(tmp_path: Path, recorder: Recorder, certificate_folder: Path) -> Iterator[ApiServer]:
    endpoint = KmsEndpoint(tmp_path, recorder)
    server = ApiServer(endpoint.handlers(), endpoint.rest(), certificate(certificate_folder))
    yield server
    server.stop()


@pytest.fixture
def clients(
    server: ApiServer, certificate_folder: Path, credentials: Credentials, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Kms, Kms]]:
    """Google's client by REST, and by gRPC. The keys were made by the first."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate_folder / "tls.crt"))
    options = {"api_endpoint": server.address}
    with ExitStack() as open_ones:
        by_rest, by_grpc = (
            open_ones.enter_context(Kms(credentials=credentials, client_options=options, transport=transport))
            for transport in ("rest", "grpc")
        )
        provision(by_rest)
        yield by_rest, by_grpc


@pytest.fixture
def https(server: ApiServer, credentials: Credentials) -> Iterator[Any]:
    """Asks as a function does: with what SSL_CERT_FILE trusts. Returns the status and the JSON of the answer."""
    connection = HTTPSConnection(server.address, timeout=10, context=ssl.create_default_context())

    def ask(method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        text = None if body is None else json.dumps(body)
        connection.request(method, path, text, {"Authorization": f"Bearer {credentials.token}", **headers})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())

    yield ask
    connection.close()


def test_what_one_protocol_seals_the_other_opens(clients: tuple[Kms, Kms]) -> None:
    by_rest, by_grpc = clients
    for sealer, opener in ((by_rest, by_grpc), (by_grpc, by_rest)):
        assert decrypt(opener, encrypt(sealer, b"\x00keyset\xff", b"clinic-1"), b"clinic-1") == b"\x00keyset\xff"
        verify(opener, VERSION, sign(sealer, VERSION))
    assert by_rest.get_public_key(name=VERSION) == by_grpc.get_public_key(name=VERSION)
    assert by_rest.get_crypto_key(name=SEALING) == by_grpc.get_crypto_key(name=SEALING)


def test_versions_are_made_and_destroyed(clients: tuple[Kms, Kms]) -> None:
    by_rest, by_grpc = clients
    second = by_rest.create_crypto_key_version(request={"parent": SEALING, "crypto_key_version": {}})
    by_rest.update_crypto_key_primary_version(request={"name": SEALING, "crypto_key_version_id": "2"})
    assert by_grpc.get_crypto_key(name=SEALING).primary.name == second.name
    assert by_rest.destroy_crypto_key_version(name=second.name).destroy_time is not None


def test_calls_are_recorded_alike(clients: tuple[Kms, Kms], recorder: Recorder) -> None:
    seen = []
    for client in clients:
        mark = recorder.mark()
        decrypt(client, encrypt(client, b"keyset"))
        sign(client, VERSION)
        client.get_public_key(name=VERSION)
        with pytest.raises(exceptions.BadRequest):
            decrypt(client, b"no ciphertext")
        seen.append(recorder.calls(mark))
    assert seen[0] == seen[1]
    assert seen[0] == [
        Call("kms", "Encrypt", "patients", SEALING),
        Call("kms", "Decrypt", "patients", SEALING),
        Call("kms", "AsymmetricSign", "patients", VERSION),
        Call("kms", "GetPublicKey", "patients", VERSION),
    ]


@pytest.mark.usefixtures("clients")
def test_the_json_is_that_of_the_reference(https: Any) -> None:
    sent = base64.b64encode(b"keyset").decode()
    code, sealed = https("POST", f"/v1/{SEALING}:encrypt", {"plaintext": sent, "plaintextCrc32c": crc(b"keyset")})
    assert (code, sealed["verifiedPlaintextCrc32c"], sealed["protectionLevel"]) == (200, True, "SOFTWARE")
    assert sealed["ciphertextCrc32c"] == crc(base64.b64decode(sealed["ciphertext"]))
    code, opened = https("POST", f"/v1/{SEALING}:decrypt", {"ciphertext": sealed["ciphertext"]})
    assert (code, opened["plaintext"], opened["plaintextCrc32c"]) == (200, sent, crc(b"keyset"))
    digest = {"digest": {"sha256": base64.b64encode(DIGEST).decode()}, "digestCrc32c": crc(DIGEST)}
    code, signed = https("POST", f"/v1/{VERSION}:asymmetricSign", digest)
    assert (code, signed["name"], signed["verifiedDigestCrc32c"]) == (200, VERSION, True)
    code, key = https("GET", f"/v1/{VERSION}/publicKey")
    assert (code, key["algorithm"], key["pem"][:26]) == (200, "EC_SIGN_P256_SHA256", "-----BEGIN PUBLIC KEY-----")


@pytest.mark.usefixtures("clients")
@pytest.mark.parametrize(
    ("method", "path", "body", "code", "name"),
    [
        ("POST", f"/v1/{MISSING}:encrypt", {}, 404, "NOT_FOUND"),
        ("POST", f"/v1/{SEALING}:decrypt", {"ciphertext": "AAAA"}, 400, "INVALID_ARGUMENT"),
        ("POST", f"/v1/{SEALING}:decrypt", {"ciphertext": "A"}, 400, "INVALID_ARGUMENT"),
        ("POST", f"/v1/{SEALING}:encrypt", {"text": "AAAA"}, 400, "INVALID_ARGUMENT"),
        ("POST", f"/v1/{SEALING}:encrypt", {"plaintextCrc32c": "1"}, 400, "INVALID_ARGUMENT"),
        ("POST", f"/v1/{SIGNING}:encrypt", {}, 400, "FAILED_PRECONDITION"),
        ("GET", f"/v1/{VERSION}/publicKey?nope=1", None, 400, "INVALID_ARGUMENT"),
        ("GET", f"/v1/{VERSION}/publicKey", {"a": 1}, 400, "INVALID_ARGUMENT"),
        ("GET", f"/v1/{SEALING}:encrypt", None, 404, "NOT_FOUND"),
        ("POST", f"/v1/{SEALING}:open", {}, 404, "NOT_FOUND"),
        ("POST", "/v1/projects/p:encrypt", {}, 404, "NOT_FOUND"),
    ],
)
def test_what_is_refused(https: Any, method: str, path: str, body: Any, code: int, name: str) -> None:
    answered, answer = https(method, path, body)
    assert answered == code
    assert (answer["error"]["code"], answer["error"]["status"]) == (code, name)


@pytest.mark.usefixtures("clients")
def test_a_lost_answer_is_unavailable(https: Any, recorder: Recorder) -> None:
    recorder.plant(Fault("kms", "Encrypt", "patients", "cut"))
    code, answer = https("POST", f"/v1/{SEALING}:encrypt", {"plaintext": "AAAA"})
    assert (code, answer["error"]["status"]) == (503, "UNAVAILABLE")
    assert https("POST", f"/v1/{SEALING}:encrypt", {"plaintext": "AAAA"})[0] == 200


@pytest.mark.usefixtures("clients")
def test_system_parameters_change_nothing(https: Any) -> None:
    assert https("GET", f"/v1/{VERSION}/publicKey?$alt=json%3Benum-encoding%3Dint&prettyPrint=false")[0] == 200


def crc(content: bytes) -> str:
    return str(google_crc32c.value(content))
