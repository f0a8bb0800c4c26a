"""Let the Firebase account and the appointments of a user follow the user's record."""

from shared.web.triggers import on_document_written
from shared.workflows.clinic import staff_changes

main = on_document_written(staff_changes.follow)
