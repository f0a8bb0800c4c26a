"""The WSGI application: routes each request to its call, records it, and sends the response."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from werkzeug import Request, Response
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from local.services.kit.identity import caller
from local.services.kit.recorder import AnswerLost, Call, Recorder
from local.services.kit.wsgi import hang_up
from local.services.storage.conditions import Resource
from local.services.storage.cors import cors_headers, preflight_answer
from local.services.storage.database import Database
from local.services.storage.errors import PlantedErrors, StorageError
from local.services.storage.events import StorageEvent
from local.services.storage.json_api import JsonApi
from local.services.storage.multipart import batch_answer, batched
from local.services.storage.objects import ObjectStore
from local.services.storage.outbox import Outbox
from local.services.storage.upload_api import UploadApi
from local.services.storage.uploads import Session, Sessions
from local.services.storage.web import StorageRequest
from local.services.storage.xml_api import XmlApi

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class StorageEndpoint:
    """Cloud Storage on the folder `state`.

    `publish` is called for each event after the object is on disk and before the response is sent. It must have stored
    the event when it returns; after an error or a kill it is called again. `trusted` returns the public key of a
    service account whose signed URLs are valid, or None. The JSON API records the caller of a request but does not
    authorise the request.
    """

    def __init__(
        self,
        state: Path,
        recorder: Recorder,
        publish: Callable[[StorageEvent], None],
        trusted: Callable[[str], RSAPublicKey | None],
        session_url: str = "",
    ) -> None:
        """`session_url` (with a closing slash) is the address in the URIs of upload sessions, if it is not the host of
        the request that opens them."""
        self._session_url = session_url
        self.errors = PlantedErrors()
        """What tests want to fail."""
        self._recorder = recorder
        self._database = Database(state / "storage.db")
        self.outbox = Outbox(self._database, publish)
        """The events that are not published yet."""
        self._store = ObjectStore(state, self._database, self.outbox)
        self._sessions = Sessions(state, self._database, self._store)
        apis = (
            JsonApi(self._store),
            UploadApi(self._store, self._sessions),
            XmlApi(self._store, self._sessions, trusted),
        )
        rules = [rule for api in apis for rule in api.rules()]
        rules.append(Rule("/batch/storage/v1", methods=["POST"], endpoint=self._batch))
        self._routes = Map(rules, merge_slashes=False, strict_slashes=False).bind("")

    def stop(self) -> None:
        """Close the database, after the last call."""
        self.outbox.stop()
        self._database.close()

    def app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The WSGI application."""
        request = StorageRequest(environ)
        request.session_url, request.refuse = self._session_url, self.errors.raise_next
        try:
            response = self._answer(request)
        except AnswerLost:
            hang_up(environ)
        response.headers.extend(self._cors(request))
        return response(environ, start_response)

    def sessions(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The WSGI application for clients: only requests to an upload session, whose URI is a secret."""
        if "upload_id" not in Request(environ).args:
            return Response(status=404)(environ, start_response)
        return self.app(environ, start_response)

    def _answer(self, request: StorageRequest) -> Response:
        """The response to one call. Records every call without an error. Raises AnswerLost."""
        try:
            response = preflight_answer() if request.method == "OPTIONS" else self._routed(request)
        except StorageError as error:
            return error.as_json() if request.speaks_json else error.as_xml()
        if request.call:
            authorization = request.headers.get("Authorization")
            self._recorder.record(Call("storage", request.call, caller(authorization), request.resource))
        return response

    def _routed(self, request: StorageRequest) -> Response:
        try:
            call, names = self._routes.match(request.raw_path, request.method)
            response: Response = call(request, **{key: unquote(value) for key, value in names.items()})
        except HTTPException as error:
            raise StorageError(error.code or 500, "invalid", error.description or error.name) from error
        return response

    def _batch(self, request: StorageRequest) -> Response:
        return batch_answer([(content_id, self._answer(part)) for content_id, part in batched(request)])

    def _cors(self, request: StorageRequest) -> dict[str, str]:
        session = self._session(request)
        return cors_headers(request, self._bucket(request, session), session)

    def _session(self, request: StorageRequest) -> Session | None:
        try:
            return self._sessions.find(request.args["upload_id"]) if "upload_id" in request.args else None
        except StorageError:
            return None

    def _bucket(self, request: StorageRequest, session: Session | None) -> Resource | None:
        """The bucket whose CORS rules apply; None if the path has no existing bucket."""
        path = request.raw_path.partition("/storage/v1/b/")[2] if request.speaks_json else request.raw_path[1:]
        name = session.bucket if session else unquote(path.partition("/")[0])
        try:
            return self._store.bucket(name)
        except StorageError:
            return None
