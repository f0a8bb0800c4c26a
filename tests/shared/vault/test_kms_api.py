"""What is sent to KMS, and how: beside Google's own client, at a server that fails as KMS does."""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote

import google.auth
import google_crc32c
import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import kms_v1
from google.cloud.kms_v1.services.key_management_service.transports import KeyManagementServiceRestTransport
from google.protobuf.json_format import MessageToDict, ParseDict
from hypothesis import given
from hypothesis import strategies as st

from shared.rest.api import Api
from shared.rest.errors import (
    ApiError,
    DeadlineExceeded,
    FailedPrecondition,
    Internal,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    ResourceExhausted,
)
from shared.rest.opening import open_plain_api
from shared.vault import kms, kms_api
from shared.vault.kms_api import KmsApi
from tests.support.planned_server import CUT, Failure, Half, PlannedCall, PlannedServer, Raw

KEY = "projects/aster/locations/asia-south1/keyRings/synapse keys/cryptoKeys/data"
VERSION = f"{KEY}/cryptoKeyVersions/7"
TRANSIENT = [Failure("UNAVAILABLE"), Failure("DEADLINE_EXCEEDED"), Raw(502), CUT, Half({"name": KEY})]

rings = st.text(st.sampled_from("ab7 -_.:~'()é+&"), min_size=1, max_size=8)
# Google's client refuses to send the others.
names = rings.filter(lambda ring: ring not in (".", "..")).map(
    lambda ring: f"projects/a/locations/l/keyRings/{ring}/cryptoKeys/data"
)


class Kms(PlannedServer):
    """A KMS whose ciphertexts, plaintexts and signatures are `content`."""

    content = b"content"

    def answer_to(self, call: PlannedCall) -> Any:
        if self.planned:
            return super().answer_to(call)
        name = unquote(call.path).removeprefix("/v1/")
        checksum = google_crc32c.value(self.content)
        answers: dict[str, Any] = {
            ":encrypt": kms_v1.EncryptResponse(
                name=name.removesuffix(":encrypt"),
                ciphertext=self.content,
                ciphertext_crc32c=checksum,
                verified_plaintext_crc32c=True,
                verified_additional_authenticated_data_crc32c=True,
            ),
            ":decrypt": kms_v1.DecryptResponse(plaintext=self.content, plaintext_crc32c=checksum),
            ":asymmetricSign": kms_v1.AsymmetricSignResponse(
                name=name.removesuffix(":asymmetricSign"),
                signature=self.content,
                signature_crc32c=checksum,
                verified_digest_crc32c=True,
            ),
            "/publicKey": kms_v1.PublicKey(
                name=name.removesuffix("/publicKey"),
                pem=self.content.hex(),
                pem_crc32c=google_crc32c.value(self.content.hex().encode()),
            ),
        }
        [answer] = (answer for method, answer in answers.items() if name.endswith(method))
        return MessageToDict(type(answer).pb(answer))


@pytest.fixture(scope="module")
def opened() -> Iterator[tuple[Kms, Api, kms_v1.KeyManagementServiceClient]]:
    """The server, our API of it, which the vault has, and Google's client of it."""
    with (
        Kms().serving() as server,
        open_plain_api(server.address) as api,
        pytest.MonkeyPatch.context() as patch,
        kms_v1.KeyManagementServiceClient(
            transport=KeyManagementServiceRestTransport(
                host=server.address, credentials=AnonymousCredentials(), url_scheme="http"
            )
        ) as google,
    ):
        patch.setattr(kms, "_client", lambda: KmsApi(api))
        yield server, api, google


@pytest.fixture
def server(opened: tuple[Kms, Api, Any]) -> Kms:
    server = opened[0]
    server.planned, server.calls, server.content = [], [], b"content"
    kms._public_key.cache_clear()
    return server


@pytest.fixture
def api(opened: tuple[Kms, Api, Any]) -> KmsApi:
    return KmsApi(opened[1])


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)


Sends = Callable[[str, bytes, bytes], Any]


