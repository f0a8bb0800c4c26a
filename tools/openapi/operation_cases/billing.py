"""Operations on bills."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from shared.records.billing.bill import Bill
from shared.records.billing.owing import Owing
from shared.records.billing.payments import NewPayment, NewReversal
from shared.records.record import Detailed, Stamp
from tools.openapi import factories
from tools.openapi.operation_cases.case import OperationCase, State, page
from tools.openapi.operation_cases.patients import OF_PATIENT, PARTIES
from tools.openapi.operation_cases.sample_clinic import CLINIC, DESK, ENDED
from tools.openapi.operation_cases.visits import COMPLETED, OF_SESSION

BILL = factories.bill(COMPLETED, CLINIC, Stamp("system", ENDED), "INV-202609-000123")
_PAYMENT = {"amount": 120_000, "method": "upi", "reference": "426918235571"}
_OF_BILL = {"id": BILL.id}
PAYMENT_ID = "pay8x4mk2w"
PAID = BILL.paid(NewPayment.model_validate(_PAYMENT), PAYMENT_ID, Stamp(DESK, ENDED + timedelta(minutes=30)))
_REVERSAL = {"reason": "Booked to the wrong bill."}

_NAMED = Detailed(BILL, PARTIES)

CASES: Mapping[str, OperationCase] = {
    "patients.bills": OperationCase(path=OF_PATIENT, query={"page_size": 20}, answer=page(_NAMED)),
    "sessions.bill": OperationCase(path=OF_SESSION, answer=_NAMED),
    "bills.list_owing": OperationCase(answer=Owing.of([BILL], [PARTIES], complete=True), state=State.CLINIC),
    "bills.get": OperationCase(path=_OF_BILL, answer=_NAMED),
    "bills.pay": OperationCase(
        path=_OF_BILL,
        body=_PAYMENT,
        answer=Detailed(PAID, PARTIES),
    ),
    "bills.reverse_payment": OperationCase(
        path={**_OF_BILL, "payment_id": PAYMENT_ID},
        body=_REVERSAL,
        answer=Detailed(
            PAID.payment_reversed(
                PAYMENT_ID, NewReversal.model_validate(_REVERSAL), Stamp(DESK, ENDED + timedelta(minutes=34))
            ),
            PARTIES,
        ),
        state=State.PAID_IN_PART,
    ),
    "bills.issue": OperationCase(
        path=_OF_BILL,
        answer=Detailed(
            Bill.for_session(COMPLETED, CLINIC, Stamp("system", ENDED))
            .revised(Stamp(DESK, ENDED + timedelta(minutes=5)))
            .issued("INV-202609-000123", CLINIC),
            PARTIES,
        ),
        state=State.ENDED,
    ),
    "bills.pdf": OperationCase(path=_OF_BILL),
}
