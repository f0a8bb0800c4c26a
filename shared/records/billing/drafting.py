"""Drafts of bills: priced by the clinic's fees or by a person, until they are issued."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shared.records.billing.bill import Bill
from shared.records.billing.diagnosing import UNCHANGED, Diagnosis
from shared.records.billing.lines import Discount, NewLine
from shared.records.billing.pricing import Priced, PricingRules, priced
from shared.records.billing.requests import Amendment, BillChange, NewBill, Split
from shared.records.billing.types import BillStatus, BillType, DocumentType
from shared.records.clinic.settings import ClinicSettings, Fee, PlaceOfSupply
from shared.records.patients.patient import Patient
from shared.records.problems import raise_if_any
from shared.records.record import Stamp
from shared.records.taxes.gstin import state_named
from shared.records.taxes.treatment import Supply
from shared.records.types import local_date
from shared.records.visits.session import Session

_PRICE = (
    *("bill_type", "status", "needs_pricing", "document_type", "currency", "line_items", "procedure_codes"),
    *("place_of_supply", "subtotal", "discount_amount", "taxable_amount", "taxes", "tax_amount", "round_off"),
    "total_amount",
)
"""The fields of a draft that follow from its session and the clinic's fees."""
_TOTALS = ("document_type", "taxable_amount", "taxes", "tax_amount", "round_off", "total_amount")


def of_session(session: Session, patient: Patient, clinic: ClinicSettings, stamp: Stamp) -> Bill:
    """The draft of a completed session; `needs_pricing` is set if the clinic has no matching fee."""
    fee = clinic.fee_for(session.type.value, session.total_duration_minutes or 0, session.doctor_id)
    services = [_service(session, fee)] if fee else []
    return Bill.new(
        session.bill_id,
        stamp,
        session_id=session.id,
        patient_id=session.patient_id,
        doctor_id=session.doctor_id,
        appointment_id=session.appointment_id,
        bill_type=session.type.value,
        status=BillStatus.DRAFT,
        needs_pricing=fee is None,
        bill_date=local_date(stamp.at, clinic.time_zone),
        generated_by=stamp.by,
        **_terms(clinic),
        **_price(services, None, place_of(patient, clinic), clinic),
    )


def repriced(draft: Bill, session: Session, patient: Patient, clinic: ClinicSettings, stamp: Stamp) -> Bill:
    """The draft by the session and the fees as they are now; the same object if nothing differs. Lines that a person
    wrote stay.

    Raises Conflict for an issued bill.
    """
    draft.must_not_be_issued()
    if draft.priced_by is not None:
        return draft if draft.status == BillStatus.DRAFT else draft.revised(stamp, status=BillStatus.DRAFT)
    now = of_session(session, patient, clinic, stamp)
    values = {name: getattr(now, name) for name in _PRICE if getattr(now, name) != getattr(draft, name)}
    return draft.revised(stamp, **values) if values else draft


def by_hand(
    new: NewBill,
    id: str,
    sessions: Sequence[Session],
    *,
    patient: Patient,
    clinic: ClinicSettings,
    stamp: Stamp,
    diagnosis: Diagnosis = UNCHANGED,
) -> Bill:
    """A draft that a person writes, for some sessions of one patient or for none. Raises Invalid for a wrong
    diagnosis."""
    raise_if_any(diagnosis.errors)
    first = sessions[0] if sessions else None
    doctor_id = new.doctor_id or (first.doctor_id if first else None)
    bill_type = new.bill_type or (BillType(first.type.value) if first else BillType.PROCEDURE)
    place = new.place_of_supply or place_of(patient, clinic)
    return Bill.new(
        id,
        stamp,
        session_id=first.id if first else None,
        other_session_ids=[one.id for one in sessions[1:]],
        patient_id=patient.id,
        doctor_id=doctor_id,
        appointment_id=first.appointment_id if first else None,
        bill_type=bill_type,
        status=BillStatus.DRAFT,
        priced_by=stamp.by,
        bill_date=local_date(stamp.at, clinic.time_zone),
        generated_by=stamp.by,
        **new.fields,
        **diagnosis.fields,
        **{**_terms(clinic), **new.terms},
        **_price(new.line_items, new.discount, place, clinic),
    )


def changed(
    draft: Bill, change: BillChange, clinic: ClinicSettings, stamp: Stamp, diagnosis: Diagnosis = UNCHANGED
) -> Bill:
    """The draft as a person wrote it. Raises Conflict unless it is a draft, Invalid for a wrong diagnosis."""
    draft.must_be_draft()
    raise_if_any(diagnosis.errors)
    asked = {name: getattr(change, name) for name in change.model_fields_set}
    lines = asked.get("line_items", draft.line_items)
    discount, place = asked.get("discount", draft.discount), asked.get("place_of_supply", draft.place_of_supply)
    values = change.plain_fields | diagnosis.fields | _price([*map(service_of, lines)], discount, place, clinic)
    if change.prices:
        values |= {"needs_pricing": False, "priced_by": stamp.by}
    return draft.edited(stamp, **values)


