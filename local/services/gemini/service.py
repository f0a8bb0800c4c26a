"""Gemini on Vertex AI as a service of the stack."""

from __future__ import annotations

from collections.abc import Mapping

from local.services.gemini.script import Script
from local.services.kit.service import LocalService, ServiceContext


class GeminiService(LocalService):
    """Serves Vertex AI's REST API."""

    name = "gemini"

    def __init__(self, context: ServiceContext) -> None:
        super().__init__(context)
        self.script = Script()

    def start(self) -> None:
        from local.services.gemini.endpoint import GeminiEndpoint

        self._url = self.serve_http(GeminiEndpoint(self.context.recorder, self.script).app)

    def variables(self, function: str = "") -> Mapping[str, str]:
        del function
        return {"VERTEX_ENDPOINT": self._url}
