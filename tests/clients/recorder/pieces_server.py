"""A small server of live audio that can fail as the API and the network between can. tests/api tests the API itself."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import wave
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

RATE = 16_000
Answer = tuple[int, dict[str, str], dict[str, Any]]
Fault = Callable[["Request"], "Answer | None"]
"""What a request gets instead of the right answer; None for that one."""


class LostAnswer(Exception):
    """The request was served, and its answer did not arrive."""


@dataclass(frozen=True)
class Request:
    """A request for a piece."""

    number: int
    attempt: int
    """1 for the first request with this number."""
    token: str


@dataclass(frozen=True)
class Piece:
    """A piece as it was stored."""

    body: bytes
    samples: bytes
    start_ms: int
    captured_at: str
    ends: str | None


@dataclass
class Recording:
    """A live recording."""

    id: str
    recorder_id: str
    state: str = "open"
    pieces: dict[int, Piece] = field(default_factory=dict)

    @property
    def samples(self) -> bytes:
        """The samples of all pieces, in the order of their numbers."""
        return b"".join(self.pieces[number].samples for number in sorted(self.pieces))

    @property
    def last(self) -> int | None:
        return next((number for number, piece in self.pieces.items() if piece.ends == "recording"), None)

    def public(self) -> dict[str, Any]:
        missing = sorted(set(range(1, max(self.pieces, default=0) + 1)) - self.pieces.keys())
        return {
            "recording_id": self.id,
            "recorder_id": self.recorder_id,
            "state": "ended" if self.state == "open" and self.last and not missing else self.state,
            "missing": [{"first": number, "last": number} for number in missing],
            "last_piece": self.last,
        }


def problem(status: int, name: str, code: str | None = None, **headers: str) -> Answer:
    """A problem response of the API."""
    return (
        status,
        headers,
        {"type": f"urn:synapseai:problem:{name}", "status": status, **({"code": code} if code else {})},
    )


class PiecesServer:
    """The operations of one session's live audio. `fault` may answer a piece in another way."""

    def __init__(self) -> None:
        self.recordings: dict[str, Recording] = {}
        self.fault: Fault = lambda request: None
        self.loses: set[int] = set()
        """The pieces whose next answer is lost after they were stored."""
        self.problems: list[str] = []
        """What no recorder may do."""
        self.most_at_a_time = 0
        self._at_a_time = 0
        self._attempts: dict[tuple[str, int], int] = {}
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._http.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}/api/v1"

    @property
    def only(self) -> Recording:
        """The one recording."""
        (recording,) = self.recordings.values()
        return recording

    def open(self, body: dict[str, Any]) -> Answer:
        with self._lock:
            for recording in self.recordings.values():
                if recording.recorder_id == body["recorder_id"]:
                    return 200, {}, {"id": recording.id}
                if recording.state == "open" and not body["take_over"]:
                    return problem(409, "another-recorder", "another_recorder")
                recording.state = "taken_over"
            opened = Recording(f"s1-a{len(self.recordings) + 1}", body["recorder_id"])
            self.recordings[opened.id] = opened
            return 201, {}, {"id": opened.id}

    def list(self) -> Answer:
        with self._lock:
            return 200, {}, {"recordings": [recording.public() for recording in self.recordings.values()]}

    def piece(self, number: int, query: dict[str, str], headers: dict[str, str], body: bytes) -> Answer:
        recording = self.recordings[query["recording_id"]]
        with self._lock:
            attempt = self._attempts[recording.id, number] = self._attempts.get((recording.id, number), 0) + 1
        request = Request(number, attempt, headers["authorization"].removeprefix("Bearer "))
        if (answer := self.fault(request)) is not None:
            return answer
        with self._lock:
            stored = self._store(recording, number, query, headers, body)
            if number in self.loses:
                self.loses.remove(number)
                raise LostAnswer
            return stored

    def _store(
        self, recording: Recording, number: int, query: dict[str, str], headers: dict[str, str], body: bytes
    ) -> Answer:
        digest = hashlib.sha256(body)
        if headers["content-digest"] != f"sha-256=:{base64.b64encode(digest.digest()).decode()}:":
            self.problems.append(f"piece {number}: the digest is of other bytes")
        with wave.open(BytesIO(body)) as file:
            if file.getparams()[:3] != (1, 2, RATE) or headers["content-type"] != "audio/wav":
                self.problems.append(f"piece {number}: {file.getparams()}, {headers['content-type']}")
            samples = file.readframes(file.getnframes())
        ends = query.get("ends")
        seconds = len(samples) / 2 / RATE
        if not ((ends and seconds > 0) or seconds >= 2) or seconds > 55:
            self.problems.append(f"piece {number}: {seconds} s, ends {ends}")
        new = Piece(body, samples, int(query["start_ms"]), query["captured_at"], ends)
        known = recording.pieces.setdefault(number, new)
        if known.body != body:
            return problem(409, "conflict", "piece_differs")
        receipt = {
            "recording_id": recording.id,
            "number": number,
            "size_bytes": len(body),
            "sha256": digest.hexdigest(),
            "generation": 1,
            "start_ms": new.start_ms,
            "duration_ms": round(seconds * 1000),
            "received_at": new.captured_at,
            "captured_at": new.captured_at,
            "ends": new.ends,
            "text": None,
            "text_status": "no_speech",
        }
        return (201 if known is new else 200), {}, receipt

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_OPTIONS(self) -> None:
                self._answer((204, {}, {}))

            def do_GET(self) -> None:
                self._answer(server.list())

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                address = urlsplit(self.path)
                if not address.path.startswith("/api/v1/sessions/s1/audio/pieces/"):
                    self._answer(server.open(json.loads(body)))
                    return
                with server._lock:
                    server._at_a_time += 1
                    server.most_at_a_time = max(server.most_at_a_time, server._at_a_time)
                query = {name: values[0] for name, values in parse_qs(address.query).items()}
                headers = {name.lower(): value for name, value in self.headers.items()}
                try:
                    self._answer(server.piece(int(address.path.rpartition("/")[2]), query, headers, body))
                except LostAnswer:
                    self.close_connection = True
                finally:
                    with server._lock:
                        server._at_a_time -= 1

            def _answer(self, answer: Answer) -> None:
                status, headers, body = answer
                content = b"" if status == HTTPStatus.NO_CONTENT else json.dumps(body).encode()
                self.send_response(status)
                cors = {
                    "Access-Control-Allow-Origin": self.headers["Origin"] or "*",
                    "Access-Control-Allow-Headers": "Authorization, Content-Type, Content-Digest",
                    "Access-Control-Expose-Headers": "Retry-After",
                }
                for name, value in {**cors, **headers, "Content-Length": str(len(content))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler
