"""/api/v1/appointments"""

from __future__ import annotations

from shared.records.page import Page
from shared.records.scheduling.appointment import AppointmentList, NewAppointment
from shared.store.clinic import Clinic
from shared.web.api import Api
from shared.web.operations import FRONT_DESK
from shared.workflows.scheduling import appointments
from shared.workflows.scheduling.appointments import NamedAppointment

api = Api("appointments")


@api.post("/", roles=FRONT_DESK, status=201)
def book(clinic: Clinic, new: NewAppointment) -> NamedAppointment:
    """Book a visit of a patient to a doctor."""
    return appointments.book(clinic, new)


@api.get("/", roles=FRONT_DESK)
def list_day(clinic: Clinic, query: AppointmentList) -> Page[NamedAppointment]:
    """List the appointments of a day, or of today and later, in the order of their times."""
    return appointments.listed(clinic, query)


@api.get("/{id}", roles=FRONT_DESK)
def get(clinic: Clinic, id: str) -> NamedAppointment:
    """Get an appointment."""
    return appointments.get(clinic, id)


main = api.function()
