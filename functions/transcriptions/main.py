"""/api/v1/transcriptions"""

from __future__ import annotations

from shared.lazily import lazily
from shared.store.clinic import Clinic
from shared.web.api import Api
from shared.web.operations import CLINICIANS, CONSENTED

with lazily(globals()):
    from shared.records.record import Detailed
    from shared.records.visits.speech import TranscriptionSettings
    from shared.records.visits.transcript_correction import TranscriptCorrection
    from shared.records.visits.transcription import Transcription
    from shared.workflows.visits import regeneration, transcript_corrections, transcripts

api = Api("transcriptions")


@api.get("/{id}", roles=CLINICIANS)
def get(clinic: Clinic, id: str, query: transcripts.TranscriptQuery) -> Detailed[Transcription, transcripts.Segments]:
    """Get a transcription with its segments, as they are now or in an earlier `version` of the text.

    Measures are of the present text.
    """
    return transcripts.get(clinic, id, query)


@api.put("/{id}", roles=CLINICIANS)
def correct(
    clinic: Clinic, id: str, corrections: TranscriptCorrection
) -> Detailed[Transcription, transcripts.Segments]:
    """Correct text and speakers of a completed transcription, by segment or all speakers at once, or undo that.

    The text of the engine stays: every correction is another version, and `restore_version` goes back to one. An
    unsigned report that rests on the transcription gets `transcript_changed`; a signed one keeps the text that it
    cites.
    """
    return transcript_corrections.correct(clinic, id, corrections)


@api.post("/{id}/regenerate", roles=CLINICIANS, status=202, requires_if_match=True, problems=CONSENTED)
def regenerate(clinic: Clinic, id: str, settings: TranscriptionSettings | None) -> Transcription:
    """Transcribe the recording again: after a failure, or with another language or other speakers on its channels.

    Without settings, a transcription that `failed` or heard `no_speech` is `pending` again, and the results of the
    earlier run are null; in any other state, and after the session was cancelled, the answer is 409. With settings, the
    answer is another transcription of the same recording. This one stays readable; the newest one with speech counts
    for the visit, and an unsigned report that rests on an older one gets `transcript_changed`. 409 while this one is
    being transcribed, and once the report is signed.
    """
    return regeneration.regenerate(clinic, id, settings or TranscriptionSettings())


main = api.function()
