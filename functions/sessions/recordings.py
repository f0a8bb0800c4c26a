"""Recordings of a session, and their transcript."""

from __future__ import annotations

from shared.lazily import lazily
from shared.store.clinic import Clinic
from shared.web.api import Api
from shared.web.operations import CLINICIANS, CONSENTED, GONE, LIMITED, NONE_YET

with lazily(globals()):
    from shared.records.page import Page, PageQuery
    from shared.records.record import Detailed
    from shared.records.visits.recording import NewUpload, Recording
    from shared.records.visits.transcription import Transcription
    from shared.workflows.visits import deletion, playback, recordings, transcripts

api = Api("sessions")


@api.get("/{id}/recordings", roles=CLINICIANS)
def list_recordings(clinic: Clinic, id: str, page: PageQuery) -> Page[Detailed[Recording, recordings.Upload]]:
    """List a session's recordings, newest first, with their status and the reason of a refusal.

    `upload_url` of an upload that is still open lets another device go on with it.
    """
    return recordings.listed(clinic, id, page)


@api.post("/{id}/recordings", roles=CLINICIANS, status=201, problems=LIMITED | CONSENTED)
def open_upload(clinic: Clinic, id: str, new: NewUpload) -> Detailed[Recording, recordings.Upload]:
    """Open the upload of a recording.

    Send the audio to `upload_url` as a resumable upload of Cloud Storage; the rest follows by itself. At most five
    uploads of a session are open at a time: the sixth is 429, until one ends or the oldest expires after eight days.
    Without the consents of the patient that the clinic requires for a recording it is 403 `consent-missing`.
    """
    return recordings.open_upload(clinic, id, new)


@api.delete("/{id}/recordings/{recording_id}", roles=CLINICIANS)
def delete_recording(clinic: Clinic, id: str, recording_id: str) -> Recording:
    """Delete a recording with its text, or cancel an upload that did not end. For the doctor of the visit and admins.

    If-Match is the recording's revision, as the list of recordings has it. A running transcription ends with
    `recording_deleted`, and audio that arrives later is discarded. Drafts of reports made from the recording fail with
    `recording_deleted`: request them again from another recording, or write them by hand. 409 when a signed report
    contains the recording. Another recording may be uploaded at any time.
    """
    return deletion.delete(clinic, id, recording_id)


@api.get("/{id}/recordings/{recording_id}/playback", roles=CLINICIANS, problems=NONE_YET | GONE | CONSENTED)
def play(clinic: Clinic, id: str, recording_id: str, query: playback.PlaybackQuery) -> playback.Playback:
    """Get a URL that plays a recording from a segment's time on, for five minutes.

    For callers who may read the transcript; every URL is in the audit trail. 404 `none-yet` while the recording is
    awaited; 410 `gone` when its audio was refused, never came or is deleted; 403 `consent-missing` when a consent to it
    is withdrawn and the clinic then deletes recordings.
    """
    return playback.playback(clinic, id, recording_id, query)


@api.get("/{id}/transcription", roles=CLINICIANS, problems=NONE_YET)
def transcription(clinic: Clinic, id: str) -> Detailed[Transcription, transcripts.VisitText]:
    """Get the transcript of a session: of all its recordings with speech, joined in their order.

    Segments are numbered through the visit; `start_ms` and `end_ms` count from the beginning of the segment's own
    recording. The measures are of the whole visit; the other fields are of the newest transcription with speech, or of
    the newest one if there is no speech. `transcriptions` says what became of each recording.
    """
    return transcripts.of_session(clinic, id)
