"""Log entries about messages that did not get through, by ids."""

from __future__ import annotations

import logging

from shared.records.messages.message import Message
from shared.store.unit_of_work import UnitOfWork

_log = logging.getLogger("synapse.jobs")


def warned(work: UnitOfWork, message: Message) -> Message:
    """Log a message that is over and did not get through; returns it."""
    if not message.is_unfinished:
        about = {"kind": "message", "id": message.id, "clinic_id": work.clinic_id}
        _log.warning(
            "a message did not get through", extra={**about, "action": message.status, "reason": message.error_code}
        )
    return message
