"""The vault with the local KMS endpoint: number of KMS calls, and rejection of foreign or damaged keys."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
import tink
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from google.cloud import kms_v1

from local.services.iam.endpoint import IamEndpoint
from local.services.kit.api_server import ApiServer
from local.services.kit.recorder import Recorder
from local.services.kit.servers import certificate
from local.services.kms.endpoint import KmsEndpoint
from local.stack.environment import DATA_KEY, NAMES, SIGNING_KEY
from local.stack.provisioning import make_keys
from shared import settings
from shared.records.record import Keyset
from shared.rest.errors import ApiError, InvalidArgument
from shared.vault import keyring, kms
from shared.vault.cipher import FieldBinding, seal, unseal
from shared.vault.keyring import Keyrings
from tests.support.planned_server import trusting

PLACE = FieldBinding("aster", "clinic", "ClinicSettings", "record-1")
DIGEST = hashlib.sha256(b"canonical bytes of a report").digest()


Answer = TypeVar("Answer")


class Kms(KmsEndpoint):
    """The local KMS, with a hook that damages its responses."""

    def __init__(self, state: Path, recorder: Recorder) -> None:
        super().__init__(state, recorder)
        self.damage: Callable[[Any], None] = lambda _answer: None

    def _encrypt(self, request: kms_v1.EncryptRequest) -> kms_v1.EncryptResponse:
        return self._damaged(super()._encrypt(request))

    def _decrypt(self, request: kms_v1.DecryptRequest) -> kms_v1.DecryptResponse:
        return self._damaged(super()._decrypt(request))

    def _sign(self, request: kms_v1.AsymmetricSignRequest) -> kms_v1.AsymmetricSignResponse:
        return self._damaged(super()._sign(request))

    def _damaged(self, answer: Answer) -> Answer:
        self.damage(answer)
        return answer


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def endpoint(tmp_path: Path, recorder: Recorder, certificate_folder: Path) -> Iterator[Kms]:
    """A KMS with the product's keys; the vault of this process calls no other endpoint."""
    key, chain = certificate(certificate_folder)
    served = Kms(tmp_path / "kms", recorder)
    server = ApiServer(served.handlers(), served.rest(), (key, chain))
    with trusting(certificate_folder / "tls.crt"), pytest.MonkeyPatch.context() as environment:
        for name, value in {**NAMES, "KMS_ENDPOINT": server.address}.items():
            environment.setenv(name, value)
        credentials = IamEndpoint(tmp_path / "iam", recorder).credentials_file("patients", "http://127.0.0.1:9/token")
        environment.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(credentials))
        forget()
        provision(server.address, chain)
        yield served
    forget()
    server.stop()


def forget() -> None:
    """Clear all caches, as in a new process."""
    settings.load.cache_clear()
    kms._client.cache_clear()


@pytest.fixture
def google(endpoint: Kms) -> Iterator[kms_v1.KeyManagementServiceClient]:
    """Google's client of the same KMS, for what the product does not do."""
    address = settings.load(settings.KmsEndpoint).kms_endpoint
    with kms_v1.KeyManagementServiceClient(client_options={"api_endpoint": address}) as client:
        yield client


def provision(address: str, chain: bytes) -> None:
    import grpc

    with grpc.secure_channel(address, grpc.ssl_channel_credentials(chain)) as made:
        make_keys(made)


@pytest.fixture
def asked(endpoint: Kms, recorder: Recorder) -> Callable[[], list[str]]:
    """The KMS calls since the last check."""
    seen = recorder.mark()

    def since() -> list[str]:
        nonlocal seen
        calls, seen = recorder.calls(seen), recorder.mark()
        return [call.method for call in calls]

    return since


def test_a_clinics_keys_are_made_with_two_calls_and_opened_with_one(asked: Callable[[], list[str]]) -> None:
    document = keyring.create("aster")
    assert asked() == ["Encrypt", "Decrypt"], "Tink opens what it wrapped, to be sure"

    keyring.unlock("aster", document)
    assert asked() == ["Decrypt"]


def test_an_open_keyring_never_asks_again_whatever_it_seals_and_whomever(asked: Callable[[], list[str]]) -> None:
    opened = keyring.unlock("aster", keyring.create("aster"))
    asked()

    for number in range(20):
        document = opened.new_patient_keys(f"patient-{number}")
        care = opened.patient_key(f"patient-{number}", document, Keyset.CARE)
        assert unseal(care, PLACE, "notes", seal(care, PLACE, "notes", "well")) == "well"
        opened.token("front-desk", "name", "asha rao")
        opened.verify(opened.authenticate(b"entry"), b"entry")

    assert asked() == []


def test_another_instance_opens_the_same_keys(endpoint: Kms) -> None:
    document = keyring.create("aster")
    one = keyring.unlock("aster", document)
    patient = one.new_patient_keys("patient-1")

    other = keyring.unlock("aster", document)

    assert unseal(other.aead, PLACE, "name", seal(one.aead, PLACE, "name", "Aster")) == "Aster"
    assert other.token("front-desk", "name", "rao") == one.token("front-desk", "name", "rao")
    other.verify(one.authenticate(b"entry"), b"entry")
    assert other.patient_key("patient-1", patient, Keyset.CARE) is not None


