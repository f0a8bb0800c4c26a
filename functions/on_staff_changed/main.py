"""Sync the Firebase account of a user whose record changed."""

from shared.web.triggers import on_document_written
from shared.workflows.clinic import account_sync

main = on_document_written(account_sync.follow)
