"""Operations on bills."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from shared.records.billing import claiming, collecting, crediting, drafting, paying, reminding
from shared.records.billing.account import EntryKind
from shared.records.billing.bill import Bill
from shared.records.billing.collection import NewStep
from shared.records.billing.crediting import NewCancellation, NewCredit, NewWriteOff
from shared.records.billing.insurance import ClaimDecision, NewClaim
from shared.records.billing.ledger import Booked, NewEntry
from shared.records.billing.online import OnlinePayment, Question, Resolution
from shared.records.billing.owing import Owing
from shared.records.billing.payment_link import PaymentLink
from shared.records.billing.payments import NewPayment, NewRefund, NewReversal, PaymentMethod
from shared.records.billing.provider import PaymentProvider, ProviderUpdate
from shared.records.billing.provider_event import PaymentNews
from shared.records.billing.requests import Amendment, BillChange, NewBill, Split
from shared.records.billing.sharing import BillLinkShare, SentBill, SentTo, sent
from shared.records.parties import Named
from shared.records.record import Detailed, Stamp
from tools.openapi import bill_factories
from tools.openapi.operation_cases.case import OperationCase, Placeholder, State, page
from tools.openapi.operation_cases.patients import OF_PATIENT, PARTIES, PATIENT
from tools.openapi.operation_cases.sample_clinic import CLINIC, DESK, DOCTOR, ENDED
from tools.openapi.operation_cases.visits import COMPLETED, OF_SESSION

_BILLED = Stamp("system", ENDED)
_AT_DESK = Stamp(DESK, ENDED + timedelta(minutes=30))
BILL = bill_factories.bill(COMPLETED, CLINIC, _BILLED, "INV-202609-000123")
_DRAFT = drafting.of_session(COMPLETED, PATIENT, CLINIC, _BILLED)
_OF_BILL = {"id": BILL.id}
_DAY = BILL.bill_date

_LINK = bill_factories.link(BILL, _AT_DESK)

_LINE = {"description": "Medical certificate", "unit_price": 50_000}
_LINES = {"line_items": [_LINE]}
_NEW = {"patient_id": PATIENT.id, **_LINES, "notes": "For the employer."}
_CHANGE = {"line_items": [_LINE], "discount": {"percent": "10", "reason": "Paid at the desk."}}
_AMENDMENT = {**_LINES, "reason": "The certificate was billed as a visit."}
_PAYMENT = {"amount": 60_000, "method": "upi", "reference": "426918235571"}
_REVERSAL = {"reason": "The bank returned the transfer.", "cause": "bounced"}
_REFUND = {"amount": 100, "method": "upi", "reason": "Paid twice."}
_CREDIT = {"amount": 20_000, "reason": "The visit was shorter than billed."}
_WRITE_OFF = {"amount": 100, "reason": "Hardship."}
_CLAIM = {"provider": "Star Health", "policy_number": "P/700001/2026", "covered_amount": 80_000, "copay_amount": 20_000}
_DECISION = {"state": "rejected", "reason": "The policy had lapsed."}
_STEP = {"status": "disputed", "reason": "The patient did not come."}
PAYMENT_ID = "e2"
OTHER_BILL = "b9s5hx3w7q"
"""The end of the id of a bill that no session has made."""
RECEIPT = "RCT-202609-000001"

_FROM_APRIL = {"first_day": "2026-04-01"}

_PROVIDER = {
    "key_id": "rzp_live_Banyan0123456789",
    "key_secret": "the-secret-of-the-key",
    "webhook_secret": "a-secret-of-your-own-choice",
}
PROVIDER = PaymentProvider.connected(ProviderUpdate.model_validate(_PROVIDER), Stamp(DOCTOR, ENDED))
_PAID_TWICE = PaymentNews(
    payment_id="pay_QUg6V5UmtqzQKE",
    amount=BILL.total_amount,
    currency=BILL.currency,
    captured=True,
    paid_at=ENDED + timedelta(hours=3),
    bill_id=BILL.id,
)
ONLINE_PAYMENT = (
    OnlinePayment.first_heard(_PAID_TWICE, Stamp("system", ENDED + timedelta(hours=3)))
    .amended(entry_id=f"{BILL.id}-e3")
    .asking(Question.NOTHING_OWED)
)
_RESOLUTION = {"note": "Paid back at the provider."}
_PAYMENT_LINK = PaymentLink(
    id="plink_QUg5vtkywCanxg",
    reference=f"{BILL.number}-1",
    url="https://rzp.io/i/nxrHnLJ",
    amount=BILL.account.patient_owes,
    currency=BILL.currency,
    expires_at=ENDED + timedelta(days=90),
)

_PAID = paying.paid(BILL, NewPayment.model_validate(_PAYMENT), _AT_DESK, day=_DAY, receipt=RECEIPT)
_COLLECTED = collecting.collected(BILL, NewStep.model_validate(_STEP), _AT_DESK, _DAY)
_CLAIMED = claiming.claimed(BILL, NewClaim.model_validate(_CLAIM), _AT_DESK, day=_DAY)


def _named(bill: Bill | Booked) -> Detailed[Bill, Named]:
    return Detailed(bill.bill if isinstance(bill, Booked) else bill, PARTIES)


_SHARE = bill_factories.share(BILL, _LINK, _AT_DESK)
_OPENED = _LINK.opened("2001:db8::4a2f", Stamp("system", ENDED + timedelta(hours=3)))
_REVOKED = _LINK.revoked(Stamp(DESK, ENDED + timedelta(hours=2)))


def _sent(bill: Bill) -> Detailed[Bill, SentBill]:
    return Detailed(bill, SentBill(**dict(PARTIES), sent_to=SentTo.of(_SHARE, _LINK)))


def _two_lines() -> Bill:
    two = {"line_items": [{"description": "Follow-up", "unit_price": 120_000}, _LINE]}
    return drafting.changed(_DRAFT, BillChange.model_validate(two), CLINIC, _AT_DESK)


def _drafted() -> Bill:
    new = NewBill.model_validate(_NEW)
    return drafting.by_hand(new, f"{PATIENT.id}-b4t7wq2m9x", [], patient=PATIENT, clinic=CLINIC, stamp=_AT_DESK)


def _with_credit() -> Bill:
    """Another bill of the patient, which was paid twice."""
    other = BILL.model_copy(update={"id": f"{PATIENT.id}-{OTHER_BILL}"})
    twice = NewPayment(amount=2 * BILL.total_amount, method=PaymentMethod.CASH, keep_excess_as_credit=True)
    return paying.paid(other, twice, _AT_DESK, day=_DAY).bill


def _amended() -> Bill:
    request = Amendment.model_validate(_AMENDMENT)
    new = drafting.amendment(BILL, request, f"{PATIENT.id}-c8n3vk5p2r", CLINIC, _AT_DESK)
    issued = new.issued("INV-202609-000124", CLINIC)
    return Booked(issued).book(NewEntry(EntryKind.CHARGE, issued.total_amount, _DAY), _AT_DESK).bill


CASES: Mapping[str, OperationCase] = {
    "patients.bills": OperationCase(path=OF_PATIENT, query={"page_size": 20}, answer=page(_named(BILL))),
    "sessions.bill": OperationCase(path=OF_SESSION, answer=_named(BILL)),
    "bills.list_bills": OperationCase(query={"status": "pending"}, answer=page(_named(BILL)), state=State.CLINIC),
    "bills.create": OperationCase(body=_NEW, answer=_named(_drafted())),
    "bills.list_owing": OperationCase(answer=Owing.of([BILL], [PARTIES], complete=True), state=State.CLINIC),
    "bills.get": OperationCase(path=_OF_BILL, answer=_named(BILL)),
    "bills.change": OperationCase(
        path=_OF_BILL,
        body=_CHANGE,
        answer=_named(drafting.changed(_DRAFT, BillChange.model_validate(_CHANGE), CLINIC, _AT_DESK)),
        state=State.ENDED,
    ),
    "bills.split": OperationCase(
        path=_OF_BILL,
        body={"lines": [2]},
        answer=_named(drafting.split(_two_lines(), Split(lines=[2]), f"{PATIENT.id}-d2k6xp8s4w", CLINIC, _AT_DESK)[1]),
        state=State.TWO_LINES,
    ),
    "bills.issue": OperationCase(
        path=_OF_BILL,
        answer=_named(BILL.revised(Stamp(DESK, ENDED + timedelta(minutes=5)))),
        state=State.ENDED,
    ),
    "bills.send": OperationCase(
        path=_OF_BILL,
        body={"channel": "mail"},
        answer=_sent(sent(BILL, _AT_DESK)),
    ),
    "bills.send_reminder": OperationCase(
        path=_OF_BILL, body={"channel": "mail"}, answer=_sent(reminding.reminded(BILL, _AT_DESK, CLINIC.time_zone))
    ),
    "bills.list_shares": OperationCase(
        path=_OF_BILL, answer=page(BillLinkShare.of(_SHARE, _OPENED, ENDED)), state=State.BILL_SENT
    ),
    "bills.revoke_share": OperationCase(
        path={**_OF_BILL, "share_id": _SHARE.id},
        test_path={"share_id": Placeholder.BILL_SHARE},
        answer=BillLinkShare.of(_SHARE, _REVOKED, ENDED),
        state=State.BILL_SENT,
    ),
    "bills.amend": OperationCase(path=_OF_BILL, body=_AMENDMENT, answer=_named(_amended())),
    "bills.cancel": OperationCase(
        path=_OF_BILL,
        body={"reason": "Billed by mistake."},
        answer=_named(crediting.cancelled(BILL, NewCancellation(reason="Billed by mistake."), _AT_DESK, day=_DAY)),
    ),
    "bills.pay": OperationCase(
        path=_OF_BILL,
        body=_PAYMENT,
        answer=_named(_PAID),
        test_body={**_PAYMENT, "reference": Placeholder.UNUSED_REFERENCE},
    ),
    "clinic.get_payment_provider": OperationCase(answer=PROVIDER, state=State.OWN_PROVIDER),
    "clinic.put_payment_provider": OperationCase(body=_PROVIDER, answer=PROVIDER, state=State.OWN_PROVIDER),
    "bills.list_online_payments": OperationCase(
        query={"needs_person": True}, answer=page(ONLINE_PAYMENT), state=State.OWN_PROVIDER
    ),
    "bills.resolve_online_payment": OperationCase(
        path={"id": ONLINE_PAYMENT.id},
        body=_RESOLUTION,
        answer=ONLINE_PAYMENT.resolved(Resolution.model_validate(_RESOLUTION), _AT_DESK),
        state=State.OWN_PROVIDER,
    ),
    "bills.create_payment_link": OperationCase(
        path=_OF_BILL, answer=_named(BILL.revised(_AT_DESK, payment_link=_PAYMENT_LINK)), state=State.ONLINE
    ),
    "bills.reverse_payment": OperationCase(
        path={**_OF_BILL, "payment_id": PAYMENT_ID},
        body=_REVERSAL,
        answer=_named(
            paying.reversed_payment(_PAID.bill, PAYMENT_ID, NewReversal.model_validate(_REVERSAL), _AT_DESK, day=_DAY)
        ),
        state=State.PAID_IN_PART,
    ),
    "bills.refund": OperationCase(
        path=_OF_BILL,
        body=_REFUND,
        answer=_named(
            crediting.refunded(
                _PAID.bill, NewRefund.model_validate(_REFUND), _AT_DESK, day=_DAY, number="CRN-202609-000001"
            )
        ),
        state=State.PAID_IN_PART,
    ),
    "bills.credit": OperationCase(
        path=_OF_BILL,
        body=_CREDIT,
        answer=_named(
            crediting.credited(BILL, NewCredit.model_validate(_CREDIT), _AT_DESK, day=_DAY, number="CRN-202609-000001")
        ),
    ),
    "bills.write_off": OperationCase(
        path=_OF_BILL,
        body=_WRITE_OFF,
        answer=_named(crediting.written_off(BILL, NewWriteOff.model_validate(_WRITE_OFF), _AT_DESK, day=_DAY)),
    ),
    "bills.use_credit": OperationCase(
        path=_OF_BILL,
        body={"from_bill_id": f"{PATIENT.id}-{OTHER_BILL}", "amount": 100},
        answer=_named(paying.credit_used(_with_credit(), BILL, 100, _AT_DESK, day=_DAY)[1]),
        state=State.CREDIT,
        test_body={"from_bill_id": Placeholder.OTHER_BILL, "amount": 100},
    ),
    "bills.claim": OperationCase(path=_OF_BILL, body=_CLAIM, answer=_named(_CLAIMED)),
    "bills.decide_claim": OperationCase(
        path=_OF_BILL,
        body=_DECISION,
        answer=_named(claiming.decided(_CLAIMED.bill, ClaimDecision.model_validate(_DECISION), _AT_DESK, day=_DAY)),
        state=State.CLAIMED,
    ),
    "bills.collect": OperationCase(path=_OF_BILL, body=_STEP, answer=_named(_COLLECTED)),
    "bills.ledger": OperationCase(path=_OF_BILL, query={"page_size": 20}, answer=page(_PAID.entries[0])),
    "bills.pdf": OperationCase(path=_OF_BILL),
    "bills.voucher": OperationCase(path={**_OF_BILL, "document": PAYMENT_ID}, state=State.PAID_IN_PART),
}
