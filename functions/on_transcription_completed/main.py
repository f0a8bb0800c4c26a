"""Request the report of a transcription that was completed; discard the recording of a session that was cancelled."""

from shared.records.visits.uneventful import transcription_is_uneventful
from shared.web.triggers import on_document_written
from shared.workflows.reports import requesting

main = on_document_written(requesting.request_first, transcription_is_uneventful)
