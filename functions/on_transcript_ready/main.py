"""Speech-to-Text wrote a result: keep it sealed."""

from shared.web.jobs import on_object
from shared.workflows import transcribe

main = on_object(transcribe.hear)
