"""Which web pages may talk to a bucket: its `cors` rules, and the origin that an upload session was made for."""

from __future__ import annotations

from werkzeug import Response

from local.services.storage.conditions import Resource
from local.services.storage.uploads import Session
from local.services.storage.web import StorageRequest

_SESSION_HEADERS = ("Content-Type", "Content-Range", "Range", "X-Goog-Hash", "X-GUploader-UploadID")
"""What a page may send to a session, and read from its answers, whatever the bucket's rules list."""


def cors_headers(request: StorageRequest, bucket: Resource | None, session: Session | None) -> dict[str, str]:
    """The Access-Control headers for this request; none when its origin may not make it."""
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
    if not _asked_headers(request) <= {header.lower() for header in shared}:
        return {}
    return {
        **allowed,
        "Access-Control-Allow-Methods": ", ".join(rule["method"]),
        "Access-Control-Allow-Headers": ", ".join(shared),
        "Access-Control-Max-Age": str(rule.get("maxAgeSeconds", 3600)),
    }


def preflight_answer() -> Response:
    """The answer to OPTIONS; only its Access-Control headers say whether the page may go on."""
    return Response("", 200, mimetype="text/html")


def _matching(bucket: Resource, origin: str, method: str) -> Resource | None:
    """The first rule that names the origin and the method decides."""
    for rule in bucket.get("cors", ()):
        if {origin, "*"} & set(rule.get("origin", ())) and {method, "*"} & set(rule.get("method", ())):
            found: Resource = rule
            return found
    return None


def _asked_headers(request: StorageRequest) -> set[str]:
    asked = request.headers.get("Access-Control-Request-Headers", "")
    return {header.strip().lower() for header in asked.split(",") if header.strip()}
