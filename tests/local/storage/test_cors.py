"""Requests of web pages: CORS rules, and the origin of an upload session."""

from __future__ import annotations

import requests
from google.cloud import storage

from tests.local.storage.stack import GRAIN, ORIGIN, put


def preflight(url: str, origin: str, method: str = "PUT", headers: str = "content-range, content-type") -> str | None:
    request_headers = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": headers,
    }
    return requests.options(url, headers=request_headers, timeout=10).headers.get("Access-Control-Allow-Origin")


def test_only_the_origin_of_a_session_may_upload(shared_bucket: storage.Bucket) -> None:
    url = shared_bucket.blob("a").create_resumable_upload_session(size=GRAIN * 2, origin=ORIGIN)
    closed = shared_bucket.blob("a").create_resumable_upload_session(size=GRAIN * 2)

    assert preflight(url, ORIGIN) == ORIGIN
    assert preflight(url, "https://evil.example") is None
    assert preflight(url, ORIGIN, method="PATCH") is None
    assert preflight(url, ORIGIN, headers="x-unknown") is None
    assert preflight(closed, ORIGIN) is None
    answer = put(url, b"x" * GRAIN, f"bytes 0-{GRAIN - 1}/{GRAIN * 2}", Origin=ORIGIN)
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Range" in answer.headers["Access-Control-Expose-Headers"].split(", ")


def test_a_bucket_without_cors_rules_rejects_all_origins(bucket: storage.Bucket) -> None:
    assert preflight(bucket.blob("a").create_resumable_upload_session(origin=ORIGIN), ORIGIN) is None
