"""Cloud KMS as the vault calls it: four methods of google.cloud.kms.v1.KeyManagementService."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from google.api_core import exceptions

from shared.rpc import channel as channels
from shared.rpc.channel import Channel
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


def open_channel(endpoint: str | None) -> Channel:
    """A channel to KMS, or to the KMS at another address. Raises as `shared.rpc.channel.open_channel`."""
    return channels.open_channel(_HOST, _SCOPES, endpoint=endpoint)


class KmsApi:
    """Each method takes a request, the seconds of one attempt, and those of all attempts. Raises
    google.api_core.exceptions.GoogleAPIError."""

    def __init__(self, channel: Channel) -> None:
        methods = Methods(channel, "google.cloud.kms.v1.KeyManagementService")
        self.asymmetric_sign = _repeatable(methods.unary("AsymmetricSign", AsymmetricSignResponse))
        self.decrypt = _repeatable(methods.unary("Decrypt", DecryptResponse))
        self.encrypt = _repeatable(methods.unary("Encrypt", EncryptResponse))
        self.get_public_key = _repeatable(methods.unary("GetPublicKey", PublicKey))


def _repeatable(method: Call) -> Callable[[Any, float, float], Any]:
    def call(request: Any, attempt: float, seconds: float) -> Any:
        again = retried(method, RETRIED, seconds, longest_pause=LONGEST_PAUSE)
        return again(request, routing("name", request.name), attempt)

    return call
