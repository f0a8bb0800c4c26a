"""Notify the doctor of a report whose draft is ready."""

from shared.web.triggers import on_document_written
from shared.workflows.reports import notifying

main = on_document_written(notifying.send)
"""On the creation of a notice only: its own changes of the notice cause no further event."""
