"""What a process finds where it is deployed: Firestore over TLS for callers with access tokens, and the metadata server
that has the tokens."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
from werkzeug import Request, Response

from local.services.firestore.backend import OWNER
from local.services.firestore.server import Callee, FirestoreServer
from local.services.kit.identity import PROJECT, caller, service_account, unsigned_jwt
from local.services.kit.rpc import refuse
from local.services.kit.servers import HttpServer, certificate
from local.stack.stack import Stack

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

TRUSTED = "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"
"""The variable that names the certificates which gRPC trusts."""
_TOKEN_SECONDS = 3600
_FLAVOR, _GOOGLE = "Metadata-Flavor", "Google"
"""The header by which a metadata server is recognised, in requests and in answers, and its value."""


class SecureFirestore(FirestoreServer):
    """A Firestore at `address`, over TLS. A function's service account may do everything, nobody else anything."""

    def __init__(self, backend: Callee, trusted: Path) -> None:
        """`trusted` is the file of its certificate, whose key is beside it."""
        super().__init__(_OfAccounts(backend), certificate=certificate(trusted.parent))


class _OfAccounts:
    """A backend as Google's has it: what local servers take for its owner is not known there."""

    def __init__(self, backend: Callee) -> None:
        self._backend = backend

    def call(self, method: str, request: bytes, authorization: str, timeout: float | None = None) -> list[bytes]:
        if not caller(authorization):
            refuse(grpc.StatusCode.UNAUTHENTICATED, "The call has no access token of a service account.")
        return self._backend.call(method, request, OWNER, timeout)


class MetadataServer:
    """The metadata server of an instance, at `address`: its service account, with tokens for an hour."""

    def __init__(self) -> None:
        self._email = service_account("bench")
        self._server = HttpServer(self._app)
        self.address = self._server.url.removeprefix("http://")

    def stop(self) -> None:
        self._server.stop()

    def _app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        found = self._value(request.path) if request.headers.get(_FLAVOR) == _GOOGLE else None
        response = _response(found) if found is not None else Response(status=404)
        response.headers[_FLAVOR] = _GOOGLE
        return response(environ, start_response)

    def _value(self, path: str) -> str | Mapping[str, Any] | None:
        accounts = "/computeMetadata/v1/instance/service-accounts"
        values: dict[str, str | Mapping[str, Any]] = {
            "/": "computeMetadata/",
            "/computeMetadata/v1/project/project-id": PROJECT,
            "/computeMetadata/v1/universe/universe-domain": "googleapis.com",
        }
        for account in ("default", self._email):
            values[f"{accounts}/{account}/"] = {"aliases": ["default"], "email": self._email, "scopes": []}
            values[f"{accounts}/{account}/token"] = self._token()
        return values.get(path)

    def _token(self) -> dict[str, Any]:
        now = int(time.time())
        token = unsigned_jwt({"email": self._email, "iat": now, "exp": now + _TOKEN_SECONDS})
        return {"access_token": token, "expires_in": _TOKEN_SECONDS, "token_type": "Bearer"}


def _response(value: str | Mapping[str, Any]) -> Response:
    if isinstance(value, str):
        return Response(value, mimetype="application/text")
    return Response(json.dumps(value), mimetype="application/json")


@contextmanager
def serving(stack: Stack) -> Iterator[tuple[str, str]]:
    """The addresses of the stack's Firestore over TLS, and of a metadata server."""
    trusted = Path(stack.client_environment()[TRUSTED])
    with ExitStack() as running:
        firestore, metadata = SecureFirestore(stack.firestore, trusted), MetadataServer()
        running.callback(firestore.stop)
        running.callback(metadata.stop)
        yield firestore.address, metadata.address


def variables(local: Mapping[str, str], firestore: str, metadata: str) -> dict[str, str]:
    """The variables of a local process, changed to those of a deployed one that finds these servers at their
    addresses: no emulator of Firestore, and no file of credentials."""
    kept = {
        name: value
        for name, value in local.items()
        if name not in ("FIRESTORE_EMULATOR_HOST", "GOOGLE_APPLICATION_CREDENTIALS")
    }
    own = {"GCE_METADATA_HOST": metadata, "GCE_METADATA_IP": metadata, "CLOUDSDK_CONFIG": os.devnull}
    return {**kept, **own, "FIRESTORE_ENDPOINT": firestore}
