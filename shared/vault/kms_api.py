"""Cloud KMS as the vault calls it: four methods of google.cloud.kms.v1.KeyManagementService."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import grpc
from google.api_core import exceptions

from shared.rpc import channel as channels
from shared.rpc.messages import Messages
from shared.rpc.methods import Call, Methods, retried, routing

RETRIED = exceptions.DeadlineExceeded, exceptions.ServiceUnavailable
"""Errors after which Google's client calls again: the effects of all four methods may be repeated."""
LONGEST_PAUSE = 1.0
"""Seconds between two attempts."""
_MESSAGES = Messages("google.cloud.kms.v1", Path(__file__).with_name("kms.binpb"))
_HOST = "cloudkms.googleapis.com"
_SCOPES = "cloud-platform", "cloudkms"

AsymmetricSignRequest = _MESSAGES["AsymmetricSignRequest"]
AsymmetricSignResponse = _MESSAGES["AsymmetricSignResponse"]
DecryptRequest = _MESSAGES["DecryptRequest"]
DecryptResponse = _MESSAGES["DecryptResponse"]
EncryptRequest = _MESSAGES["EncryptRequest"]
EncryptResponse = _MESSAGES["EncryptResponse"]
GetPublicKeyRequest = _MESSAGES["GetPublicKeyRequest"]
PublicKey = _MESSAGES["PublicKey"]


def open_channel(endpoint: str | None) -> grpc.Channel:
    """A channel to KMS, or to the KMS at another address. Raises as `shared.rpc.channel.open_channel`."""
    return channels.open_channel(_HOST, _SCOPES, endpoint=endpoint)


class KmsApi:
    """Each method takes the seconds of one attempt, and of all attempts. Raises
    google.api_core.exceptions.GoogleAPIError."""

    def __init__(self, channel: grpc.Channel) -> None:
        methods = Methods(channel, "google.cloud.kms.v1.KeyManagementService")
        self._asymmetric_sign = methods.unary("AsymmetricSign", AsymmetricSignResponse)
        self._decrypt = methods.unary("Decrypt", DecryptResponse)
        self._encrypt = methods.unary("Encrypt", EncryptResponse)
        self._get_public_key = methods.unary("GetPublicKey", PublicKey)

    def asymmetric_sign(self, request: Any, attempt: float, seconds: float) -> Any:
        return _call(self._asymmetric_sign, request, attempt, seconds)

    def decrypt(self, request: Any, attempt: float, seconds: float) -> Any:
        return _call(self._decrypt, request, attempt, seconds)

    def encrypt(self, request: Any, attempt: float, seconds: float) -> Any:
        return _call(self._encrypt, request, attempt, seconds)

    def get_public_key(self, request: Any, attempt: float, seconds: float) -> Any:
        return _call(self._get_public_key, request, attempt, seconds)


def _call(method: Call, request: Any, attempt: float, seconds: float) -> Any:
    call = retried(method, RETRIED, seconds, longest_pause=LONGEST_PAUSE)
    return call(request, routing("name", request.name), attempt)
