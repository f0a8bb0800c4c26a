"""The waiting list: who wants an earlier visit, and offers of a time."""

from __future__ import annotations

from shared.lazily import lazily
from shared.records.scheduling.slot_taken import OutsideSchedule, SlotTaken
from shared.store.clinic import Clinic
from shared.web.api import Api
from shared.web.operations import FRONT_DESK

with lazily(globals()):
    from shared.records.page import Page
    from shared.records.scheduling.waiting import NewOffer, NewWaiting, WaitingList
    from shared.workflows.scheduling import waiting
    from shared.workflows.scheduling.waiting import NamedEntry

api = Api("appointments")
NOT_BOOKABLE = frozenset({SlotTaken, OutsideSchedule})


@api.post("/waiting", roles=FRONT_DESK, status=201)
def add_waiting(clinic: Clinic, new: NewWaiting) -> NamedEntry:
    """Put a patient who wants an earlier visit on the waiting list."""
    return waiting.add(clinic, new)


@api.get("/waiting", roles=FRONT_DESK)
def list_waiting(clinic: Clinic, query: WaitingList) -> Page[NamedEntry]:
    """List the patients who wait or have an offer, first come first."""
    return waiting.listed(clinic, query)


@api.get("/waiting/{id}", roles=FRONT_DESK)
def get_waiting(clinic: Clinic, id: str) -> NamedEntry:
    """Get an entry of the waiting list."""
    return waiting.get(clinic, id)


@api.post("/waiting/{id}/offer", roles=FRONT_DESK, requires_if_match=True, problems=NOT_BOOKABLE)
def offer(clinic: Clinic, id: str, new: NewOffer) -> NamedEntry:
    """Hold a time for a patient who waits, until the patient decides or the offer expires. The front desk calls."""
    return waiting.offer(clinic, id, new)


@api.post("/waiting/{id}/accept", roles=FRONT_DESK, requires_idempotency_key=False, requires_if_match=True)
def accept_offer(clinic: Clinic, id: str) -> NamedEntry:
    """Record that the patient accepts: the offer becomes an ordinary appointment. Not after it has expired."""
    return waiting.accept(clinic, id)


@api.post("/waiting/{id}/decline", roles=FRONT_DESK, requires_idempotency_key=False, requires_if_match=True)
def decline_offer(clinic: Clinic, id: str) -> NamedEntry:
    """Record that the patient declines: the time is free, and the patient waits for another one."""
    return waiting.decline(clinic, id)


@api.delete("/waiting/{id}", roles=FRONT_DESK, status=204)
def remove_waiting(clinic: Clinic, id: str) -> None:
    """Take a patient off the waiting list. An offer is withdrawn; an accepted appointment stays."""
    waiting.remove(clinic, id)


@api.get("/{id}/candidates", roles=FRONT_DESK)
def list_candidates(clinic: Clinic, id: str) -> Page[NamedEntry]:
    """List the patients of the waiting list who fit the time of an appointment that is cancelled, moved or missed.

    At most 50, by priority, then by the time of waiting. Each would see its doctor, who may see the patient, can come
    then, and was not offered this time before. None once the time has begun.
    """
    return waiting.candidates(clinic, id)
