"""The link by which a bill is paid online: its page is answered only for exactly what is owed."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from shared.records.billing import paying
from shared.records.billing.payment_link import PaymentLink
from shared.records.billing.payments import NewPayment, PaymentMethod
from tests.support.factories import BY_SYSTEM, after, bill

URL = "https://rzp.io/i/nxrHnLJ"


def link(amount: int, url: str = URL) -> PaymentLink:
    return PaymentLink(
        id="plink_ExjpAUN3gVHrPJ",
        reference="INV-202609-000001-1",
        url=url,
        amount=amount,
        currency="INR",
        expires_at=after(days=30),
    )


def test_the_page_is_that_of_exactly_what_the_patient_owes() -> None:
    linked = bill(100).amended(payment_link=link(100))
    part = paying.paid(linked, NewPayment(amount=40, method=PaymentMethod.CASH), BY_SYSTEM, day=linked.bill_date).bill

    assert (bill(100).payment_url, linked.payment_url, part.payment_url) == (None, URL, None)
    assert part.amended(payment_link=link(60)).payment_url == URL


@pytest.mark.parametrize(
    "url", ["http://rzp.io/i/x", "javascript:alert(1)", "https://rzp.io/a b", "https://" + 600 * "x"]
)
def test_a_page_has_a_safe_address(url: str) -> None:
    with pytest.raises(ValidationError):
        link(100, url)
