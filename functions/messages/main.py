"""/api/v1/messages"""

from __future__ import annotations

from shared.lazily import lazily
from shared.store.clinic import Clinic
from shared.web.api import Api
from shared.web.operations import FRONT_DESK

with lazily(globals()):
    from shared.records.messages.message_list import MessageList
    from shared.records.page import Page
    from shared.workflows.messages import listing, resending
    from shared.workflows.messages.listing import SentMessage

api = Api("messages")


@api.get("/", roles=FRONT_DESK)
def list_messages(clinic: Clinic, query: MessageList) -> Page[SentMessage]:
    """List the messages about a patient, or those of all patients in a state, newest first.

    Of an address only enough is shown to recognise it. What a message said is not kept.
    """
    return listing.messages(clinic, query)


@api.post("/{id}/resend", roles=FRONT_DESK, requires_idempotency_key=False, requires_if_match=True)
def resend(clinic: Clinic, id: str) -> SentMessage:
    """Send a message again that failed, or of which nobody can tell whether it was sent (`unknown`).

    Ask the recipient first: an unknown mail may arrive twice. An unknown text message is looked up at the provider, and
    sent only if it is not there.
    """
    return resending.resend(clinic, id)


main = api.function()
