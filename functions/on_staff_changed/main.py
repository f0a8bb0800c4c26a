"""Somebody of the staff changed: their account follows."""

from shared.web.triggers import on_document_written
from shared.workflows.clinic import staff

main = on_document_written(staff.follow)
