"""The HTTP rules of Cloud KMS."""

from __future__ import annotations

_KEY = "projects/*/locations/*/keyRings/*/cryptoKeys/*"
_VERSION = f"{_KEY}/cryptoKeyVersions/*"
RULES = {
    "GetCryptoKey": f"GET /v1/{{name={_KEY}}}",
    "CreateCryptoKeyVersion": f"POST /v1/{{parent={_KEY}}}/cryptoKeyVersions crypto_key_version",
    "UpdateCryptoKeyPrimaryVersion": f"POST /v1/{{name={_KEY}}}:updatePrimaryVersion *",
    "DestroyCryptoKeyVersion": f"POST /v1/{{name={_VERSION}}}:destroy *",
    "Encrypt": f"POST /v1/{{name={_KEY}/**}}:encrypt *",
    "Decrypt": f"POST /v1/{{name={_KEY}}}:decrypt *",
    "AsymmetricSign": f"POST /v1/{{name={_VERSION}}}:asymmetricSign *",
    "GetPublicKey": f"GET /v1/{{name={_VERSION}}}/publicKey",
    "CreateKeyRing": "POST /v1/{parent=projects/*/locations/*}/keyRings key_ring",
    "CreateCryptoKey": "POST /v1/{parent=projects/*/locations/*/keyRings/*}/cryptoKeys crypto_key",
}
"""By method; see `kit/rest.py`."""
