"""A recording was uploaded: have it transcribed."""

from shared.web.jobs import on_object
from shared.workflows.visits import recognition

main = on_object(recognition.receive)
