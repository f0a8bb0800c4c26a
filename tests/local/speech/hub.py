"""A model hub on this machine, with the files of a small model."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from local.services.speech import weights

CONTENTS = {
    "model.bin": bytes(range(256)) * 1000,
    "config.json": b"{}",
    "tokenizer.json": b'{"model": {}}',
    "vocabulary.txt": b"a\nb\n",
}
MODEL = weights.Model(
    name="small",
    wheels=("no-such-package==1.0.0",),
    repository="Owner/small",
    revision="c0ffee",
    megabytes=1,
    files={
        name: weights.ModelFile((f"no_such_package/{name}",), hashlib.sha256(content).hexdigest())
        for name, content in CONTENTS.items()
    },
    languages=frozenset({"en"}),
)


@dataclass(frozen=True)
class HubResponse:
    """How the hub responds to one request. By default it sends the requested bytes."""

    status: int | None = None
    """The status of an error response."""
    break_after: int | None = None
    """The number of content bytes after which the connection breaks."""
    wrong: bool = False
    """True: the content differs from the file."""
    ranges: bool = True
    """False: the Range header is ignored."""
    shifted: bool = False
    """True: the sent range begins one byte later than requested."""
    location: str | None = None
    """The target of a redirect."""


@dataclass
class Hub:
    """A hub with the files of MODEL."""

    url: str = ""
    responses: list[HubResponse] = field(default_factory=list)
    """The responses to the next requests; later requests get the default."""
    requests: list[tuple[str, str | None]] = field(default_factory=list)
    """File name and Range of each request."""
    paths: set[str] = field(default_factory=set)


def respond(hub: Hub, request: BaseHTTPRequestHandler) -> None:
    name, requested = request.path.rpartition("/")[2], request.headers["Range"]
    hub.requests.append((name, requested))
    hub.paths.add(request.path)
    response = hub.responses.pop(0) if hub.responses else HubResponse()
    if response.status or response.location:
        request.send_response(response.status or 302)
        if response.location:
            request.send_header("Location", response.location)
        request.send_header("Content-Length", "0")
        request.end_headers()
        return
    content = CONTENTS[name][::-1] if response.wrong else CONTENTS[name]
    start = int(requested.removeprefix("bytes=").removesuffix("-")) if requested and response.ranges else 0
    if start and start >= len(content):
        request.send_error(416)
        return
    begin = start + 1 if response.shifted else start
    request.send_response(206 if start else 200)
    if start:
        request.send_header("Content-Range", f"bytes {begin}-{len(content) - 1}/{len(content)}")
    request.send_header("Content-Length", str(len(content) - begin))
    request.end_headers()
    end = len(content) if response.break_after is None else begin + response.break_after
    request.wfile.write(content[begin:end])
