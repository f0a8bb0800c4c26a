"""Store a Speech-to-Text result sealed."""

from shared.web.triggers import on_object_finalized
from shared.workflows.visits import results, strange_objects

main = on_object_finalized(results.store, strange_objects.discard_result)
