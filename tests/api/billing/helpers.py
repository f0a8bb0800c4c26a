"""Bills that the desk writes in tests."""

from __future__ import annotations

from datetime import date
from typing import Any

from shared.records.billing.bill import Bill
from shared.store import queries
from shared.store.clinic import system_clinic
from shared.store.unit_of_work import UnitOfWork
from tests.support.client import ApiClient, Reply
from tests.support.clinics import TestClinic
from tools import google_firestore

LINE = {"description": "Certificate", "unit_price": 50_000}


def draft(clinic: TestClinic, *prices: int, patient: str | None = None, **values: Any) -> Reply:
    """A draft by the receptionist with a line for each price, for a new patient unless one is named."""
    patient_id = patient or clinic.patient().body["id"]
    lines = [{**LINE, "unit_price": price} for price in prices or (50_000,)]
    return clinic.receptionist.post("/bills", {"patient_id": patient_id, "line_items": lines, **values})


def issued(clinic: TestClinic, *prices: int, patient: str | None = None, **values: Any) -> Reply:
    """An issued bill."""
    written = draft(clinic, *prices, patient=patient, **values).ok(201)
    return act(clinic.receptionist, written, "issue").ok()


def set_aside_overdue(until: date) -> None:
    """Let no bill of other tests become overdue by this day: some cannot be read, and the run is of all clinics."""
    for found, _ in list(queries.days_come(Bill, "overdue_on", until)):
        google_firestore.client().document(f"clinics/{found.clinic_id}/bills/{found.id}").update({"overdue_on": None})


def act(client: ApiClient, bill: Reply, action: str, body: Any = None, **headers: Any) -> Reply:
    """The answer to an action on a bill as it was last read."""
    return client.post(f"/bills/{bill.body['id']}/{action}", body, etag=bill.etag, **headers)


def pay(clinic: TestClinic, bill: Reply, amount: int, **values: Any) -> Reply:
    return act(clinic.receptionist, bill, "payment", {"amount": amount, "method": "cash", **values})


def entries(clinic: TestClinic, bill: Reply) -> list[tuple[str, int]]:
    """The kinds and amounts of a bill's ledger, oldest first."""
    items = clinic.receptionist.get(f"/bills/{bill.body['id']}/ledger").ok().body["items"]
    return [(one["entry_kind"], one["amount"]) for one in sorted(items, key=lambda one: one["sequence"])]


def altered(clinic: TestClinic, model: Any, id: str, **changes: Any) -> None:
    """Change a stored record as no use case does."""

    def transaction(work: UnitOfWork) -> None:
        work.save(work.get(model.ref(id)).amended(**changes))

    system_clinic(clinic.id, "planted").perform("test.alter", transaction)
