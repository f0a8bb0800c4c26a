"""/api/v1/sessions/{id}/audio and /api/v1/sessions/{id}/transcript/live"""

from __future__ import annotations

from shared.store.clinic import Clinic
from shared.web.api import Api
from shared.web.event_stream import EventStream
from shared.web.operations import CLINICIANS, CONSENTED
from shared.workflows.visits import live_texts
from shared.workflows.visits.live_texts import LiveText, LiveTextQuery, LiveTexts

api = Api("sessions")


@api.get("/{id}/transcript/live", roles=CLINICIANS, problems=CONSENTED)
def follow_live_text(clinic: Clinic, id: str) -> EventStream[LiveText]:
    """Follow what is heard in a session that is recorded in pieces, as server-sent events.

    Each piece's text is one event, in the order in which the texts became known; the first events are those that the
    client has not got yet. The text is provisional: the transcript of the whole recording replaces it. The stream
    closes after 50 seconds; reconnect with Last-Event-ID until the answer is 204, when the session is over. `progress`
    has the states.
    """
    return EventStream(live_texts.follow(clinic, id), live_texts.POLL_SECONDS)


@api.get("/{id}/transcript/live/texts", roles=CLINICIANS, problems=CONSENTED)
def list_live_texts(clinic: Clinic, id: str, query: LiveTextQuery) -> LiveTexts:
    """Get what was heard since the last answer, for clients that cannot read a stream.

    Send `last_event` as `after` next time, every two seconds or so, until `final`.
    """
    return live_texts.page(clinic, id, query)


main = api.function()
