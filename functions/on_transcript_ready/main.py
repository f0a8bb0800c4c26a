"""Store a Speech-to-Text result sealed."""

from shared.web.triggers import on_object_finalized
from shared.workflows.visits import recognition, strange_objects

main = on_object_finalized(recognition.store_result, strange_objects.discard_result)