def test_no_two_clinics_have_the_same_keys(endpoint: Kms) -> None:
    one, other = (keyring.unlock(name, keyring.create(name)) for name in ("aster", "begonia"))

    assert one.token("front-desk", "name", "rao") != other.token("front-desk", "name", "rao")
    with pytest.raises(tink.TinkError):
        unseal(other.aead, PLACE, "name", seal(one.aead, PLACE, "name", "Aster"))


def test_the_keys_of_another_clinic_do_not_open(endpoint: Kms) -> None:
    with pytest.raises(InvalidArgument):
        keyring.unlock("begonia", keyring.create("aster"))


def test_a_clinics_keysets_do_not_open_in_each_others_place(endpoint: Kms) -> None:
    document = keyring.create("aster")

    for moved in ({"search": document["audit"]}, {"audit": document["search"]}):
        with pytest.raises(tink.TinkError):
            keyring.unlock("aster", document | moved)


def test_a_keyset_from_another_creation_does_not_open(endpoint: Kms) -> None:
    one, other = keyring.create("aster"), keyring.create("aster")

    with pytest.raises(tink.TinkError):
        keyring.unlock("aster", one | {"search": other["search"]})


def test_a_keyring_is_warm_until_its_time_is_over(asked: Callable[[], list[str]]) -> None:
    now = [1000.0]
    rings = Keyrings(ttl=600, clock=lambda: now[0])
    document = keyring.create("aster")
    asked()

    opened = rings.unlock("aster", document)

    assert rings.get("aster") is opened
    assert rings.get("begonia") is None
    now[0] += 599.9
    assert rings.get("aster") is opened
    assert asked() == ["Decrypt"]
    now[0] += 0.1
    assert rings.get("aster") is None
    assert rings.unlock("aster", document) is rings.get("aster")
    assert asked() == ["Decrypt"]


def test_keys_open_after_kms_rotated_its_own(google: kms_v1.KeyManagementServiceClient) -> None:
    document = keyring.create("aster")
    before = keyring.unlock("aster", document)

    version = google.create_crypto_key_version(parent=DATA_KEY, crypto_key_version=kms_v1.CryptoKeyVersion())
    number = version.name.rpartition("/")[2]
    google.update_crypto_key_primary_version(name=DATA_KEY, crypto_key_version_id=number)
    after = keyring.unlock("aster", document)

    assert after.token("front-desk", "name", "rao") == before.token("front-desk", "name", "rao")
    assert keyring.create("begonia")["clinic"] != document["clinic"]


def flip(field: str) -> Callable[[Any], None]:
    def damage(answer: Any) -> None:
        content = getattr(answer, field)
        setattr(answer, field, bytes([content[0] ^ 1]) + content[1:])

    return damage


def unset(field: str) -> Callable[[Any], None]:
    return lambda answer: setattr(answer, field, False)


def without(checksum: str) -> Callable[[Any], None]:
    return lambda answer: setattr(answer, checksum, None)


@pytest.mark.parametrize(
    "damage",
    [
        flip("ciphertext"),
        without("ciphertext_crc32c"),
        unset("verified_plaintext_crc32c"),
        unset("verified_additional_authenticated_data_crc32c"),
    ],
)
def test_keys_that_were_damaged_on_the_way_are_not_kept(endpoint: Kms, damage: Callable[[Any], None]) -> None:
    endpoint.damage = damage

    with pytest.raises(kms.KmsError):
        keyring.create("aster")


@pytest.mark.parametrize("damage", [flip("plaintext"), without("plaintext_crc32c")])
def test_keys_that_were_damaged_on_the_way_back_are_not_used(endpoint: Kms, damage: Callable[[Any], None]) -> None:
    document = keyring.create("aster")
    endpoint.damage = damage

    with pytest.raises(kms.KmsError):
        keyring.unlock("aster", document)


@pytest.mark.parametrize("damage", [flip("signature"), without("signature_crc32c"), unset("verified_digest_crc32c")])
def test_a_signature_that_was_damaged_on_the_way_is_none(endpoint: Kms, damage: Callable[[Any], None]) -> None:
    endpoint.damage = damage

    with pytest.raises(kms.KmsError):
        kms.sign(DIGEST)


def test_a_wrapped_keyset_that_was_altered_in_the_database_does_not_open(endpoint: Kms) -> None:
    document = keyring.create("aster")
    altered = bytearray(document["clinic"])
    altered[-1] ^= 1

    with pytest.raises((ApiError, tink.TinkError)):
        keyring.unlock("aster", document | {"clinic": bytes(altered)})


def test_a_signature_verifies_with_the_public_key_of_the_version_it_names(
    asked: Callable[[], list[str]], google: kms_v1.KeyManagementServiceClient
) -> None:
    made = kms.sign(DIGEST)

    assert asked() == ["AsymmetricSign"]
    assert made.key_version == kms.signing_key_version() == f"{SIGNING_KEY}/cryptoKeyVersions/1"
    pem = google.get_public_key(name=made.key_version).pem
    public_key = serialization.load_pem_public_key(pem.encode())
    assert isinstance(public_key, ec.EllipticCurvePublicKey)
    algorithm = ec.ECDSA(utils.Prehashed(hashes.SHA256()))
    public_key.verify(made.signature, DIGEST, algorithm)
    with pytest.raises(InvalidSignature):
        public_key.verify(made.signature, hashlib.sha256(b"other bytes").digest(), algorithm)
