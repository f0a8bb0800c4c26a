"""Links for patients to the page of their appointment. A message that names the time of an appointment has one."""

from __future__ import annotations

from shared.records.links.link import MOST_OPENINGS
from shared.records.links.passcode import PasscodeKind
from shared.records.links.purpose import LinkPurpose
from shared.records.links.visit import AgreedVisit
from shared.records.scheduling.appointment import Appointment
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.links import issuing
from shared.workflows.links.issuing import IssuedLink, NewLink


def link_for(work: UnitOfWork, appointment: Appointment) -> IssuedLink:
    """A new link to the page of an appointment, created in this commit. `url` is known only now.

    It holds until the visit begins, for the time and doctor that the appointment has now: once it is moved, cancelled
    or given to another doctor, the page says so and does nothing. Each message has a link of its own.
    """
    return issuing.issue(
        work,
        NewLink(
            LinkPurpose.APPOINTMENT,
            appointment.id,
            appointment.patient_id,
            PasscodeKind.DATE_OF_BIRTH,
            opens_until=appointment.scheduled_at,
            most_openings=MOST_OPENINGS,
            visit=agreed(appointment),
        ),
    )


def agreed(appointment: Appointment) -> AgreedVisit:
    """What the patient is told of an appointment, and what a link holds for."""
    return AgreedVisit(**{name: getattr(appointment, name) for name in AgreedVisit.model_fields})
