"""Speech-to-Text wrote a result: keep it sealed."""

from shared.web.jobs import on_object
from shared.workflows.visits import recognition

main = on_object(recognition.hear)
