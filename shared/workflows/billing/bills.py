"""Billing: a completed session is billed by the clinic's fees; payments are recorded against the bill."""

from __future__ import annotations

from shared.records import numbering
from shared.records.billing.bill import Bill, NewPayment
from shared.records.clinic.people import UserProfile
from shared.records.letterhead import Issuer, Subject
from shared.records.patients.patient import Patient
from shared.records.record import patient_of
from shared.records.types import local_date, new_id
from shared.records.visits.session import Session, SessionStatus
from shared.render.pdf import bill_pdf
from shared.store.clinic import Clinic
from shared.store.work import Work
from shared.workflows import documents


def bill_session(clinic: Clinic, session_id: str) -> None:
    """A session was completed: issue its bill, or leave a draft where the clinic has set no fee."""

    def story(work: Work) -> None:
        place = Session.at(session_id)
        work.fetch(place, Bill.at(f"{session_id}-bill"), work.settings_place(), numbering.BILLS)
        session = work.get(place)
        if session.status != SessionStatus.COMPLETED or work.find(Bill.at(session.bill_id)) is not None:
            return
        settings = work.settings()
        bill = Bill.for_session(session, settings, by=work.user_id, at=work.now)
        if not bill.needs_pricing:
            series = numbering.bills(
                local_date(work.now, settings.time_zone),
                settings.financial_year_starts_in,
                gst=settings.gst_number is not None,
            )
            bill = bill.issued(work.next_number(series, bill.id), settings)
        work.create(bill)
        work.save(session.revised(by=work.user_id, at=work.now, billing_amount=bill.total_amount))
        work.progress(session.id, bill=bill.status)

    clinic.perform("bill.create", story)


def get(clinic: Clinic, bill_id: str) -> Bill:
    """A bill."""
    return clinic.perform("bill.read", lambda work: work.get(Bill.at(bill_id)))


def pay(clinic: Clinic, bill_id: str, new: NewPayment) -> Bill:
    """Record a payment that was received."""

    def story(work: Work) -> Bill:
        bill = work.edit(Bill.at(bill_id))
        return work.save(bill.paid(new, new_id(), by=work.user_id, at=work.now))

    return clinic.perform("bill.pay", story)


def pdf(clinic: Clinic, bill_id: str) -> tuple[bytes, Bill]:
    """The bill as PDF."""

    def story(work: Work) -> tuple[bytes, Bill]:
        work.fetch(Bill.at(bill_id), work.settings_place())
        bill = work.get(Bill.at(bill_id))
        patient, settings = work.get(Patient.at(patient_of(bill.id))), work.settings()
        profile = work.find(UserProfile.at(bill.doctor_id)) if bill.doctor_id else None
        issuer, subject = Issuer.of(profile, settings), Subject.of(patient)
        return bill_pdf(documents.bill_document(bill, issuer, subject, settings.time_zone)), bill

    return clinic.perform("bill.export", story)
