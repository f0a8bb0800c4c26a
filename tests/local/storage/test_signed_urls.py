"""V4 signed URLs."""

from __future__ import annotations

import datetime as dt

import pytest
import requests
from google.cloud import storage

from tests.local.storage.stack import ORIGIN, Stack, wait_until

pytestmark = pytest.mark.long


def signed(stack: Stack, name: str, method: str = "GET", **options: object) -> str:
    blob = stack.client.bucket("audio").blob(name)
    options = {"expiration": dt.timedelta(minutes=5), **options}
    url: str = blob.generate_signed_url(version="v4", method=method, credentials=stack.signer, **options)
    return url


def code(answer: requests.Response) -> str:
    return answer.text.partition("<Code>")[2].partition("</Code>")[0]


def test_a_signed_url_reads_an_object(stack: Stack, shared_bucket: storage.Bucket) -> None:
    shared_bucket.blob("d/ü 1").upload_from_string("hello world")
    url = signed(stack, "d/ü 1", response_disposition="inline", response_type="audio/webm")
    assert url.startswith(stack.server.url)

    answer = requests.get(url, headers={"Range": "bytes=6-", "Origin": ORIGIN}, timeout=10)

    assert (answer.status_code, answer.content) == (206, b"world")
    assert (answer.headers["Content-Type"], answer.headers["Content-Disposition"]) == ("audio/webm", "inline")
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert requests.head(signed(stack, "d/ü 1", "HEAD"), timeout=10).headers["Content-Length"] == "11"


def test_a_signed_url_writes_and_deletes_an_object(stack: Stack, bucket: storage.Bucket) -> None:
    headers = {"Content-Type": "text/plain", "x-goog-if-generation-match": "0", "x-goog-meta-k": "v"}
    url = signed(stack, "a", "PUT", headers=headers)

    assert requests.put(url, data=b"abc", headers=headers, timeout=10).status_code == 200
    blob = bucket.get_blob("a")
    assert (blob.download_as_bytes(), blob.content_type, blob.metadata) == (b"abc", "text/plain", {"k": "v"})
    again = requests.put(url, data=b"xyz", headers=headers, timeout=10)
    assert (again.status_code, code(again)) == (412, "PreconditionFailed")
    assert requests.delete(signed(stack, "a", "DELETE"), timeout=10).status_code == 204
    assert requests.get(signed(stack, "a"), timeout=10).status_code == 404


def test_a_signed_url_starts_a_resumable_upload(stack: Stack, bucket: storage.Bucket) -> None:
    start = requests.post(signed(stack, "a", "RESUMABLE"), headers={"x-goog-resumable": "start"}, timeout=10)

    assert start.status_code == 201
    assert requests.put(start.headers["Location"], data=b"abc", timeout=10).status_code == 200
    assert bucket.blob("a").download_as_bytes() == b"abc"


def test_a_request_that_differs_from_the_signed_one_is_rejected(stack: Stack, bucket: storage.Bucket) -> None:
    for name in ("a", "b"):
        bucket.blob(name).upload_from_string(name)
    url = signed(stack, "a")
    changed = {
        "signature": url[:-4] + ("0000" if url[-4:] != "0000" else "1111"),
        "object": url.replace("/audio/a?", "/audio/b?"),
        "expiry": url.replace("X-Goog-Expires=300", "X-Goog-Expires=3000"),
        "parameter": url + "&response-content-type=text%2Fhtml",
        "signer": url.replace("fn-patients", "fn-patients%40elsewhere"),
    }
    for what, other in changed.items():
        answer = requests.get(other, timeout=10)
        assert (answer.status_code, code(answer)) == (403, "SignatureDoesNotMatch"), what
    assert requests.put(url, data=b"x", timeout=10).status_code == 403
    assert code(requests.get(url, headers={"x-goog-meta-a": "b"}, timeout=10)) == "MalformedSecurityHeader"
    unsigned = requests.get(url.partition("?")[0], timeout=10)
    assert (unsigned.status_code, code(unsigned)) == (403, "AccessDenied")


def test_a_signed_url_expires(stack: Stack, bucket: storage.Bucket) -> None:
    bucket.blob("a").upload_from_string("a")
    url = signed(stack, "a", expiration=dt.timedelta(seconds=1))

    wait_until(lambda: requests.get(url, timeout=10).status_code != 200)

    answer = requests.get(url, timeout=10)
    assert (answer.status_code, code(answer)) == (400, "ExpiredToken")
