"""Sync the Firebase account of a user whose record changed."""

from shared.web.triggers import on_document_written
from shared.workflows.clinic import staff

main = on_document_written(staff.follow)
