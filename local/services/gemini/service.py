"""Gemini on Vertex AI as a service of the stack."""

from __future__ import annotations

from collections.abc import Mapping

from local.services.kit.service import LocalService


class GeminiService(LocalService):
    """Serves Vertex AI's REST API."""

    name = "gemini"

    def start(self) -> None:
        from local.services.gemini.endpoint import GeminiEndpoint

        self._url = self.serve_http(GeminiEndpoint(self.context.recorder).app)

    def variables(self, function: str = "") -> Mapping[str, str]:
        del function
        return {"VERTEX_ENDPOINT": self._url}
