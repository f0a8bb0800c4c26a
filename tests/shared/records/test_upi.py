"""Deep links of UPI: what a payment app reads from them."""

from __future__ import annotations

import re
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.records.upi import UpiPayee
from tests.support.factories import settings

NUMBER = "INV-202609-000123"
BANYAN = UpiPayee(upi_id="banyan.clinic@okaxis", name="Banyan & Söhne")


def read(link: str) -> dict[str, str]:
    """The fields of a link, each of which comes once."""
    parts = urlsplit(link)
    assert (parts.scheme, parts.netloc, parts.path) == ("upi", "pay", "")
    fields = parse_qs(parts.query, strict_parsing=True)
    assert all(len(values) == 1 for values in fields.values())
    return {name: values[0] for name, values in fields.items()}


def test_a_link_has_payee_amount_currency_note_and_reference() -> None:
    link = BANYAN.link(120_005, NUMBER)

    assert link == (
        "upi://pay?pa=banyan.clinic@okaxis&pn=Banyan%20%26%20S%C3%B6hne&am=1200.05&cu=INR"
        "&tn=Bill%20INV-202609-000123&tr=INV202609000123"
    )


@given(
    st.integers(1, 10**12),
    st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=100),
    st.from_regex(r"\A[A-Z]{1,10}-[0-9]{6}-[0-9]{6,12}\Z"),
)
def test_any_payment_is_read_as_it_was_meant(minor: int, name: str, number: str) -> None:
    link = UpiPayee(upi_id="banyan@upi", name=name).link(minor, number)

    fields = read(link)
    assert Decimal(fields["am"]) * 100 == minor
    assert re.fullmatch(r"[0-9]+\.[0-9]{2}", fields["am"])
    assert (fields["pa"], fields["cu"]) == ("banyan@upi", "INR")
    assert fields["pn"]
    assert fields["tr"] == number.replace("-", "")
    assert re.fullmatch(r"[A-Za-z0-9]{1,35}", fields["tr"])
    assert len(fields["tn"]) <= 50
    assert re.fullmatch(r"[!-~]+", link), "plain ASCII without spaces"


@pytest.mark.parametrize("minor", [0, -1])
def test_nothing_makes_no_link(minor: int) -> None:
    with pytest.raises(ValueError, match="nothing is to be paid"):
        BANYAN.link(minor, NUMBER)


@pytest.mark.parametrize("upi_id", ["banyan@okaxis", "9845012345@ybl", "banyan.clinic-1_a@upi", "b1@icici2"])
def test_upi_ids(upi_id: str) -> None:
    assert settings(upi_id=upi_id).upi_payee == UpiPayee(upi_id=upi_id, name=settings().name)


@pytest.mark.parametrize(
    "upi_id", ["banyan", "@okaxis", "a@b", "ban yan@upi", "banyan@example.org", "banyan@upi&am=1", "a" * 255 + "@upi"]
)
def test_what_is_no_upi_id(upi_id: str) -> None:
    with pytest.raises(ValidationError):
        settings(upi_id=upi_id)


def test_a_clinic_without_an_id_is_not_paid_so_and_the_name_is_that_of_messages() -> None:
    assert settings().upi_payee is None
    named = settings(upi_id="banyan@upi", message_name="Banyan").upi_payee
    assert named is not None
    assert named.name == "Banyan"
