"""Store a Speech-to-Text result sealed, and request the report that follows."""

from shared.web.triggers import on_object_finalized
from shared.workflows.reports import first_report
from shared.workflows.visits import strange_objects

main = on_object_finalized(first_report.store, strange_objects.discard_result)
