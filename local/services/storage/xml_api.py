"""The part of the XML API that V4 signed URLs use: read, write and delete an object, start a resumable upload."""

from __future__ import annotations

from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from werkzeug import Response
from werkzeug.routing import Rule

from local.services.storage.conditions import Conditions, Resource
from local.services.storage.content import content_answer
from local.services.storage.errors import StorageError, invalid
from local.services.storage.files import blocks
from local.services.storage.objects import ObjectStore
from local.services.storage.signed_urls import verify
from local.services.storage.upload_api import session_answer, start_session
from local.services.storage.uploads import Sessions
from local.services.storage.web import StorageRequest

_METADATA_PREFIX = "x-goog-meta-"


class XmlApi:
    """The calls at /bucket/object. `trusted` returns the public key of a trusted service account, or None."""

    def __init__(self, store: ObjectStore, sessions: Sessions, trusted: Callable[[str], RSAPublicKey | None]) -> None:
        self._store = store
        self._sessions = sessions
        self._trusted = trusted

    def rules(self) -> list[Rule]:
        return [Rule("/<bucket>/<path:name>", methods=["GET", "PUT", "POST", "DELETE"], endpoint=self.signed)]

    def signed(self, request: StorageRequest, bucket: str, name: str) -> Response:
        if request.speaks_json:  # no bucket: a call of the JSON API that is not implemented
            raise StorageError(404, "notFound", "Not Found")
        verify(request, self._trusted)
        calls = {"PUT": self._put, "POST": self._start, "DELETE": self._delete}
        return calls.get(request.method, self._get)(request, bucket, name)

    def _get(self, request: StorageRequest, bucket: str, name: str) -> Response:
        request.names("objects.get", bucket, name)
        response = content_answer(self._store, request, bucket, name, _conditions(request))
        for header in ("Content-Type", "Content-Disposition"):
            if chosen := request.args.get(f"response-{header.lower()}"):
                response.headers[header] = chosen
        return response

    def _put(self, request: StorageRequest, bucket: str, name: str) -> Response:
        request.names("objects.insert", bucket, name)
        metadata = {**_metadata(request), **request.hashes()}
        resource = self._store.insert(bucket, name, blocks(request.stream), metadata, _conditions(request))
        generation = {
            key: resource[key.removeprefix("x-goog-")] for key in ("x-goog-generation", "x-goog-metageneration")
        }
        return Response(headers={"ETag": resource["etag"], **generation})

    def _start(self, request: StorageRequest, bucket: str, name: str) -> Response:
        if request.headers.get("x-goog-resumable") != "start":
            raise invalid("A POST must start a resumable upload.")
        metadata, conditions = _metadata(request), _conditions(request)
        session = start_session(self._sessions, request, bucket, name, metadata=metadata, conditions=conditions)
        return session_answer(request, session, 201)

    def _delete(self, request: StorageRequest, bucket: str, name: str) -> Response:
        request.names("objects.delete", bucket, name)
        self._store.delete(bucket, name, _conditions(request))
        return Response(status=204)


def _conditions(request: StorageRequest) -> Conditions:
    return Conditions.from_xml(request.args, request.headers)


def _metadata(request: StorageRequest) -> Resource:
    headers = [(name.lower(), value) for name, value in request.headers]
    custom = {k.removeprefix(_METADATA_PREFIX): v for k, v in headers if k.startswith(_METADATA_PREFIX)}
    return {
        "contentType": request.content_type,
        "cacheControl": request.headers.get("Cache-Control"),
        "contentDisposition": request.headers.get("Content-Disposition"),
        "metadata": custom or None,
    }
