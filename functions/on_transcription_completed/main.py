"""A transcription changed: when it is completed, have the report written."""

from shared.web.jobs import on_document
from shared.workflows.reports import drafting

main = on_document(drafting.request_first)
