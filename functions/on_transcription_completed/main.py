"""Request the report of a transcription that was completed; discard the recording of a session that was cancelled."""

from __future__ import annotations

from shared.lazily import lazily
from shared.records.visits.uneventful import transcription_is_uneventful
from shared.store.clinic import Clinic
from shared.web.triggers import on_document_written

with lazily(globals()):  # most events are uneventful
    from shared.workflows.reports import requesting


def request(clinic: Clinic, transcription_id: str) -> None:
    requesting.request_first(clinic, transcription_id)


main = on_document_written(request, transcription_is_uneventful)
