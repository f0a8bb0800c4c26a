"""What a link to a bill opens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shared.records.billing.bill import Bill
from shared.records.billing.issued import IssuedBill
from shared.records.billing.sharing import bill_of, is_sendable
from shared.records.links.link import Link
from shared.records.record import Ref
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.billing import bills
from shared.workflows.documents import PrintedDocument
from shared.workflows.links.opening import Subject, Withdrawn


class BillSubject(Subject):
    """Issued bills."""

    def refs(self, work: UnitOfWork, link: Link) -> Sequence[Ref[Any]]:  # noqa: ARG002 - others depend on the clinic
        """The bill with the bytes of its issue."""
        id = bill_of(link.subject_id)
        return [Bill.ref(id), IssuedBill.ref(id)]

    def document(self, work: UnitOfWork, link: Link) -> PrintedDocument:
        """The bill as PDF. Raises Withdrawn once it is cancelled or replaced."""
        bill = work.get_or_none(Bill.ref(bill_of(link.subject_id)))
        if bill is None or not is_sendable(bill):
            raise Withdrawn
        return bills.printed(work, bill)
