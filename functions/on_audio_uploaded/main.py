"""Transcribe an uploaded recording."""

from shared.web.triggers import on_object_finalized
from shared.workflows.visits import recognition

main = on_object_finalized(recognition.receive)
