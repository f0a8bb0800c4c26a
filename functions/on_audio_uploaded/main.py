"""Transcribe an uploaded recording."""

from shared.web.triggers import on_object_finalized
from shared.workflows.visits import receiving, strange_objects

main = on_object_finalized(receiving.receive, strange_objects.discard_recording)
