"""Operations on messages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from shared.records.messages.message import MessageStatus
from shared.records.messages.message_list import ShownAddress
from shared.records.record import Detailed, Stamp
from tools.openapi import message_factories
from tools.openapi.operation_cases.case import OperationCase, State, page
from tools.openapi.operation_cases.patients import PATIENT
from tools.openapi.operation_cases.sample_clinic import DESK, ENDED

_QUEUED = message_factories.patient_message(PATIENT, Stamp("system", ENDED))
MESSAGE = _QUEUED.claimed(Stamp("system", ENDED)).failed(Stamp("system", ENDED), "twilio_21408")
_RESENT = MESSAGE.resent(Stamp(DESK, ENDED + timedelta(hours=1)))

CASES: Mapping[str, OperationCase] = {
    "messages.list_messages": OperationCase(
        query={"status": MessageStatus.FAILED.value},
        answer=page(Detailed(MESSAGE, ShownAddress.of(MESSAGE))),
        state=State.CLINIC,
    ),
    "messages.resend": OperationCase(path={"id": MESSAGE.id}, answer=Detailed(_RESENT, ShownAddress.of(_RESENT))),
}