def by_google(method: str, *fields: str) -> Callable[..., Any]:
    """The call of Google's client with these fields, and their checksums."""

    def call(google: Any, name: str, *contents: bytes) -> Any:
        request: dict[str, Any] = {"name": name}
        for field, content in zip(fields, contents, strict=False):
            request[field] = {"sha256": content} if field == "digest" else content
            request[f"{field}_crc32c"] = google_crc32c.value(content)
        return getattr(google, method)(request=request)

    return call


def sign(name: str, digest: bytes, _bound: bytes) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kms, "signing_key_version", lambda: name)
        return kms.sign(digest)


def public_key(name: str, _content: bytes, _bound: bytes) -> Any:
    kms._public_key.cache_clear()
    return kms._public_key(name)


ASKED: dict[str, tuple[Any, Sends, Callable[..., Any]]] = {
    "encrypt": (
        kms_v1.EncryptRequest,
        lambda name, content, bound: kms.KmsAead(name).encrypt(content, bound),
        by_google("encrypt", "plaintext", "additional_authenticated_data"),
    ),
    "decrypt": (
        kms_v1.DecryptRequest,
        lambda name, content, bound: kms.KmsAead(name).decrypt(content, bound),
        by_google("decrypt", "ciphertext", "additional_authenticated_data"),
    ),
    "asymmetricSign": (kms_v1.AsymmetricSignRequest, sign, by_google("asymmetric_sign", "digest")),
    "publicKey": (kms_v1.GetPublicKeyRequest, public_key, by_google("get_public_key")),
}


@pytest.mark.parametrize("method", ASKED)
@given(name=names, content=st.binary(max_size=40), bound=st.binary(max_size=40))
def test_calls_are_those_of_googles_client(
    opened: tuple[Kms, Api, Any], method: str, name: str, content: bytes, bound: bytes
) -> None:
    """But for `x-goog-api-client`, which names the client that calls, and what the name has in the path."""
    server, _, google = opened
    server.planned, server.calls = [], []
    request, ours, googles = ASKED[method]
    if method in ("asymmetricSign", "publicKey"):
        name = f"{name}/cryptoKeyVersions/7"

    ours(name, content, bound)
    googles(google, name, content, bound)

    sent, expected = server.calls
    assert (sent.method, unquote(sent.path)) == (expected.method, unquote(expected.path))
    assert unquote(sent.path).removeprefix(f"/v1/{name}")[1:] == method
    assert parsed(sent, request) == parsed(expected, request)
    for header in ("x-goog-request-params", "content-type"):
        assert sent.headers[header] == expected.headers[header]
    assert sent.headers["x-goog-api-client"].startswith("gl-python/")


def parsed(call: PlannedCall, request: Any) -> Any:
    return ParseDict(call.content or {}, request.pb(request()))


@given(content=st.binary(max_size=60))
def test_answers_are_read_as_google_writes_them(opened: tuple[Kms, Api, Any], content: bytes) -> None:
    server = opened[0]
    server.planned, server.content = [], content

    assert kms.KmsAead(KEY).encrypt(b"a", b"b") == content
    assert kms.KmsAead(KEY).decrypt(b"a", b"b") == content
    assert sign(VERSION, b"digest", b"") == (content, VERSION)
    assert public_key(VERSION, b"", b"") == content.hex()


DAMAGED = {
    "encrypt": [
        "ciphertext",
        "ciphertextCrc32c",
        "verifiedPlaintextCrc32c",
        "verifiedAdditionalAuthenticatedDataCrc32c",
    ],
    "decrypt": ["plaintext", "plaintextCrc32c"],
    "asymmetricSign": ["signature", "signatureCrc32c", "verifiedDigestCrc32c"],
    "publicKey": ["pem", "pemCrc32c", "name"],
}


