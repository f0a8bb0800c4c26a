"""Issue the bill of a session that was completed."""

from __future__ import annotations

from shared.lazily import lazily
from shared.records.visits.uneventful import session_is_uneventful
from shared.store.clinic import Clinic
from shared.web.triggers import on_document_written

with lazily(globals()):  # most events are uneventful
    from shared.workflows.billing import bills


def bill(clinic: Clinic, session_id: str) -> None:
    bills.bill_session(clinic, session_id)


main = on_document_written(bill, session_is_uneventful)
