"""A recording was uploaded: have it transcribed."""

from shared.web.jobs import on_object
from shared.workflows import transcribe

main = on_object(transcribe.receive)
