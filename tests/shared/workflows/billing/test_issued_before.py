"""What was issued still prints the same bytes: in the first edition of the layout, before papers had a language, in the
second, the third and the fourth one. Add documents with every new edition, and change none.

`data/issued_before.json` has the issued bytes of documents, and the digests of the papers that were made from them
then: of the file with its streams unpacked, because the output of zlib differs between its versions. A new version of
reportlab or HarfBuzz may change the digests of all documents alike; nothing else may.
"""

from __future__ import annotations

import json
import re
import zlib
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from shared.records.billing import claiming, paying
from shared.records.billing.insurance import NewClaim
from shared.records.billing.issued import BillSnapshot, VoucherSnapshot
from shared.records.billing.payments import NewPayment, PaymentMethod
from shared.records.record import Stamp
from shared.records.types import STORED
from shared.render.pdf import bill_pdf, voucher_pdf
from shared.workflows.billing import paper
from tests.support.factories import after, bill

BEFORE: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "issued_before.json").read_text())
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\n?endstream", re.DOTALL)


def unpacked(pdf: bytes) -> bytes:
    """The file without compression, and without the places of its objects, which follow from the compression."""
    body = pdf[: pdf.rindex(b"xref\n0 ")]
    body = re.sub(rb"/Length\d? \d+", b"", body)
    return _STREAM.sub(lambda stream: _inflated(stream[1]), body)


def _inflated(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return stream  # of another filter


def papers(name: str) -> list[bytes]:
    """The papers of a document: of a bill also after a payment, and after a claim."""
    issued = json.dumps(BEFORE[name]["issued"])
    if "voucher_type" in BEFORE[name]["issued"]:
        voucher = VoucherSnapshot.model_validate_json(issued, context=STORED)
        return [voucher_pdf(paper.voucher_document(voucher, after(minutes=35)))]
    snapshot, ledger = BillSnapshot.model_validate_json(issued, context=STORED), bill()
    new, stamp = NewPayment(amount=20_000, method=PaymentMethod.UPI, reference="UPI-1"), Stamp("desk", after(hours=1))
    paid = paying.paid(ledger, new, stamp, day=date(2026, 9, 14), received_by="Nisha Fernandes").bill
    claim = NewClaim(provider="Star", covered_amount=50_000)
    claimed = claiming.claimed(paid, claim, stamp, day=date(2026, 9, 14)).bill
    ledgers = ledger, paid, claimed
    return [bill_pdf(paper.bill_document(snapshot, each, issued_at=after(minutes=35))) for each in ledgers]


@pytest.mark.parametrize("name", BEFORE)
def test_what_was_issued_before_prints_the_same_bytes(name: str) -> None:
    assert [sha256(unpacked(pdf)).hexdigest() for pdf in papers(name)] == BEFORE[name]["papers"]
