"""A Terraform state behind HTTP (Terraform's backend `http`, without locks).

Terraform writes such a state when an apply ends. A local file it writes after each of the hundreds of resources.
"""

from __future__ import annotations

from types import TracebackType

from werkzeug import Request, Response

from local.services.kit.servers import HttpServer


class StateServer:
    """Keeps one state in memory, as a context manager that stops the server on exit."""

    def __enter__(self) -> StateServer:
        self.state = b""
        self._server = HttpServer(Request.application(self._answer))
        self.url = f"{self._server.url}/state"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop()

    def _answer(self, request: Request) -> Response:
        if request.method == "POST":
            self.state = request.get_data()
            return Response()
        return Response(self.state) if self.state else Response(status=404)
