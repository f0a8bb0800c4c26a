"""Insurance claims of bills."""

from __future__ import annotations

from shared.records.billing import claiming
from shared.records.billing.bill import Bill
from shared.records.billing.insurance import ClaimDecision, NewClaim
from shared.records.billing.ledger import Booked
from shared.records.clinic.settings import ClinicSettings
from shared.records.scheduling.appointment import Appointment
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.billing import payment_links
from shared.workflows.billing.booking import NamedBill


def claim(clinic: Clinic, bill_id: str, new: NewClaim) -> NamedBill:
    """Record that an insurer was asked to pay a part of a bill; the copay is by default that of the appointment."""

    def booked(work: UnitOfWork, bill: Bill, settings: ClinicSettings) -> Booked:  # noqa: ARG001 - the day needs them read
        return claiming.claimed(bill, _with_copay(work, bill, new), work.stamp, day=work.today())

    return payment_links.change(clinic, "bill.claim", bill_id, booked)


def decide(clinic: Clinic, bill_id: str, decision: ClaimDecision) -> NamedBill:
    """Record the insurer's answer; what is not covered is the patient's again."""
    return payment_links.change(
        clinic,
        "bill.decide_claim",
        bill_id,
        lambda work, bill, _: claiming.decided(bill, decision, work.stamp, day=work.today()),
    )


def _with_copay(work: UnitOfWork, bill: Bill, new: NewClaim) -> NewClaim:
    """The claim with the copay that was noted when the visit was booked, unless it names one. Only then the appointment
    is read."""
    if "copay_amount" in new.model_fields_set or bill.appointment_id is None:
        return new
    appointment = work.get_or_none(Appointment.ref(bill.appointment_id))
    noted = appointment.copay_amount if appointment else None
    return new if noted is None else new.model_copy(update={"copay_amount": noted})
