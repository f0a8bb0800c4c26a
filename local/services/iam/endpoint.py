"""Local service accounts: their key files, access tokens, identity tokens and signatures.

All accounts share one key pair, which is short: google-auth checks the key whenever a client loads its credentials,
and a key of 2,048 bits takes seven times the 4 ms. There is no IAM policy: any caller may
sign for any account of the project.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import grpc
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from google.auth import jwt
from google.auth.crypt import RSASigner
from google.auth.exceptions import GoogleAuthError
from google.cloud import iam_credentials_v1
from werkzeug import Request, Response
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from local.services.kit.identity import CERTIFICATES, PROJECT, caller, service_account, unsigned_jwt
from local.services.kit.private_files import write_private
from local.services.kit.recorder import AnswerLost, Call, Recorder
from local.services.kit.rpc import StatusError, recorded, refuse, service
from local.services.kit.wsgi import hang_up

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_decode_jwt: Any = jwt.decode  # it is untyped
_encode_jwt: Any = jwt.encode
_JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_KEY_BITS = 1024
_TOKEN_LIFETIME = 3600
"""Seconds."""
_SERVICE = "google.iam.credentials.v1.IAMCredentials"
_ACCOUNT_PREFIX = "projects/-/serviceAccounts/"
_PROJECT_DOMAIN = f"@{PROJECT}.iam.gserviceaccount.com"


class IamEndpoint:
    """The OAuth token endpoint and the IAM Credentials API, with their key in the folder `state`."""

    def __init__(self, state: Path, recorder: Recorder) -> None:
        self._recorder = recorder
        self._folder = state
        self._key = _load_or_create_key(state / "service_accounts.pem")
        public = self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        self._public_pem = public
        self._key_id = hashlib.sha256(public).hexdigest()[:40]
        self.signer = RSASigner.from_string(_private_pem(self._key), self._key_id)
        self._routes = Map(
            [
                Rule(CERTIFICATES, methods=["GET"], endpoint=self._certificates),
                Rule("/token", methods=["POST"], endpoint=self._token),
                Rule(f"/v1/{_ACCOUNT_PREFIX}<email>:signBlob", methods=["POST"], endpoint=self._rest_sign_blob),
            ]
        ).bind("")

    def public_key(self, email: str) -> rsa.RSAPublicKey | None:
        """The key that verifies the account's signatures; None if the account does not exist."""
        return self._key.public_key() if email.endswith(_PROJECT_DOMAIN) else None

    def identity_token(self, account: str, audience: str) -> str:
        """A signed OIDC token of a service account, such as Cloud Tasks, Cloud Scheduler and Eventarc send."""
        now = int(time.time())
        claims = {
            "iss": "https://accounts.google.com",
            "aud": audience,
            "sub": _account_id(account),
            "azp": _account_id(account),
            "email": account,
            "email_verified": True,
            "iat": now,
            "exp": now + _TOKEN_LIFETIME,
        }
        token: bytes = _encode_jwt(self.signer, claims)
        return token.decode()

    def credentials_file(self, function: str, token_uri: str) -> Path:
        """The key file of the function's service account, readable by its owner only."""
        email = service_account(function)
        info = {
            "type": "service_account",
            "project_id": PROJECT,
            "private_key_id": self._key_id,
            "private_key": _private_pem(self._key).decode(),
            "client_email": email,
            "client_id": _account_id(email),
            "token_uri": token_uri,
        }
        path = self._folder / "credentials" / f"{function}.json"
        content = json.dumps(info, indent=2).encode()
        if not path.exists() or path.read_bytes() != content:
            write_private(path, content)
        return path

    def handlers(self) -> list[grpc.GenericRpcHandler]:
        """The IAM Credentials API over gRPC."""
        types = iam_credentials_v1
        methods = {"SignBlob": (self._sign_blob, types.SignBlobRequest, types.SignBlobResponse)}
        return [service(_SERVICE, **recorded(self._recorder, "iam", methods))]

    def app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The token endpoint and the IAM Credentials API over HTTP, as a WSGI application."""
        request = Request(environ)
        try:
            endpoint, names = self._routes.match(request.path, request.method)
            response: Response = endpoint(request, **names)
        except HTTPException as error:
            response = _error(error.code or 500, "INVALID_ARGUMENT", error.description or error.name)
        except AnswerLost:
            hang_up(environ)
        return response(environ, start_response)

    def _certificates(self, _request: Request) -> Response:
        """The public keys of identity tokens, by key id."""
        response = _json({self._key_id: self._public_pem.decode()})
        response.headers["Cache-Control"] = "public, max-age=3600, must-revalidate"
        return response

    def _token(self, request: Request) -> Response:
        """Exchange a JWT signed by a service account for an access token that names the account."""
        if request.form.get("grant_type") != _JWT_BEARER:
            return _json({"error": "unsupported_grant_type"}, 400)
        try:
            claims = _decode_jwt(request.form.get("assertion", ""), certs=self._public_pem)
        except (ValueError, GoogleAuthError) as error:
            return _json({"error": "invalid_grant", "error_description": str(error)}, 400)
        email = str(claims.get("iss", ""))
        if self.public_key(email) is None:
            return _json({"error": "invalid_grant", "error_description": "Invalid grant: account not found"}, 400)
        now = int(time.time())
        token = unsigned_jwt({"email": email, "iat": now, "exp": now + _TOKEN_LIFETIME})
        return _json({"access_token": token, "expires_in": _TOKEN_LIFETIME, "token_type": "Bearer"})

    def _rest_sign_blob(self, request: Request, email: str) -> Response:
        name = f"{_ACCOUNT_PREFIX}{unquote(email)}"
        try:
            payload = base64.b64decode(request.get_json()["payload"], validate=True)
            signed = self._sign_blob(iam_credentials_v1.SignBlobRequest(name=name, payload=payload))
        except (KeyError, TypeError, ValueError):
            return _error(400, "INVALID_ARGUMENT", "`payload` must be the bytes to sign, in base64.")
        except StatusError as error:
            return _error(404, error.code.name, error.message)
        self._recorder.record(Call("iam", "SignBlob", caller(request.headers.get("Authorization")), name))
        return _json({"keyId": signed.key_id, "signedBlob": base64.b64encode(signed.signed_blob).decode()})

    def _sign_blob(self, request: iam_credentials_v1.SignBlobRequest) -> iam_credentials_v1.SignBlobResponse:
        email = request.name.removeprefix(_ACCOUNT_PREFIX)
        if self.public_key(email) is None:
            refuse(grpc.StatusCode.NOT_FOUND, f"Unknown service account: {email}")
        signature = self._key.sign(request.payload, PKCS1v15(), SHA256())
        return iam_credentials_v1.SignBlobResponse(key_id=self._key_id, signed_blob=signature)


def _load_or_create_key(path: Path) -> rsa.RSAPrivateKey:
    if not path.exists():
        write_private(path, _private_pem(rsa.generate_private_key(65537, _KEY_BITS)))
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError(f"{path} holds no RSA key")
    return key


def _private_pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _account_id(email: str) -> str:
    """The unique id of a service account, in 21 characters."""
    return hashlib.sha256(email.encode()).hexdigest()[:21]


def _json(value: Mapping[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(value), status, mimetype="application/json")


def _error(code: int, status: str, message: str) -> Response:
    return _json({"error": {"code": code, "message": message, "status": status}}, code)
