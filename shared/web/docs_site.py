"""The OpenAPI document and a page to browse it: public, without a token, and without any data.

Other paths get 404, as from every other function.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from flask import Request, Response

from shared import settings
from shared.records.problems import MethodNotAllowed, NotFound, Problem
from shared.web import PREFIX, health, logs
from shared.web.logs import trace_of
from shared.web.response import problem_response, with_common_headers, with_cors_headers

DESCRIPTION = f"{PREFIX}/openapi.json"
PAGE = f"{PREFIX}/docs"
_METHODS = ("GET", "HEAD")
_HTML = f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>SynapseAI API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{PAGE}/swagger-ui.css">
<div id="docs"></div>
<script src="{PAGE}/swagger-ui-bundle.js"></script>
<script src="{PAGE}/start.js"></script>
</html>
"""
_START = f"""SwaggerUIBundle({{
  url: "{DESCRIPTION}", dom_id: "#docs", deepLinking: true, docExpansion: "none", filter: true
}});
"""
_HEADERS = {
    "Cache-Control": "public, max-age=300",
    # Swagger UI sets styles in its elements, and its style sheet holds images.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
}


@dataclass(frozen=True)
class _File:
    content: bytes
    media_type: str


def function(description: Path) -> Callable[[Request], Response]:
    """The entry point of a function that serves this OpenAPI document and its page."""
    settings.refuse_local_endpoints_in_the_cloud()
    health.install(f"{PAGE}{health.PATH}", finish=with_cors_headers)

    def main(request: Request) -> Response:
        return _answer(request, _site(description))

    return main


def _answer(request: Request, site: Mapping[str, _File]) -> Response:
    logs.configure()
    trace = trace_of(request)
    file = site.get(request.path.rstrip("/"))
    if request.method == "OPTIONS":
        response = with_common_headers(Response(status=204), trace)
    elif file is None:
        response = _refused(NotFound(), trace)
    elif request.method not in _METHODS:
        response = _refused(MethodNotAllowed(_METHODS), trace)
    else:
        response = _found(file, request, trace)
    return with_cors_headers(request, response)


def _refused(problem: Problem, trace: str) -> Response:
    return with_common_headers(problem_response(problem, trace), trace)


def _found(file: _File, request: Request, trace: str) -> Response:
    """The file, cacheable for some minutes."""
    response = with_common_headers(Response(file.content, content_type=file.media_type), trace)
    response.headers.update(_HEADERS)
    response.add_etag()
    response.make_conditional(request)
    return response


@cache
def _site(description: Path) -> Mapping[str, _File]:
    """Every file by its path. Swagger UI comes from the package `flask-swagger-ui`, not from another server."""
    assets = files("flask_swagger_ui") / "dist"
    return {
        DESCRIPTION: _File(description.read_bytes(), "application/json"),
        PAGE: _File(_HTML.encode(), "text/html; charset=utf-8"),
        f"{PAGE}/start.js": _File(_START.encode(), "text/javascript"),
        f"{PAGE}/swagger-ui.css": _File((assets / "swagger-ui.css").read_bytes(), "text/css"),
        f"{PAGE}/swagger-ui-bundle.js": _File((assets / "swagger-ui-bundle.js").read_bytes(), "text/javascript"),
    }
