"""Enqueue the messages to the patient that a change of an appointment makes due."""

from shared.web.triggers import on_document_written
from shared.workflows.reminders import following

main = on_document_written(following.follow)
