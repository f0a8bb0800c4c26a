"""CORS: a bucket's `cors` rules, and the origin of an upload session."""

from __future__ import annotations

from werkzeug import Response

from local.services.storage.conditions import Resource
from local.services.storage.uploads import Session
from local.services.storage.web import StorageRequest

_SESSION_HEADERS = ("Content-Type", "Content-Range", "Range", "X-Goog-Hash", "X-GUploader-UploadID")
"""Headers that a page may send to a session and read from its responses, in addition to the bucket's rules."""


def cors_headers(request: StorageRequest, bucket: Resource | None, session: Session | None) -> dict[str, str]:
    """The Access-Control headers for this request; empty if its origin is not allowed."""
    origin = request.headers.get("Origin")
    if not origin or bucket is None or (session and session.origin != origin):
        return {}
    preflight = request.method == "OPTIONS"
    method = request.headers.get("Access-Control-Request-Method", "") if preflight else request.method
    rule = _matching(bucket, origin, method)
    if rule is None:
        return {}
    shared = [*rule.get("responseHeader", ()), *(_SESSION_HEADERS if session else ())]
    allowed = {"Access-Control-Allow-Origin": "*" if "*" in rule["origin"] else origin, "Vary": "Origin"}
    if not preflight:
        return {**allowed, "Access-Control-Expose-Headers": ", ".join(shared)}
    if not _requested_headers(request) <= {header.lower() for header in shared}:
        return {}
    return {
        **allowed,
        "Access-Control-Allow-Methods": ", ".join(rule["method"]),
        "Access-Control-Allow-Headers": ", ".join(shared),
        "Access-Control-Max-Age": str(rule.get("maxAgeSeconds", 3600)),
    }


def preflight_answer() -> Response:
    """The response to OPTIONS; its Access-Control headers decide whether the page may send the request."""
    return Response("", 200, mimetype="text/html")


def _matching(bucket: Resource, origin: str, method: str) -> Resource | None:
    """The first rule that has both the origin and the method."""
    for rule in bucket.get("cors", ()):
        if {origin, "*"} & set(rule.get("origin", ())) and {method, "*"} & set(rule.get("method", ())):
            found: Resource = rule
            return found
    return None


def _requested_headers(request: StorageRequest) -> set[str]:
    asked = request.headers.get("Access-Control-Request-Headers", "")
    return {header.strip().lower() for header in asked.split(",") if header.strip()}
