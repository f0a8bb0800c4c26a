"""The parts of lines in credits: they are the credit notes', and add up to the lines."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from shared.records.billing.crediting import NewCredit, credited, taxes_of_credit
from shared.records.billing.sums import line_shares
from tests.shared.records.billing.billed import DESK, LINES, issued
from tests.shared.records.billing.test_ledger import NOTE


@given(LINES, st.lists(st.integers(1, 10**7), max_size=5), st.sampled_from([1, 100]), st.booleans())
def test_the_parts_are_the_credit_notes_and_add_up_to_the_lines(
    lines: list[tuple[int, int, dict[str, Any]]], credits: list[int], multiple: int, inclusive: bool
) -> None:
    bill = issued(lines, round_total_to=multiple, prices_include_tax=inclusive).bill
    assume(bill.total_amount)
    taxable, taxes = [0] * len(bill.line_items), [Counter[str]() for _ in bill.line_items]
    for asked in [*credits, bill.total_amount]:
        amount = min(asked, bill.account.patient_share)
        if not amount:
            continue
        before = bill.account.credited
        shares = line_shares.credited(bill, before, before + amount)
        _, printed = taxes_of_credit(bill, amount)
        for label in {part.label for part in bill.taxes}:
            of_lines = sum(part for share in shares for name, part in share.taxes if name == label)
            assert of_lines == sum(part.amount for part in printed if part.label == label)
        for number, share in enumerate(shares):
            halves = dict(share.taxes)
            assert halves.get("CGST") == halves.get("SGST")
            taxable[number] += share.taxable
            taxes[number].update(halves)
        bill = credited(bill, NewCredit(amount=amount, reason="Agreed."), DESK, day=bill.bill_date, number=NOTE).bill

    assert bill.account.patient_share == 0
    assert taxable == [line.taxable_amount for line in bill.line_items]
    assert taxes == [Counter({part.label: part.amount for part in line.taxes}) for line in bill.line_items]
