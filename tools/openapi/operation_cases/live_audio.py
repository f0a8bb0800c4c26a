"""Operations of sessions that are recorded live."""

from __future__ import annotations

from collections.abc import Mapping

from shared.records.event import Event
from shared.records.permissions import Action
from shared.records.visits.live.piece import TextStatus
from shared.workflows.visits.live_texts import LiveText, LiveTexts
from tools.openapi.operation_cases.case import OperationCase
from tools.openapi.operation_cases.sample_clinic import BEGAN
from tools.openapi.operation_cases.visits import OF_SESSION, SESSION

_TEXT = LiveText(
    event=1,
    recording_id=SESSION.recording_id(1),
    number=1,
    start_ms=0,
    end_ms=10_000,
    captured_at=BEGAN,
    text="How have you been sleeping?",
    text_status=TextStatus.RECOGNISED,
)

CASES: Mapping[str, OperationCase] = {
    "sessions.follow_live_text": OperationCase(
        path=OF_SESSION, answer=Event(str(_TEXT.event), _TEXT), action=Action.READ_VISIT
    ),
    "sessions.list_live_texts": OperationCase(
        path=OF_SESSION,
        query={"after": 0},
        answer=LiveTexts(items=[_TEXT], last_event=_TEXT.event, final=False),
        action=Action.READ_VISIT,
    ),
}
