"""What is sent to KMS, and how: beside Google's own client, at a server that fails as KMS does."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import google.auth
import grpc
import pytest
from google.api_core import exceptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import kms_v1
from google.cloud.kms_v1.services.key_management_service.transports import KeyManagementServiceGrpcTransport
from hypothesis import given
from hypothesis import strategies as st

from shared.rpc import channel as channels
from shared.rpc.channel import Channel
from shared.vault import kms_api
from shared.vault.kms_api import KmsApi
from tests.support.planned_server import PlannedServer

KEY = "projects/aster/locations/asia-south1/keyRings/synapse keys/cryptoKeys/data"
VERSION = f"{KEY}/cryptoKeyVersions/7"
ANSWER = kms_api.DecryptResponse()
"""Nothing, which is an answer of each method."""
TRANSIENT = [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED]

names = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
checksums = st.none() | st.integers(0, 2**32 - 1)


@pytest.fixture
def server() -> Iterator[PlannedServer]:
    with PlannedServer([[ANSWER]]).serving() as served:
        yield served


@pytest.fixture
def channel(server: PlannedServer) -> Iterator[Channel]:
    with channels.open_plain_channel(server.address) as opened:
        yield opened


@pytest.fixture
def api(channel: Channel) -> KmsApi:
    return KmsApi(channel)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)


@given(names, st.binary(max_size=40), st.binary(max_size=40), checksums, checksums)
def test_requests_are_those_of_googles_client(
    name: str, content: bytes, bound: bytes, of_content: int | None, of_bound: int | None
) -> None:
    encryption: dict[str, Any] = {
        "name": name,
        "plaintext": content,
        "plaintext_crc32c": of_content,
        "additional_authenticated_data": bound,
        "additional_authenticated_data_crc32c": of_bound,
    }
    decryption = {
        **{key: value for key, value in encryption.items() if not key.startswith("plaintext")},
        "ciphertext": content,
        "ciphertext_crc32c": of_content,
    }
    signing = {"name": name, "digest": {"sha256": content}, "digest_crc32c": of_content}
    requests: dict[str, dict[str, Any]] = {
        "EncryptRequest": encryption,
        "DecryptRequest": decryption,
        "AsymmetricSignRequest": signing,
        "GetPublicKeyRequest": {"name": name},
    }
    for kind, values in requests.items():
        google = getattr(kms_v1, kind)
        wrapped = {
            key: {"value": value} if key.endswith("crc32c") else value
            for key, value in values.items()
            if value is not None
        }
        assert getattr(kms_api, kind)(**wrapped).SerializeToString() == google.serialize(google(**values))


def test_answers_are_read_as_googles_client_reads_them() -> None:
    sent = kms_v1.PublicKey(name=VERSION, pem="-----BEGIN PUBLIC KEY-----", pem_crc32c=0)

    answer = kms_api.PublicKey.FromString(kms_v1.PublicKey.serialize(sent))

    assert (answer.name, answer.pem, answer.pem_crc32c.value) == (sent.name, sent.pem, sent.pem_crc32c)
    assert answer.HasField("pem_crc32c")
    assert not kms_api.PublicKey.FromString(kms_v1.PublicKey.serialize(kms_v1.PublicKey())).HasField("pem_crc32c")


CALLS: dict[str, tuple[Callable[[KmsApi], Any], Callable[[Any], Any]]] = {
    "Encrypt": (
        lambda api: api.encrypt(kms_api.EncryptRequest(name=KEY), 5, 15),
        lambda google: google.encrypt(request={"name": KEY}),
    ),
    "Decrypt": (
        lambda api: api.decrypt(kms_api.DecryptRequest(name=KEY), 5, 15),
        lambda google: google.decrypt(request={"name": KEY}),
    ),
    "AsymmetricSign": (
        lambda api: api.asymmetric_sign(kms_api.AsymmetricSignRequest(name=VERSION), 5, 15),
        lambda google: google.asymmetric_sign(request={"name": VERSION}),
    ),
    "GetPublicKey": (
        lambda api: api.get_public_key(kms_api.GetPublicKeyRequest(name=VERSION), 5, 15),
        lambda google: google.get_public_key(request={"name": VERSION}),
    ),
}


@pytest.mark.parametrize("method", CALLS)
def test_method_content_and_headers_are_those_of_googles_client(
    server: PlannedServer, channel: Channel, api: KmsApi, method: str
) -> None:
    """But for `x-goog-api-client`, which names the client that calls."""
    google = kms_v1.KeyManagementServiceClient(transport=KeyManagementServiceGrpcTransport(channel=channel.grpc))
    ours, googles = CALLS[method]

    ours(api)
    googles(google)

    (path, content, sent), (expected_path, expected_content, expected) = server.calls
    assert (path, content) == (expected_path, expected_content)
    assert sent["x-goog-request-params"] == expected["x-goog-request-params"]
    assert sent["x-goog-api-client"].startswith("gl-python/")
    assert sent.keys() == expected.keys()


@pytest.mark.parametrize("method", CALLS)
@pytest.mark.parametrize("code", TRANSIENT)
def test_a_call_that_fails_for_a_moment_is_made_again(
    server: PlannedServer, api: KmsApi, method: str, code: grpc.StatusCode
) -> None:
    server.planned = [[code], [code], [ANSWER]]

    CALLS[method][0](api)

    assert len(server.calls) == 3


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (grpc.StatusCode.PERMISSION_DENIED, exceptions.PermissionDenied),
        (grpc.StatusCode.NOT_FOUND, exceptions.NotFound),
        (grpc.StatusCode.FAILED_PRECONDITION, exceptions.FailedPrecondition),
        (grpc.StatusCode.INVALID_ARGUMENT, exceptions.InvalidArgument),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, exceptions.ResourceExhausted),
        (grpc.StatusCode.INTERNAL, exceptions.InternalServerError),
    ],
)
def test_other_errors_are_raised_at_once(
    server: PlannedServer, api: KmsApi, code: grpc.StatusCode, error: type[Exception]
) -> None:
    server.planned = [[code]]

    for ours, _ in CALLS.values():
        with pytest.raises(error):
            ours(api)
    assert len(server.calls) == len(CALLS)


def test_every_attempt_and_the_call_have_a_deadline(server: PlannedServer, api: KmsApi) -> None:
    server.planned = [[None]]

    began = time.monotonic()
    with pytest.raises(exceptions.RetryError) as raised:
        api.decrypt(kms_api.DecryptRequest(name=KEY), 0.2, 1.5)

    assert isinstance(raised.value.cause, exceptions.DeadlineExceeded)
    assert time.monotonic() - began < 4
    assert len(server.calls) > 1


@pytest.mark.parametrize("endpoint", [None, "kms.internal", "127.0.0.1:8443"])
def test_the_channel_is_opened_as_by_googles_client(monkeypatch: pytest.MonkeyPatch, endpoint: str | None) -> None:
    asked: list[dict[str, Any]] = []
    opened: list[tuple[str, Any, Any]] = []

    def default(**scopes: Any) -> Any:
        asked.append(scopes)
        return AnonymousCredentials(), "aster"

    def secure_channel(target: str, credentials: Any, options: Any = (), **others: Any) -> Any:
        opened.append((target, list(options), others.get("compression")))
        return grpc.insecure_channel(target)

    monkeypatch.setattr(google.auth, "default", default)
    monkeypatch.setattr(grpc, "secure_channel", secure_channel)
    kms_api.open_channel(endpoint)
    kms_v1.KeyManagementServiceClient(client_options={"api_endpoint": endpoint})

    assert opened[0] == opened[1]
    assert [list(scopes["default_scopes"]) for scopes in asked[:2]] == [list(asked[1]["default_scopes"])] * 2
