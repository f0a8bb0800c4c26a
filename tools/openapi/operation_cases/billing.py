"""Operations on bills."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from shared.records.billing.bill import NewPayment
from shared.records.billing.owing import Owing
from shared.records.record import Detailed, Stamp
from tools.openapi import factories
from tools.openapi.operation_cases.case import OperationCase, State, page
from tools.openapi.operation_cases.patients import OF_PATIENT, PARTIES
from tools.openapi.operation_cases.sample_clinic import CLINIC, DESK, ENDED
from tools.openapi.operation_cases.visits import COMPLETED, OF_SESSION

BILL = factories.bill(COMPLETED, CLINIC, Stamp("system", ENDED), "INV-202609-000123")
_PAYMENT = {"amount": 120_000, "method": "upi", "reference": "426918235571"}
_OF_BILL = {"id": BILL.id}

_NAMED = Detailed(BILL, PARTIES)
_PAID = BILL.paid(NewPayment.model_validate(_PAYMENT), "pay8x4", Stamp(DESK, ENDED + timedelta(minutes=30)))

CASES: Mapping[str, OperationCase] = {
    "patients.bills": OperationCase(path=OF_PATIENT, query={"page_size": 20}, answer=page(_NAMED)),
    "sessions.bill": OperationCase(path=OF_SESSION, answer=_NAMED),
    "bills.list_owing": OperationCase(answer=Owing.of([BILL], [PARTIES], complete=True), state=State.CLINIC),
    "bills.get": OperationCase(path=_OF_BILL, answer=_NAMED),
    "bills.pay": OperationCase(
        path=_OF_BILL,
        body=_PAYMENT,
        answer=Detailed(_PAID, PARTIES),
    ),
    "bills.pdf": OperationCase(path=_OF_BILL),
}
