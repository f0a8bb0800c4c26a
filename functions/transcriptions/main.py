"""/api/v1/transcriptions"""

from __future__ import annotations

from shared.records.record import Detailed
from shared.records.visits.transcription import Transcription
from shared.store.clinic import Clinic
from shared.web.api import Api
from shared.web.operations import CLINICIANS, CONSENTED
from shared.workflows.visits import recognition, transcripts

api = Api("transcriptions")


@api.get("/{id}", roles=CLINICIANS)
def get(clinic: Clinic, id: str) -> Detailed[Transcription, transcripts.Segments]:
    """Get a transcription with its segments."""
    return transcripts.get(clinic, id)


@api.post("/{id}/regenerate", roles=CLINICIANS, status=202, requires_if_match=True, problems=CONSENTED)
def regenerate(clinic: Clinic, id: str) -> Transcription:
    """Request a transcription again that `failed` or heard `no_speech`, from the same recording.

    In any other state, and after the session was cancelled, the answer is 409. The transcription is `pending` again,
    and the results of the earlier run are null.
    """
    return recognition.retry(clinic, id)


main = api.function()
