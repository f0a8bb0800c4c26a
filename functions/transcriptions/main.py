"""/api/v1/transcriptions"""

from __future__ import annotations

from shared.records.record import Detailed
from shared.records.visits.transcription import Transcription
from shared.store.clinic import Clinic
from shared.web.api import Api
from shared.web.operations import CLINICIANS
from shared.workflows.visits import recognition, transcripts

api = Api("transcriptions")


@api.get("/{id}", roles=CLINICIANS)
def get(clinic: Clinic, id: str) -> Detailed[Transcription, transcripts.Segments]:
    """Get a transcription with its segments."""
    return transcripts.get(clinic, id)


@api.post("/{id}/regenerate", roles=CLINICIANS, status=202, requires_if_match=True)
def regenerate(clinic: Clinic, id: str) -> Transcription:
    """Request a failed transcription again, from the same recording."""
    return recognition.retry(clinic, id)


main = api.function()
