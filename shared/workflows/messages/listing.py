"""Messages as a list: of a patient, or of a clinic in a state."""

from __future__ import annotations

from shared.lazily import lazily
from shared.records.messages.message import PatientMessage
from shared.records.messages.message_list import ShownAddress
from shared.records.page import Page
from shared.records.record import Detailed
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.messages.message import MessageStatus
    from shared.records.messages.message_list import MessageList
    from shared.store import pagination
    from shared.workflows.patients import history

SentMessage = Detailed[PatientMessage, ShownAddress]


def messages(clinic: Clinic, query: MessageList) -> Page[SentMessage]:
    """A page of the messages about a patient, or of all patients in a state, newest first.

    Raises NotFound for a patient the caller may not see.
    """

    def transaction(work: UnitOfWork) -> Page[SentMessage]:
        if query.patient_id is not None:
            found = history.page_of(work, PatientMessage, query.patient_id, query)  # few: the state is compared here
        else:
            filters = [pagination.LIVE, ("status", "==", query.status or MessageStatus.UNKNOWN)]
            found = pagination.of_clinic(work, PatientMessage, query, filters)
        asked = [one for one in found.items if query.status in (None, one.status)]
        return Page([shown(one) for one in asked], found.next_page_token)

    return clinic.perform("message.list", transaction)


def shown(message: PatientMessage) -> SentMessage:
    """The message as people see it."""
    return Detailed(message, ShownAddress.of(message))
