"""Operations on live recordings, whose audio comes in pieces."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from shared.records.event import Event
from shared.records.permissions import Action
from shared.records.record import Stamp
from shared.records.visits.live.accounts import NewLoss
from shared.records.visits.live.piece import LiveWord, TextStatus
from shared.records.visits.live.shown import ShownAudio, ShownRecording
from shared.workflows.visits.live.texts import LiveText, LiveTexts
from tools.openapi import live_factories
from tools.openapi.live_factories import RECORDER_ID
from tools.openapi.operation_cases.case import OperationCase, Placeholder, State, page
from tools.openapi.operation_cases.sample_clinic import BEGAN, DOCTOR
from tools.openapi.operation_cases.visits import OF_SESSION, SESSION

_STAMP = Stamp(DOCTOR, BEGAN + timedelta(minutes=1))
_RECORDING = live_factories.live_recording(SESSION.recording_id(1), SESSION.id, _STAMP)
_HEARD = "I wake at four, three or four nights a week."
_PIECE = live_factories.live_piece(
    _RECORDING.id,
    2,
    _STAMP,
    text=_HEARD,
    words=[LiveWord(text=_HEARD, start_ms=10_000, end_ms=14_000)],
    text_status=TextStatus.RECOGNISED,
    generation=1_757_825_640_120_000,
)
_OPENED = live_factories.live_audio(SESSION.id, _STAMP).opened(_RECORDING.id, RECORDER_ID, _STAMP.at)
_ACCOUNT = _OPENED.of(_RECORDING.id)
for _number in (1, 3):
    _ACCOUNT = _ACCOUNT.with_piece(_number, 320_044, 10_000, _STAMP.at, last=False)
_ARRIVED = _OPENED.replaced(_ACCOUNT)
_LOST = {
    "recording_id": _RECORDING.id,
    "numbers": [2],
    "end_after": 3,
    "reason": "The battery of the telephone was empty.",
}
_DECLARED = _ARRIVED.with_loss(NewLoss.model_validate(_LOST), _STAMP)
_TEXT = LiveText.of(_PIECE)
_SENT: Mapping[str, Any] = {
    "recording_id": _RECORDING.id,
    "start_ms": 10_000,
    "captured_at": (_STAMP.at + timedelta(seconds=10)).isoformat(),
    "ends": "pause",
}

CASES: Mapping[str, OperationCase] = {
    "sessions.open_live_recording": OperationCase(
        path=OF_SESSION,
        body={"recorder_id": RECORDER_ID, "content_type": "audio/wav", "take_over": False},
        answer=_RECORDING,
        action=Action.RECORD_VISIT,
    ),
    "sessions.live_audio": OperationCase(
        path=OF_SESSION,
        answer=ShownAudio(recordings=[ShownRecording.of(_ACCOUNT, _RECORDING, [])]),
        state=State.LIVE,
        action=Action.READ_VISIT,
    ),
    "sessions.send_piece": OperationCase(
        path={**OF_SESSION, "number": "2"},
        query=_SENT,
        answer=_PIECE.receipt,
        state=State.LIVE,
        action=Action.RECORD_VISIT,
        test_query={**_SENT, "captured_at": Placeholder.NOW},
        test_body=Placeholder.PIECE,
    ),
    "sessions.list_receipts": OperationCase(
        path=OF_SESSION,
        query={"recording_id": _RECORDING.id},
        answer=page(_PIECE.receipt),
        state=State.LIVE,
        action=Action.READ_VISIT,
    ),
    "sessions.declare_lost": OperationCase(
        path=OF_SESSION,
        body=_LOST,
        answer=ShownAudio(recordings=[ShownRecording.of(_DECLARED.recordings[0], _RECORDING, _DECLARED.losses)]),
        state=State.LIVE,
        action=Action.DECLARE_LOST,
    ),
    "sessions.follow_live_text": OperationCase(
        path=OF_SESSION, answer=Event(str(_TEXT.event), _TEXT), state=State.LIVE, action=Action.READ_VISIT
    ),
    "sessions.list_live_texts": OperationCase(
        path=OF_SESSION,
        query={"after": 0},
        answer=LiveTexts(items=[_TEXT], last_event=_TEXT.event, final=False),
        state=State.LIVE,
        action=Action.READ_VISIT,
    ),
}
