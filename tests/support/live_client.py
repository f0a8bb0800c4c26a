"""A client that records live and may be killed: a new run of it knows what is on its disk, and asks for the rest."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from local.demo.pieces import digest_of
from local.services.speech import tones
from shared.records.visits.live.ranges import Range, numbers_of
from tests.support.audio_files import wav
from tests.support.client import Reply
from tests.support.clinics import TestClinic
from tests.support.live import opened, piece_path, send_piece
from tests.support.live_recordings import Sent

_ATTEMPTS = 6
"""Of a request that kills end."""
_PATIENCE = 30.0
"""Seconds."""
_DOWN = {500, 502, 503}


@dataclass
class LiveClient:
    """A recorder of one session, and every receipt that it got."""

    clinic: TestClinic
    session_id: str
    captured: dict[int, Sent]
    """On its disk: what it recorded, by the number of the piece."""
    receipts: dict[int, Any] = field(default_factory=dict)
    """The first receipt of each piece."""
    completed: bool = False
    """The transcript of the whole replaces the text of pieces."""
    began: datetime = field(default_factory=lambda: datetime.now(UTC) - timedelta(hours=4))

    recording_id: str = field(init=False)
    _ended: bool = field(default=False, init=False)
    """It sent its last piece, perhaps without an answer, and records no more."""

    def __post_init__(self) -> None:
        self.recording_id = self._opened()

    def restart(self) -> None:
        """Go on in a new run. Raises AssertionError if a receipt is not true any more."""
        [shown] = self.get("audio")["recordings"]
        assert shown["recording_id"] == self.recording_id
        received = set(numbers_of([Range(**one) for one in shown["received"]]))
        assert self.receipts.keys() <= received, "a receipt was taken back"
        if shown["state"] == "open" and not self._ended:
            assert self._opened() == self.recording_id

    def get(self, path: str) -> Any:
        """Something of the session."""
        return _answered(lambda: self.clinic.doctor.get(f"/sessions/{self.session_id}/{path}")).ok().body

    def listed(self) -> list[Any]:
        """All receipts, as the API lists them."""
        path = f"audio/pieces?recording_id={self.recording_id}"
        page = self.get(path)
        found = list(page["items"])
        while token := page["next_page_token"]:
            page = self.get(f"{path}&page_token={token}")
            found += page["items"]
        return found

    def heard(self) -> list[str]:
        """The words of the live text, in the order of the pieces."""
        found = list[Any]()
        while texts := self.get(f"transcript/live/texts?after={len(found)}")["items"]:
            found += texts
        return [word for one in sorted(found, key=_number) for word in (one["text"] or "").split()]

    def send(self, number: int) -> Reply:
        """Send a piece until there is a receipt. Raises AssertionError if it is not the one of an earlier answer."""
        reply = _answered(
            lambda: send_piece(
                self.clinic.doctor,
                self.recording_id,
                number,
                self.body(number),
                ends=self._ends(number),
                captured_at=self._captured_at(number),
                start_ms=self.captured[number].start_ms,
            )
        )
        assert reply.status in (200, 201), reply.content
        assert reply.body["sha256"] == sha256(self.body(number)).hexdigest()
        given = self.receipts.setdefault(number, reply.body)
        replaced = {"text": None} if given["text"] and not reply.body["text"] else {}
        assert {**given, **(replaced if self.completed else {})} == reply.body, "a receipt changed"
        return reply

    def vanish(self, number: int, stored: Callable[[], bool]) -> None:
        """Send a piece, and be gone once it is stored and before there is an answer."""
        self._ended |= bool(self._ends(number))
        address = urlsplit(self.clinic.doctor.base)
        at, body = self.captured[number], self.body(number)
        path = piece_path(self.recording_id, number, at.start_ms, self._captured_at(number), self._ends(number))
        headers = {
            "Authorization": f"Bearer {self.clinic.doctor.token}",
            "Content-Type": "audio/wav",
            "Content-Digest": digest_of(body),
        }
        connection = HTTPConnection(str(address.hostname), address.port)
        connection.request("POST", address.path + path, body, headers)
        ends = time.monotonic() + _PATIENCE
        while not stored():
            assert time.monotonic() < ends, "the piece was not stored"
            time.sleep(0.002)
        connection.close()

    def body(self, number: int) -> bytes:
        """The piece as a file."""
        return wav(self.captured[number].samples.tobytes(), rate=tones.ENCODED_RATE)

    def _opened(self) -> str:
        return str(_answered(lambda: opened(self.clinic.doctor, self.session_id)).body["id"])

    def _ends(self, number: int) -> str:
        return "recording" if number == max(self.captured) else ""

    def _captured_at(self, number: int) -> datetime:
        return self.began + timedelta(milliseconds=self.captured[number].start_ms)


def _number(text: Any) -> int:
    return int(text["number"])


def _answered(send: Callable[[], Reply]) -> Reply:
    """The answer of a function that runs again after a kill."""
    for _ in range(_ATTEMPTS):
        if (reply := send()).status not in _DOWN:
            break
    return reply
