"""The waiting list: who fits a time that became free, and its offer to them."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from shared.lazily import lazily
from shared.records.patients.patient import Patient
from shared.records.problems import FieldError, raise_if_any
from shared.records.record import Detailed
from shared.records.scheduling.waiting import (
    NewOffer,
    NewWaiting,
    WaitingEntry,
    WaitingList,
    WaitingPatient,
    WaitingStatus,
    in_order,
)
from shared.store import queries
from shared.store.clinic import Clinic
from shared.store.queries import Filter, Order
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.page import Page
    from shared.records.parties import PatientName
    from shared.records.scheduling.appointment import Appointment
    from shared.records.scheduling.types import AppointmentStatus, Offer
    from shared.store import pagination
    from shared.workflows.doctors import active_doctor, doctor_of
    from shared.workflows.scheduling.appointments import save_with_time
    from shared.workflows.scheduling.booked_days import BookedDays
    from shared.workflows.scheduling.booking import doctor_errors, id_for, place

MOST_CONSIDERED = 500
"""Patients who wait longest and are considered for a time."""
MOST_CANDIDATES = 50
OFFER_LOOKED_AT_AFTER = timedelta(minutes=10)
"""The sweep looks at an offer from this age on, which is the shortest one."""
_USUAL_WAIT = timedelta(days=90)
_OLDEST_FIRST = Order("created_at", descending=False)
NamedEntry = Detailed[WaitingEntry, WaitingPatient]


def add(clinic: Clinic, new: NewWaiting) -> NamedEntry:
    """Put a patient on the waiting list."""

    def transaction(work: UnitOfWork) -> NamedEntry:
        ref = Patient.ref(new.patient_id)
        work.prefetch(ref, work.settings_ref())
        patient, today = work.get(ref), work.today()
        unknown = [number for number, id in enumerate(new.doctor_ids) if active_doctor(work, id) is None]
        wrong = [FieldError(f"/doctor_ids/{number}", "not a doctor of this clinic") for number in unknown]
        raise_if_any([*wrong, *new.errors(today)])
        fields = {**dict(new), "patient_id": patient.id, "until": new.until or today + _USUAL_WAIT}
        patient.must_be_living()
        work.touch(patient)  # a deletion or a death that has not seen the entry runs again
        return _named(work, work.create(WaitingEntry.new(id_for(patient.id), work.stamp, **fields)))

    return clinic.perform("waiting.create", transaction)


def get(clinic: Clinic, entry_id: str) -> NamedEntry:
    """An entry of the waiting list."""
    return clinic.perform("waiting.read", lambda work: _named(work, work.get(WaitingEntry.ref(entry_id))))


def listed(clinic: Clinic, query: WaitingList) -> Page[NamedEntry]:
    """The patients who wait or have an offer, first come first."""

    def transaction(work: UnitOfWork) -> Page[NamedEntry]:
        open_ones = sorted({WaitingStatus.WAITING, WaitingStatus.OFFERED})
        filters: list[Filter] = [pagination.LIVE, ("status", "in", open_ones)]
        page = pagination.of_clinic(work, WaitingEntry, query, filters, _OLDEST_FIRST)
        return Page([_named(work, one) for one in page.items], page.next_page_token)

    return clinic.perform("waiting.list", transaction)


def candidates(clinic: Clinic, appointment_id: str) -> Page[NamedEntry]:
    """The patients who fit the time and the doctor of an appointment, in the order of offering."""

    def transaction(work: UnitOfWork) -> Page[NamedEntry]:
        work.expect(work.settings_ref())
        freed = work.get(Appointment.ref(appointment_id))
        doctor_id, zone = freed.doctor_id, work.settings().time_zone
        if doctor_id is None or freed.scheduled_at <= work.now:
            return Page([], None)
        filters: list[Filter] = [pagination.LIVE, ("status", "in", [WaitingStatus.WAITING])]
        found = queries.first(work.clinic_id, WaitingEntry.collection, filters, "created_at", MOST_CONSIDERED)
        local = freed.scheduled_at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        fitting = [
            one
            for one in pagination.visible(work, WaitingEntry, found)
            if one.suits(doctor_id, freed.scheduled_at, local, freed.duration_minutes)
            and (patient := work.get(Patient.ref(one.patient_id))).deceased is None
            and doctor_of(work, doctor_id, patient)
        ]
        return Page([_named(work, one) for one in in_order(fitting)[:MOST_CANDIDATES]], None)

    return clinic.perform("waiting.candidates", transaction)


def offer(clinic: Clinic, entry_id: str, new: NewOffer) -> NamedEntry:
    """Offer a time: an appointment holds it until the offer is accepted, declined or expires. Raises as `book`."""

    def transaction(work: UnitOfWork) -> NamedEntry:
        work.expect(work.settings_ref())
        entry, settings = work.get_for_update(WaitingEntry.ref(entry_id)), work.settings()
        wanted = not entry.doctor_ids or new.doctor_id in entry.doctor_ids
        wrong = [] if wanted else [FieldError("/doctor_id", "the patient waits for other doctors")]
        errors = [*wrong, *new.time_errors(work.now, settings.time_zone)]
        raise_if_any([*errors, *doctor_errors(work, new.doctor_id, entry.patient_id)])
        until = min(work.now + timedelta(minutes=new.expires_in_minutes), new.start(settings.time_zone))
        appointment = Appointment.new(
            id_for(entry.patient_id),
            work.stamp,
            **new.fields(settings.time_zone),
            **{name: getattr(entry, name) for name in ("patient_id", "type", "duration_minutes", "priority")},
            reason_for_visit=entry.reason_for_visit,
            doctor_id=new.doctor_id,
            currency=settings.currency,
            offer=Offer(waiting_id=entry.id, expires_at=until),
        )
        offered = work.save(entry.offered(appointment.id, until, work.stamp))
        work.create(place(work, BookedDays(work), appointment, new))
        return _named(work, offered)

    return clinic.perform("waiting.offer", transaction)


def accept(clinic: Clinic, entry_id: str) -> NamedEntry:
    """Make the offer an ordinary appointment. Raises Conflict after it has expired."""

    def transaction(work: UnitOfWork) -> NamedEntry:
        entry = work.get_for_update(WaitingEntry.ref(entry_id))
        accepted = work.save(entry.accepted(work.stamp))
        work.save(_offered(work, entry).revised(work.stamp, offer=None))
        return _named(work, accepted)

    return clinic.perform("waiting.accept", transaction)


def decline(clinic: Clinic, entry_id: str) -> NamedEntry:
    """Free the time of an offer; the patient waits again."""

    def transaction(work: UnitOfWork) -> NamedEntry:
        entry = work.get_for_update(WaitingEntry.ref(entry_id))
        return _named(work, _pass_over(work, entry))

    return clinic.perform("waiting.decline", transaction)


def expire(clinic: Clinic, entry_id: str) -> str | None:
    """Free the time of an offer that has expired; None if there is none."""

    def transaction(work: UnitOfWork) -> str | None:
        entry = work.get_or_none(WaitingEntry.ref(entry_id))
        if entry is None or entry.status != WaitingStatus.OFFERED or not entry.has_expired(work.now):
            return None
        _pass_over(work, entry)
        return "expired"

    return clinic.perform("waiting.expire", transaction)


def remove(clinic: Clinic, entry_id: str) -> None:
    """Take a patient off the waiting list; an offer is withdrawn."""

    def transaction(work: UnitOfWork) -> None:
        entry = work.get_for_update(WaitingEntry.ref(entry_id))
        if entry.status == WaitingStatus.OFFERED:
            _withdraw(work, entry)
        work.save(entry.emptied())

    clinic.perform("waiting.delete", transaction)


def _pass_over(work: UnitOfWork, entry: WaitingEntry) -> WaitingEntry:
    entry.must_have_offer()
    waiting = entry.passed_over(_offered(work, entry).scheduled_at, work.stamp)
    _withdraw(work, entry)
    return work.save(waiting)


def _withdraw(work: UnitOfWork, entry: WaitingEntry) -> None:
    """Free the time of the offer."""
    offered = _offered(work, entry)
    gone = {"cancelled_at": work.now, "cancelled_by": work.user_id}  # still an offer: nobody is told that it ended
    save_with_time(work, offered, offered.revised(work.stamp, status=AppointmentStatus.CANCELLED, **gone))


def _offered(work: UnitOfWork, entry: WaitingEntry) -> Appointment:
    assert entry.appointment_id is not None
    return work.get(Appointment.ref(entry.appointment_id))


def _named(work: UnitOfWork, entry: WaitingEntry) -> NamedEntry:
    return Detailed(entry, WaitingPatient(patient=PatientName.of(work.get(Patient.ref(entry.patient_id)))))
