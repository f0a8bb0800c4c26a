"""/api/v1/bills"""

from __future__ import annotations

from functions.bills import account
from shared.lazily import lazily
from shared.store.clinic import Clinic
from shared.web.api import Api
from shared.web.operations import FRONT_DESK
from shared.web.serialization import Document

with lazily(globals()):
    from shared.records.billing.bill import Bill
    from shared.records.billing.crediting import NewCancellation
    from shared.records.billing.owing import Owing, OwingQuery
    from shared.records.billing.requests import Amendment, BillChange, BillList, NewBill, Split
    from shared.records.billing.sharing import BillLinkShare, SendBill, SentBill
    from shared.records.page import Page, PageQuery
    from shared.records.record import Detailed
    from shared.workflows.billing import bills, drafts, issuing, owing, payments, sharing
    from shared.workflows.billing.booking import NamedBill
    from shared.workflows.documents import PrintedDocument

api = Api("bills")


@api.get("/", roles=FRONT_DESK)
def list_bills(clinic: Clinic, query: BillList) -> Page[NamedBill]:
    """List bills, newest first: of a day, a state, a patient or a doctor."""
    return bills.listed(clinic, query)


@api.post("/", roles=FRONT_DESK, status=201)
def create(clinic: Clinic, new: NewBill) -> NamedBill:
    """Write a draft: for procedures, for several sessions, or for none.

    A completed session that it names makes no further bill. The draft is issued with `POST /bills/{id}/issue`.
    """
    return drafts.create(clinic, new)


@api.get("/owing", roles=FRONT_DESK)
def list_owing(clinic: Clinic, query: OwingQuery) -> Owing:
    """List the unpaid bills, newest first, with their sum."""
    return owing.owing(clinic, query)


@api.get("/{id}", roles=FRONT_DESK)
def get(clinic: Clinic, id: str) -> NamedBill:
    """Get a bill, by id or by number.

    Bills of deleted patients, with their ledgers, PDFs and documents, stay readable for who could read them before;
    `patient.deleted` is then true.
    """
    return bills.get(clinic, id)


@api.put("/{id}", roles=FRONT_DESK, alias_of="PATCH /bills/{id}")
@api.patch("/{id}", roles=FRONT_DESK)
def change(clinic: Clinic, id: str, changes: BillChange) -> NamedBill:
    """Change a draft: its lines, discount, terms and texts. Lines price a draft that needs it.

    Lines that a person wrote stay when the visit is corrected later.
    """
    return drafts.change(clinic, id, changes)


@api.post("/{id}/split", roles=FRONT_DESK, status=201, requires_if_match=True)
def split(clinic: Clinic, id: str, request: Split) -> NamedBill:
    """Move lines of a draft to a draft of their own, such as for another payer. The response is the new draft."""
    return drafts.split(clinic, id, request)


@api.post("/{id}/issue", roles=FRONT_DESK, requires_idempotency_key=False, requires_if_match=True)
def issue(clinic: Clinic, id: str) -> NamedBill:
    """Issue a draft: it gets number, date and due date, and becomes payable. An issued bill never changes.

    409 while it has no price (`needs_pricing`), its session is not completed, or the clinic's taxes have changed since
    it was priced (`bill_tax_changed`).
    """
    return issuing.issue(clinic, id)


@api.post("/{id}/send", roles=FRONT_DESK, requires_if_match=True)
def send(clinic: Clinic, id: str, request: SendBill) -> Detailed[Bill, SentBill]:
    """Send an issued bill to its patient by mail or text message, with a link that opens it.

    The link opens with the patient's date of birth, for 30 days. The message names the clinic and nothing of the bill.
    409 for a draft, and for a patient who cannot be written to (`patient_not_reachable`): without an address, or who
    wants no messages.
    """
    return sharing.send(clinic, id, request)


@api.post("/{id}/send-reminder", roles=FRONT_DESK, requires_if_match=True)
def send_reminder(clinic: Clinic, id: str, request: SendBill) -> Detailed[Bill, SentBill]:
    """Remind the patient of what is owed of a bill, by mail or text message, with a link that opens it.

    It counts in `reminder_sent_count`, and `collection_status` is `reminded` from the first one on. 409 for what cannot
    be sent (as for `POST /bills/{id}/send`), if nothing is owed (`nothing_owed`), while the collection pauses the
    reminders (`collection_state`), and for a second one on a day of the clinic (`reminded_today`). Once the bill is
    paid or disputed, a reminder that waits in the queue is not sent.
    """
    return sharing.send_reminder(clinic, id, request)


@api.get("/{id}/shares", roles=FRONT_DESK)
def list_shares(clinic: Clinic, id: str, page: PageQuery) -> Page[BillLinkShare]:
    """List the links to this bill that were sent, newest first: the state of each link, and every opening."""
    return sharing.listed(clinic, id, page)


@api.delete("/{id}/shares/{share_id}", roles=FRONT_DESK, requires_if_match=False)
def revoke_share(clinic: Clinic, id: str, share_id: str) -> BillLinkShare:
    """Revoke the link of a share: it opens nothing any more. A message that was not sent yet is not sent."""
    return sharing.revoke(clinic, id, share_id)


@api.post("/{id}/amend", roles=FRONT_DESK, status=201, requires_if_match=True)
def amend(clinic: Clinic, id: str, request: Amendment) -> NamedBill:
    """Replace an issued bill by another one with its own number. The response is the new bill.

    The old bill is cancelled, or credited by a credit note once something was paid. What the patient has paid counts
    for the new one.
    """
    return payments.amend(clinic, id, request)


@api.post("/{id}/cancel", roles=FRONT_DESK, requires_if_match=True)
def cancel(clinic: Clinic, id: str, new: NewCancellation) -> NamedBill:
    """Cancel an issued bill before anything was paid. It keeps its number."""
    return payments.cancel(clinic, id, new)


@api.get("/{id}/pdf", roles=FRONT_DESK)
def pdf(clinic: Clinic, id: str) -> Document:
    """Get the bill as PDF.

    An issued bill prints for ever as it was issued: patient, letterhead, lines, amounts, and the terms while something
    is owed. Its status and the payments received since are printed below, as the account since issue. A draft prints
    the current data, marked as a draft; without a price it prints no amount.
    """
    return _document(bills.pdf(clinic, id))


@api.get("/{id}/documents/{document}", roles=FRONT_DESK)
def voucher(clinic: Clinic, id: str, document: str) -> Document:
    """Get a receipt or a credit note of the bill as PDF, by its number or the id of its entry, such as `e2`.

    It prints for ever as it was issued.
    """
    return _document(bills.voucher(clinic, id, document))


def _document(printed: PrintedDocument) -> Document:
    return Document(printed.content, "application/pdf", printed.filename, printed.revision)


api.include(account.api)
main = api.function()
