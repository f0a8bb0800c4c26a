"""The address of the local stack: routes each request to its function, as the load balancer does when deployed."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from infra.catalogue import Catalogue, HttpFunction, TaskFunction
from local.services.functions.processes import Functions
from local.services.functions.responses import FunctionDown, Headers, StreamedResponse
from local.services.kit.servers import EVERYWHERE, LOOPBACK, HttpServer
from local.services.kit.service import FUNCTIONS
from local.stack.state import client_host

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

API = "/api/v1"
_MAX_BODY = 32 * 1024 * 1024
"""Bytes; the limit of Cloud Run."""
_OWN_ADDRESS = "127.0.0.1"
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "proxy-authorization"}
_SET_BY_SERVER = {"date", "server"}
"""Headers that the gateway's own server sets."""

_LANDING = """<!doctype html>
<title>SynapseAI, local</title>
<h1>SynapseAI, local</h1>
<p><a href="/api/v1/docs">API documentation</a> · <a href="/api/v1/openapi.json">OpenAPI</a> ·
<a href="/emulator/mails">invitations</a> · <a href="/emulator/sent">mails and text messages</a> ·
<a href="/emulator/messages">push messages</a></p>
"""


class Gateway:
    """Listens on `port` (or a free one) at `url`, and at another address of this machine if `host` is one.

    Requests that arrive before `open` wait.
    """

    def __init__(self, catalogue: Catalogue, port: int = 0, host: str = LOOPBACK) -> None:
        self.routes = {
            f"{API}{path}": function.name for function in catalogue.of_kind(HttpFunction) for path in function.paths
        }
        """By path: the function that gets the requests to it and to all paths below it."""
        self.templates = {
            f"{API}{path}": function.name for function in catalogue.of_kind(HttpFunction) for path in function.sub_paths
        }
        """As `routes`, for paths below another function's, with `*` for a segment; they come first."""
        self.fallback = catalogue.fallback
        """The function that gets all other requests, as the default service of the load balancer."""
        self.mounts: dict[str, WSGIApplication] = {}
        """By path prefix: the service that is served under the gateway's address."""
        self._tasks = {function.service: function.name for function in catalogue.of_kind(TaskFunction)}
        self._opened = threading.Event()
        app = Request.application(self._answer)
        own = HttpServer(app, port, host if host == EVERYWHERE else LOOPBACK)
        self._servers = [own] if host in (LOOPBACK, EVERYWHERE) else [own, HttpServer(app, own.port, host)]
        self.url = own.url
        """The address for programs on this machine. It does not change with `host`: tasks that wait contain it."""
        self.public_url = f"http://{client_host(host)}:{own.port}"
        """The address for clients on any machine."""

    def mount(self, prefixes: Sequence[str], app: WSGIApplication) -> None:
        """Serve these path prefixes by `app` instead of a function."""
        self.mounts.update(dict.fromkeys(prefixes, app))

    def variables(self) -> Mapping[str, str]:
        """The URL of a task's function, with `{function}` for the deployed name of the function; and the address of the
        pages that links open."""
        return {"FUNCTION_URL": f"{self.url}{FUNCTIONS}/{{function}}", "PUBLIC_URL": self.url}

    def open(self, functions: Functions) -> None:
        """Answer requests: the functions' dependencies are ready."""
        self._functions = functions
        self._opened.set()

    def stop(self) -> None:
        for server in self._servers:
            server.stop()

    def _answer(self, request: Request) -> Response:
        if request.path == "/":
            return Response(_LANDING, mimetype="text/html")
        self._opened.wait()
        for prefix, app in self.mounts.items():
            if request.path.startswith(prefix):
                return Response.from_app(app, request.environ)
        return self._forward(request)

    def _forward(self, request: Request) -> Response:
        function, path = self._route(request)
        if (request.content_length or 0) > _MAX_BODY:
            return problem(413, "Content Too Large", "A request has 32 MiB at most.")
        try:
            answer = self._functions.stream(function, request.method, path, _headers(request), request.get_data())
        except FunctionDown as error:
            return problem(502, "Bad Gateway", str(error))
        kept = [(name, value) for name, value in answer.headers if name.lower() not in _HOP_BY_HOP | _SET_BY_SERVER]
        body = _Relayed(answer) if isinstance(answer, StreamedResponse) else answer.body
        return Response(body, answer.status, kept)

    def _route(self, request: Request) -> tuple[str, str]:
        """The function, and the path it gets: the whole path of an API request, the rest after the prefix of a task."""
        sent: str = request.environ["REQUEST_URI"]  # not decoded: an escaped slash stays escaped
        service = request.path.removeprefix(f"{FUNCTIONS}/").partition("/")[0]
        if request.path.startswith(f"{FUNCTIONS}/") and service in self._tasks:
            path = sent.removeprefix(f"{FUNCTIONS}/{service}")
            return self._tasks[service], path if path.startswith("/") else f"/{path}"
        return self.function_of(request.path), sent

    def function_of(self, path: str) -> str:
        """The function of a path of the API."""
        segments = path.split("/")
        for template, name in self.templates.items():
            wanted = template.split("/")
            if len(wanted) <= len(segments) and all(map(_fits, wanted, segments)):
                return name
        for prefix, name in self.routes.items():
            if f"{path}/".startswith(f"{prefix}/"):
                return name
        return self.fallback


def _fits(wanted: str, segment: str) -> bool:
    return segment == wanted or (wanted == "*" and bool(segment))


def problem(status: int, title: str, detail: str) -> Response:
    """An error response as in RFC 9457."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return Response(json.dumps(body), status, mimetype="application/problem+json")


class _Relayed:
    """The body of a streamed response, passed on as it comes; closed when the client is gone."""

    def __init__(self, answer: StreamedResponse) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        """Raises ConnectionAbortedError when the body breaks off: the server then closes the connection to the client
        without the end of the chunked body, so the client does not take what it got for the whole."""
        try:
            yield from self._answer
        except FunctionDown as error:
            raise ConnectionAbortedError(str(error)) from error

    def close(self) -> None:
        self._answer.close()


def _headers(request: Request) -> Headers:
    """The client's headers; as the load balancer does, append the client's address and the balancer's own."""
    sent = [(name, value) for name, value in request.headers.items() if name.lower() not in _HOP_BY_HOP]
    seen = [value for name, value in sent if name.lower() == "x-forwarded-for"]
    kept = [(name, value) for name, value in sent if not name.lower().startswith("x-forwarded-")]
    address = ", ".join([*seen, request.remote_addr or "", _OWN_ADDRESS])
    return [*kept, ("X-Forwarded-For", address), ("X-Forwarded-Proto", request.scheme)]
