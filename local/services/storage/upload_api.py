"""The upload calls of the JSON API: media, multipart and resumable."""

from __future__ import annotations

from werkzeug import Response
from werkzeug.routing import Rule

from local.services.storage.conditions import Conditions, Resource
from local.services.storage.errors import invalid
from local.services.storage.files import blocks
from local.services.storage.json_api import object_answer
from local.services.storage.multipart import upload_parts
from local.services.storage.objects import ObjectStore
from local.services.storage.uploads import Session, Sessions, receive
from local.services.storage.web import StorageRequest, required

RESUME_INCOMPLETE = 308
CLIENT_CLOSED_REQUEST = 499


class UploadApi:
    """The calls below /upload, on one object store and its sessions."""

    def __init__(self, store: ObjectStore, sessions: Sessions) -> None:
        self._store = store
        self._sessions = sessions

    def rules(self) -> list[Rule]:
        path = "/upload/storage/v1/b/<bucket>/o"
        return [
            Rule(path, methods=["POST"], endpoint=self.upload),
            Rule(path, methods=["PUT"], endpoint=self.put),
            Rule(path, methods=["DELETE"], endpoint=self.cancel),
        ]

    def upload(self, request: StorageRequest, bucket: str) -> Response:
        kinds = {"media": self._media, "multipart": self._multipart, "resumable": self._resumable}
        kind = kinds.get(required(request, "uploadType"))
        if kind is None:
            raise invalid("Invalid uploadType")
        return kind(request, bucket)

    def put(self, request: StorageRequest, bucket: str) -> Response:
        """Receive a chunk, or report the upload's progress; a finished upload returns its object again."""
        session = self._sessions.find(required(request, "upload_id"))
        request.names("resumable.put", bucket, session.name)
        with receive(request.stream, request.headers.get("Content-Range"), request.content_length) as chunk:
            if chunk.start is None:
                request.names("resumable.query", bucket, session.name)
            received = self._sessions.put(session, chunk, request.hashes())
        if session.result:
            return object_answer(request, session.result)
        headers = {"X-GUploader-UploadID": session.id} | ({"Range": f"bytes=0-{received - 1}"} if received else {})
        return Response(status=RESUME_INCOMPLETE, headers=headers)

    def cancel(self, request: StorageRequest, bucket: str) -> Response:
        session = self._sessions.find(required(request, "upload_id"))
        request.names("resumable.cancel", bucket, session.name)
        self._sessions.cancel(session)
        return Response(status=CLIENT_CLOSED_REQUEST)

    def _media(self, request: StorageRequest, bucket: str) -> Response:
        name = required(request, "name")
        request.names("objects.insert", bucket, name)
        metadata = {"contentType": request.content_type, **request.hashes()}
        conditions = Conditions.from_query(request.args)
        return object_answer(request, self._store.insert(bucket, name, blocks(request.stream), metadata, conditions))

    def _multipart(self, request: StorageRequest, bucket: str) -> Response:
        metadata, content = upload_parts(request)
        name = metadata.get("name") or required(request, "name")
        request.names("objects.insert", bucket, name)
        conditions = Conditions.from_query(request.args)
        return object_answer(request, self._store.insert(bucket, name, [content], metadata, conditions))

    def _resumable(self, request: StorageRequest, bucket: str) -> Response:
        metadata = request.json_body()
        name = metadata.get("name") or required(request, "name")
        metadata.setdefault("contentType", request.headers.get("X-Upload-Content-Type"))
        conditions = Conditions.from_query(request.args)
        session = start_session(self._sessions, request, bucket, name, metadata=metadata, conditions=conditions)
        return session_answer(request, session, 200)


def start_session(
    sessions: Sessions, request: StorageRequest, bucket: str, name: str, *, metadata: Resource, conditions: Conditions
) -> Session:
    """Start a session for the size and the origin in the request's headers."""
    request.names("resumable.start", bucket, name)
    return sessions.start(
        bucket,
        name,
        metadata,
        conditions,
        size=request.headers.get("X-Upload-Content-Length", type=int),
        origin=request.headers.get("Origin"),
    )


def session_answer(request: StorageRequest, session: Session, status: int) -> Response:
    """A response with the session's secret URI."""
    path = f"upload/storage/v1/b/{session.bucket}/o?uploadType=resumable&upload_id={session.id}"
    headers = {"Location": (request.session_url or request.host_url) + path, "X-GUploader-UploadID": session.id}
    return Response(status=status, headers=headers)
