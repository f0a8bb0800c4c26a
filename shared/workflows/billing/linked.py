"""What a link to a bill opens: its page, with what is owed now and how to pay, and from there the PDF."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shared.lazily import lazily
from shared.records.record import Ref
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.links.opening import Subject, Withdrawn

with lazily(globals()):
    from shared.records.billing.bill import Bill
    from shared.records.billing.issued import IssuedBill
    from shared.records.billing.sharing import bill_of, is_sendable
    from shared.records.links.link import Link
    from shared.workflows.billing import bill_pages, bills
    from shared.workflows.billing.bill_pages import BillPage
    from shared.workflows.documents import PrintedDocument
    from shared.workflows.links.opening import form_of_paper


class BillSubject(Subject):
    """Issued bills."""

    def refs(self, work: UnitOfWork, link: Link) -> Sequence[Ref[Any]]:
        """The bill with the bytes of its issue, and the settings, which say where to pay."""
        id = bill_of(link.subject_id)
        return [Bill.ref(id), IssuedBill.ref(id), work.settings_ref()]

    def opened(self, work: UnitOfWork, link: Link) -> BillPage:
        """The bill with its account now. One that was cancelled or replaced says so, without its lines."""
        bill = work.get_or_none(Bill.ref(bill_of(link.subject_id)))
        issued = work.get_or_none(IssuedBill.ref(bill.id)) if bill else None
        if bill is None or issued is None:
            raise Withdrawn
        form = form_of_paper(work, link)
        return bill_pages.page_of(issued.snapshot(), bill, work.settings(), now=work.now, form=form)

    def paper(self, work: UnitOfWork, link: Link) -> PrintedDocument:
        """The bill as PDF. Raises Withdrawn once it is cancelled or replaced."""
        bill = work.get_or_none(Bill.ref(bill_of(link.subject_id)))
        if bill is None or not is_sendable(bill):
            raise Withdrawn
        return bills.printed(work, bill)
