"""Multipart bodies: uploads with metadata, and batches of calls."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser
from io import BytesIO
from urllib.parse import urlsplit

from werkzeug import Response
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from local.services.storage.conditions import Resource
from local.services.storage.errors import invalid
from local.services.storage.web import StorageRequest, json_object

_BATCH_BOUNDARY = "batch_answers"


@dataclass(frozen=True)
class Part:
    """One part, unchanged."""

    headers: Message
    content: bytes


def parts(request: StorageRequest) -> list[Part]:
    """The parts of the request's body."""
    boundary = request.mimetype_params.get("boundary")
    if not boundary:
        raise invalid("The Content-Type has no boundary.")
    sections = re.split(rb"\r?\n--" + re.escape(boundary.encode()), b"\n" + request.get_data())
    if len(sections) < 3 or not sections[-1].startswith(b"--"):
        raise invalid("The multipart body is malformed.")
    return [_part(section) for section in sections[1:-1]]


def upload_parts(request: StorageRequest) -> tuple[Resource, bytes]:
    """The metadata and the content of a multipart upload."""
    found = parts(request)
    if len(found) != 2:
        raise invalid("A multipart upload has two parts.")
    metadata = json_object(found[0].content)
    metadata.setdefault("contentType", found[1].headers.get("Content-Type"))
    return metadata, found[1].content


def batched(request: StorageRequest) -> Iterable[tuple[str, StorageRequest]]:
    """The calls of a batch with their Content-IDs. Each call inherits the headers of the batch, and so its caller."""
    for part in parts(request):
        line, _, rest = part.content.lstrip().partition(b"\n")
        own = _part(rest)
        method, target, *_ = line.decode().split(" ")
        url = urlsplit(target)
        headers = Headers(request.headers)
        headers.update(own.headers.items())
        builder = EnvironBuilder(
            path=url.path,
            query_string=url.query,
            method=method,
            base_url=request.host_url,
            headers=headers,
            input_stream=BytesIO(own.content),
        )
        builder.content_length = len(own.content)
        yield part.headers.get("Content-ID", "").strip("<>"), StorageRequest(builder.get_environ())


def batch_answer(answers: Iterable[tuple[str, Response]]) -> Response:
    body = "".join(_batch_part(content_id, answer) for content_id, answer in answers)
    content_type = f"multipart/mixed; boundary={_BATCH_BOUNDARY}"
    return Response(f"{body}--{_BATCH_BOUNDARY}--\r\n", content_type=content_type)


def _batch_part(content_id: str, answer: Response) -> str:
    return (
        f"--{_BATCH_BOUNDARY}\r\nContent-Type: application/http\r\nContent-ID: <response-{content_id}>\r\n\r\n"
        f"HTTP/1.1 {answer.status}\r\n{answer.headers}{answer.get_data(as_text=True)}\r\n"
    )


def _part(section: bytes) -> Part:
    """Headers and content. In a batch, but not in an upload, Google's own client ends lines with a bare LF."""
    head, *content = re.split(rb"\r?\n\r?\n", section, maxsplit=1)
    return Part(BytesHeaderParser().parsebytes(head.lstrip()), b"".join(content))