def split(draft: Bill, request: Split, id: str, clinic: ClinicSettings, stamp: Stamp) -> tuple[Bill, Bill]:
    """A draft without some of its lines, and a further draft that has them. Each has the discount of the bill if that
    is a percentage; an amount stays with the first.

    Raises Conflict unless it is a draft, and Invalid for lines that it does not have.
    """
    draft.must_be_draft()
    raise_if_any(request.errors(len(draft.line_items)))
    moved = set(request.lines)
    services = [service_of(line) for line in draft.line_items]
    stay = [one for number, one in enumerate(services, 1) if number not in moved]
    go = [one for number, one in enumerate(services, 1) if number in moved]
    shared = draft.discount if draft.discount and draft.discount.percent is not None else None
    place = draft.place_of_supply
    first = draft.revised(stamp, priced_by=stamp.by, **_price(stay, draft.discount, place, clinic))
    second = draft.copied(
        id,
        revision=1,
        created_at=stamp.at,
        created_by=stamp.by,
        updated_at=stamp.at,
        updated_by=stamp.by,
        generated_by=stamp.by,
        priced_by=stamp.by,
        **_price(go, shared, place, clinic),
    )
    return first, second


def amendment(old: Bill, request: Amendment, id: str, clinic: ClinicSettings, stamp: Stamp) -> Bill:
    """The draft of the bill that replaces an issued one."""
    place = request.place_of_supply or old.place_of_supply
    kept = ("session_id", "other_session_ids", "patient_id", "doctor_id", "appointment_id", "bill_type")
    diagnosis = ("primary_diagnosis_code", "primary_diagnosis_system", "primary_diagnosis_title")
    texts = (*diagnosis, "notes", "internal_notes")
    return Bill.new(
        id,
        stamp,
        **{name: getattr(old, name) for name in (*kept, *texts)},
        status=BillStatus.DRAFT,
        priced_by=stamp.by,
        bill_date=local_date(stamp.at, clinic.time_zone),
        generated_by=stamp.by,
        amends=old.id,
        **{**_terms(clinic), "currency": old.currency},
        **_price(request.line_items, request.discount, place, clinic),
    )


def is_taxed_as_now(draft: Bill, clinic: ClinicSettings) -> bool:
    """False if the clinic's registration, inclusive prices or rounding have changed since the draft was priced, and
    its totals would be others."""
    now = _price([*map(service_of, draft.line_items)], draft.discount, draft.place_of_supply, clinic)
    return all(getattr(draft, name) == now[name] for name in _TOTALS)


def place_of(patient: Patient, clinic: ClinicSettings) -> str | None:
    """The state whose GST applies to a patient; None for the clinic's own, and without GST."""
    if clinic.gst_number is None or clinic.place_of_supply == PlaceOfSupply.CLINIC or patient.address is None:
        return None
    return state_named(patient.address.region, patient.address.country)


def _service(session: Session, fee: Fee) -> NewLine:
    """The visit as a service, at the clinic's fee."""
    code = session.billing_code or fee.cpt_code
    return NewLine(description=fee.description, unit_price=fee.amount, cpt_code=code, tax=fee.tax)


def service_of(line: NewLine) -> NewLine:
    """What was asked for, of a line that was priced."""
    return NewLine(**{name: getattr(line, name) for name in NewLine.model_fields})


def _terms(clinic: ClinicSettings) -> dict[str, Any]:
    return {
        "currency": clinic.currency,
        "payment_terms": clinic.payment_terms,
        "payment_instructions": clinic.payment_instructions,
    }


def _price(
    services: Sequence[NewLine], discount: Discount | None, place: str | None, clinic: ClinicSettings
) -> dict[str, Any]:
    """The fields of a bill that follow from its services."""
    rules = PricingRules(
        clinic.tax, Supply.at(place, clinic.gst_number), clinic.prices_include_tax, clinic.round_total_to
    )
    result = priced(services, discount, rules)
    return {
        "document_type": _document_type(result),
        "line_items": result.lines,
        "discount": discount,
        "place_of_supply": place,
        "procedure_codes": [line.cpt_code for line in result.lines if line.cpt_code],
        "subtotal": result.subtotal,
        "discount_amount": result.discount,
        "taxable_amount": result.taxable,
        "taxes": result.taxes,
        "tax_amount": result.tax,
        "round_off": result.round_off,
        "total_amount": result.total,
    }


def _document_type(result: Priced) -> DocumentType:
    exempt = any(line.tax.is_exempt for line in result.lines)
    taxed = any(not line.tax.is_exempt for line in result.lines)
    return DocumentType.of(taxed=taxed, exempt=exempt)
