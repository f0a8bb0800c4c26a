"""A transcription changed: when it is completed, have the report written."""

from shared.web.jobs import on_document
from shared.workflows import reports

main = on_document(reports.request_first)
