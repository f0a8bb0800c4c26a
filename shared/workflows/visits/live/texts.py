"""The live text of a session: what was heard of each piece, on any screen, as soon as it is known."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from pydantic import Field

from shared.records.event import Event, Events
from shared.records.record import Value
from shared.records.types import Id, Moment
from shared.records.visits.live.piece import LivePiece, TextStatus
from shared.records.visits.session import Session
from shared.store import live_texts, queries
from shared.store.clinic import Clinic
from shared.store.pagination import LIVE
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import consent_gate
from shared.workflows.visits.refs import expect

MOST_TEXTS = 100
"""Of one poll."""
POLL_SECONDS = 0.3
"""Between two polls of a stream: half of it is what a text waits on average."""
_LAST_EVENT = 10**9
_EVENT = re.compile(r"[0-9]{1,9}")


class LiveText(Value):
    """What was heard of one piece: provisional, until the whole recording is transcribed."""

    event: int
    """Its number among the texts of the session, in the order in which they became known. Pieces may come late: show
    them by recording and number."""
    recording_id: Id
    number: int
    """Of the piece."""
    start_ms: int
    """Milliseconds that the recorder captured before the piece; pauses do not count."""
    end_ms: int
    captured_at: Moment
    """When the piece began, by the recorder's clock."""
    text: str | None
    """Null if there is no text."""
    text_status: TextStatus

    @classmethod
    def of(cls, piece: LivePiece) -> Self:
        alike = {name: getattr(piece, name) for name in cls.model_fields if name != "text"}
        return cls(text=piece.shown_text, **alike)


class LiveTextQuery(Value):
    """The texts that the client has not got yet."""

    after: int = Field(default=0, ge=0, le=_LAST_EVENT)
    """The `last_event` of the previous answer; 0: all texts."""


class LiveTexts(Value):
    """Some live texts of a session, in the order in which they became known."""

    items: list[LiveText]
    last_event: int
    """Send it as `after` next time."""
    final: bool
    """True if the session is over and no text is left."""


def page(clinic: Clinic, session_id: str, query: LiveTextQuery) -> LiveTexts:
    """The next texts, at most MOST_TEXTS. Raises ConsentMissing as `follow` does."""

    def transaction(work: UnitOfWork) -> LiveTexts:
        session = _admitted(work, session_id)
        texts = _Source(work, session.id).after(query.after)
        last = texts[-1].event if texts else query.after
        return LiveTexts(items=texts, last_event=last, final=not session.open and len(texts) < MOST_TEXTS)

    return clinic.perform("session.read_live", transaction)


def follow(clinic: Clinic, session_id: str) -> Callable[[str], Events[LiveText]]:
    """Admit the caller to the session, once; returns the function that reads the texts after one: two documents a call,
    and a query if there are new texts.

    Raises ConsentMissing when a consent to the recording is withdrawn and the clinic then deletes recordings.
    """

    def transaction(work: UnitOfWork) -> _Source:
        return _Source(work, _admitted(work, session_id).id)

    return clinic.perform("session.follow_live", transaction).events


def _admitted(work: UnitOfWork, session_id: str) -> Session:
    expect(work, session_id, *consent_gate.refs(work, session_id))
    session = work.get(Session.ref(session_id))
    consent_gate.require_kept(work, session.id)
    return session


@dataclass(frozen=True)
class _Source:
    """The texts of a session for a caller who was admitted to it."""

    work: UnitOfWork
    session_id: str

    def events(self, seen: str) -> Events[LiveText]:
        """The texts after the event of this id; after one that no text has, all."""
        counted = live_texts.count(self.work.clinic_id, self.session_id)
        after = int(seen) if _EVENT.fullmatch(seen) and int(seen) <= counted.texts else 0
        texts = self.after(after) if counted.texts > after else []
        got = texts[-1].event if texts else after
        events = [Event(str(text.event), text) for text in texts]
        return Events(events, final=not counted.running and got >= counted.texts)

    def after(self, event: int) -> list[LiveText]:
        filters = [LIVE, ("event", ">", event)]
        pieces = f"sessions/{self.session_id}/{LivePiece.collection}"
        found = queries.first(self.work.clinic_id, pieces, filters, "event", MOST_TEXTS)
        return [LiveText.of(self.work.from_snapshot(LivePiece, snapshot)) for snapshot in found]
