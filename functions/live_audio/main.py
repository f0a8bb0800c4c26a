"""/api/v1/sessions/{id}/audio and /api/v1/sessions/{id}/transcript/live"""

from __future__ import annotations

from typing import Annotated

from shared.lazily import lazily
from shared.records.visits.live.in_the_way import AnotherRecorder
from shared.records.visits.live.piece import LARGEST_PIECE
from shared.records.visits.live.recorded import PIECE_TYPES
from shared.store.clinic import Clinic
from shared.web.api import Api
from shared.web.event_stream import EventStream
from shared.web.operations import CLINICIANS, CONSENTED, DOCTORS, NONE_YET
from shared.web.signatures import RawBody

with lazily(globals()):
    from shared.records.created import Created
    from shared.records.page import Page
    from shared.records.visits.live.accounts import NewLoss
    from shared.records.visits.live.piece import Receipt, SentPiece
    from shared.records.visits.live.recorded import NewLiveRecording, PieceNumber
    from shared.records.visits.live.shown import ShownAudio
    from shared.records.visits.recording import Recording
    from shared.workflows.visits.live import opening, receiving, showing, texts
    from shared.workflows.visits.live.texts import LiveText, LiveTextQuery, LiveTexts

api = Api("sessions")

Audio = Annotated[bytes, RawBody(PIECE_TYPES, LARGEST_PIECE, digested=True)]


@api.post(
    "/{id}/audio",
    roles=CLINICIANS,
    status=201,
    requires_idempotency_key=False,
    problems=CONSENTED | {AnotherRecorder},
)
def open_live_recording(clinic: Clinic, id: str, new: NewLiveRecording) -> Created[Recording]:
    """Open a live recording, whose audio comes in pieces from one recorder.

    With the `recorder_id` of a recording that is going on it is 200 with that recording: a recorder goes on with it
    after a reload. While another recorder has the session it is 409 `another-recorder`, which says since when. With
    `take_over` this one records from now on, in a recording of its own; what the other one captured before may still
    be sent. Needs a session that runs, and the consents of a recording.
    """
    return opening.open_recording(clinic, id, new)


@api.get("/{id}/audio", roles=CLINICIANS)
def live_audio(clinic: Clinic, id: str) -> ShownAudio:
    """Get what arrived of each live recording, what is missing, and what was declared lost.

    A recorder reads it after a reload: it sends what is missing and goes on.
    """
    return showing.shown(clinic, id)


@api.post(
    "/{id}/audio/pieces/{number}",
    roles=CLINICIANS,
    status=201,
    requires_idempotency_key=False,
    problems=CONSENTED,
)
def send_piece(clinic: Clinic, id: str, number: PieceNumber, sent: SentPiece, audio: Audio) -> Created[Receipt]:
    """Send a piece of a live recording; the answer is the receipt that it is stored.

    A piece is a whole file of 2 to 55 seconds: WAV of 16 bits, FLAC, Opus in Ogg or WebM, at most 10,000,000 bytes.
    Its number, from 1, is the key: the same bytes again are 200 with the same receipt, others 409 `piece_differs`.
    Pieces may come late, twice and in any order, also after the session is completed, until the recording is joined.
    `text` is what was heard; a piece that is not recognised is kept all the same. 409 says in `code` why a piece is
    not taken, 403 `consent-missing` which consent it lacks. A receipt is never taken back: delete the piece then.
    """
    return receiving.receive(clinic, id, number, audio, sent)


@api.get("/{id}/audio/pieces", roles=CLINICIANS, problems=NONE_YET)
def list_receipts(clinic: Clinic, id: str, query: showing.ReceiptList) -> Page[Receipt]:
    """List the receipts of a live recording, by number."""
    return showing.receipts(clinic, id, query)


@api.post("/{id}/audio/lost", roles=DOCTORS)
def declare_lost(clinic: Clinic, id: str, new: NewLoss) -> ShownAudio:
    """Declare pieces lost that are missing. For the doctor of the visit.

    With `end_after`, whatever the recorder had after that piece is lost, too. Who declared it, when and why is kept.
    A piece that comes after all, before the pieces are joined, is taken and no longer lost.
    """
    return showing.declare_lost(clinic, id, new)


@api.get("/{id}/transcript/live", roles=CLINICIANS, problems=CONSENTED)
def follow_live_text(clinic: Clinic, id: str) -> EventStream[LiveText]:
    """Follow what is heard in a session that is recorded in pieces, as server-sent events.

    Each piece's text is one event, in the order in which the texts became known; the first events are those that the
    client has not got yet. The text is provisional: the transcript of the whole recording replaces it. The stream
    closes after 50 seconds; reconnect with Last-Event-ID until the answer is 204, when the session is over. `progress`
    has the states.
    """
    return EventStream(texts.follow(clinic, id), texts.POLL_SECONDS)


@api.get("/{id}/transcript/live/texts", roles=CLINICIANS, problems=CONSENTED)
def list_live_texts(clinic: Clinic, id: str, query: LiveTextQuery) -> LiveTexts:
    """Get what was heard since the last answer, for clients that cannot read a stream.

    Send `last_event` as `after` next time, every two seconds or so, until `final`.
    """
    return texts.page(clinic, id, query)


main = api.function()
