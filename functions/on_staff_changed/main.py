"""Somebody of the staff changed: their account follows."""

from shared.web.jobs import on_document
from shared.workflows.clinic import staff

main = on_document(staff.follow)