@pytest.mark.parametrize("value", [None, "Y29udGVuc", "YQ", "****", "0", False])
@pytest.mark.parametrize(("method", "field"), [(method, one) for method, fields in DAMAGED.items() for one in fields])
def test_an_answer_that_was_damaged_on_the_way_is_none(server: Kms, method: str, field: str, value: Any) -> None:
    """Whether a field is lost, cut, or no longer what it was."""
    _, ours, _ = ASKED[method]
    ours(VERSION, b"content", b"")
    whole = server.answer_to(server.calls[-1])
    assert field in whole
    server.planned = [{key: found for key, found in whole.items() if key != field}]
    if value is not None and not field.startswith("verified"):
        server.planned[0][field] = value

    with pytest.raises(kms.KmsError):
        ours(VERSION, b"content", b"")


CALLS: dict[str, Callable[[KmsApi, float, float], Any]] = {
    "encrypt": lambda api, attempt, seconds: api.encrypt(KEY, {}, attempt, seconds),
    "decrypt": lambda api, attempt, seconds: api.decrypt(KEY, {}, attempt, seconds),
    "asymmetricSign": lambda api, attempt, seconds: api.asymmetric_sign(VERSION, {}, attempt, seconds),
    "publicKey": lambda api, attempt, seconds: api.get_public_key(VERSION, attempt, seconds),
}


@pytest.mark.parametrize("method", CALLS)
@pytest.mark.parametrize("failure", TRANSIENT)
def test_a_call_that_fails_for_a_moment_is_made_again(server: Kms, api: KmsApi, method: str, failure: Any) -> None:
    server.planned = [failure, failure, {"name": KEY}]

    assert CALLS[method](api, 5, 15) == {"name": KEY}
    assert len(server.calls) == 3


@pytest.mark.parametrize(
    "error", [PermissionDenied, NotFound, FailedPrecondition, InvalidArgument, ResourceExhausted, Internal]
)
def test_other_errors_are_raised_at_once(server: Kms, api: KmsApi, error: type[ApiError]) -> None:
    server.planned = [Failure(error.code)]

    for call in CALLS.values():
        with pytest.raises(error):
            call(api, 5, 15)
    assert len(server.calls) == len(CALLS)


@pytest.mark.parametrize("code", ["NOT_FOUND", "FAILED_PRECONDITION"])
def test_a_key_version_that_kms_cannot_serve_is_not_trusted(server: Kms, code: str) -> None:
    server.planned = [Failure(code)]

    with pytest.raises(kms.UntrustedKeyError):
        public_key(VERSION, b"", b"")


def test_a_proxy_does_not_say_that_a_key_version_is_not_trusted(server: Kms) -> None:
    server.planned = [Raw(404)]

    with pytest.raises(ApiError):
        public_key(VERSION, b"", b"")


def test_every_attempt_and_the_call_have_a_deadline(server: Kms, api: KmsApi) -> None:
    server.planned = [None]

    began = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        CALLS["decrypt"](api, 0.2, 1.5)

    assert time.monotonic() - began < 4
    assert len(server.calls) > 1
    assert all(left <= 0.2 for left in server.left[-len(server.calls) :])


@pytest.mark.parametrize("endpoint", [None, "kms.internal", "127.0.0.1:8443"])
def test_kms_is_opened_as_by_googles_client(monkeypatch: pytest.MonkeyPatch, endpoint: str | None) -> None:
    asked: list[list[str]] = []

    def default(*, default_scopes: Any, **_others: Any) -> Any:
        asked.append(list(default_scopes))
        return AnonymousCredentials(), "aster"

    monkeypatch.setattr(google.auth, "default", default)
    ours = kms_api.open_kms(endpoint)._connections
    googles = kms_v1.KeyManagementServiceClient(transport="rest", client_options={"api_endpoint": endpoint})

    assert asked[0] == asked[1]
    assert f"https://{ours.host}:{ours._port or 443}" in (googles.transport._host, f"{googles.transport._host}:443")


def test_bytes_are_sent_as_they_are(server: Kms) -> None:
    """Also those that the alphabets of base64 write differently."""
    kms.KmsAead(KEY).encrypt(b"\xfb\xff\xfe", b"")

    [sent] = server.calls
    assert sent.content["plaintext"] == b64encode(b"\xfb\xff\xfe").decode() == "+//+"
