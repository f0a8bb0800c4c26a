"""Razorpay: what each answer means, how a lost link is found again, and which signatures count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from local.services.kit.servers import HttpServer, free_port
from local.services.razorpay.accounts import BROKEN, BROKEN_AFTER, KEY_SECRET, LOST, TOO_MANY, Accounts
from local.services.razorpay.endpoint import RazorpayEndpoint
from local.services.razorpay.events import Event
from shared import settings
from shared.gateways import razorpay
from shared.gateways.razorpay import Account, NewLink
from shared.records.problems import Conflict, Unavailable
from shared.records.types import new_id

SECRET = "a-webhook-secret"
BODY = b'{"event": "payment.captured"}'


@pytest.fixture(scope="module")
def endpoint() -> Iterator[tuple[Accounts, str]]:
    accounts = Accounts()
    server = HttpServer(RazorpayEndpoint(accounts).app)
    yield accounts, server.url
    server.stop()


@pytest.fixture
def provider(endpoint: tuple[Accounts, str]) -> Iterator[Accounts]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAZORPAY_ENDPOINT", endpoint[1])
        settings.load.cache_clear()
        endpoint[0].filters = True
        yield endpoint[0]
    settings.load.cache_clear()


@pytest.fixture
def account() -> Account:
    return Account(f"rzp_test_{new_id(14)}", KEY_SECRET)


def link(reference: str = "INV-202609-000001-1", amount: int = 5_000) -> NewLink:
    expires_at = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    return NewLink(reference, amount, "INR", "Bill", expires_at, {"bill_id": "one-bill"})


def test_a_link_is_made_once_and_found_again(provider: Accounts, account: Account) -> None:
    new = link()
    made = razorpay.create_link(account, new)

    assert made is not None
    assert (made.is_open, made.expires_at) == (True, new.expires_at)
    assert razorpay.create_link(account, new) is None
    assert razorpay.find_link(account, new) == made
    for other in (replace(new, amount=1), replace(new, currency="USD"), replace(new, notes={"bill_id": "two-bill"})):
        assert razorpay.find_link(account, other) is None
    assert razorpay.create_link(replace(account, key_id=f"rzp_test_{new_id(14)}"), new) is not None


def test_the_list_need_not_filter(provider: Accounts, account: Account) -> None:
    first = razorpay.create_link(account, link())
    razorpay.create_link(account, link("INV-202609-000002-1"))
    provider.filters = False

    assert razorpay.find_link(account, link()) == first


@pytest.mark.parametrize("error", [TOO_MANY, BROKEN, LOST, BROKEN_AFTER])
def test_what_passes_is_asked_again(provider: Accounts, account: Account, error: int | str) -> None:
    provider.plant(error)

    with pytest.raises(Unavailable):
        razorpay.create_link(account, link())
    found = razorpay.create_link(account, link()) or razorpay.find_link(account, link())
    assert found is not None
    assert len(provider.links(account.key_id)) == 1


def test_a_refusal_is_final_and_has_no_secret(provider: Accounts, account: Account) -> None:
    wrong = replace(account, key_secret="wrong")

    for ask in (
        lambda: razorpay.create_link(wrong, link()),
        lambda: razorpay.find_link(wrong, link()),
        lambda: razorpay.cancel_link(wrong, "plink_00000000000000"),
        lambda: razorpay.create_link(account, link(amount=99)),
    ):
        with pytest.raises(Conflict) as refused:
            ask()
        assert refused.value.code == "payment_provider_refused"
    assert KEY_SECRET not in repr(account)


def test_a_link_is_cancelled_once(provider: Accounts, account: Account) -> None:
    made = razorpay.create_link(account, link())
    assert made is not None

    assert [razorpay.cancel_link(account, made.id) for _ in range(2)] == [True, False]
    assert razorpay.find_link(account, link()) is None, "nobody can pay by it"


def test_nobody_there_is_asked_again(account: Account) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAZORPAY_ENDPOINT", f"http://127.0.0.1:{free_port()}")
        settings.load.cache_clear()
        with pytest.raises(Unavailable):
            razorpay.create_link(account, link())
    settings.load.cache_clear()


def test_only_the_secret_signs_and_only_these_bytes() -> None:
    right = Event(BODY).signature(SECRET)

    assert razorpay.is_signed(BODY, right, [SECRET])
    assert razorpay.is_signed(BODY, right, ["another", SECRET])
    for body, signature, secrets in (
        (BODY + b" ", right, [SECRET]),
        (BODY, right, ["another"]),
        (BODY, right, []),
        (BODY, right.upper(), [SECRET]),
        (BODY, "", [SECRET]),
        (BODY, "é" * 64, [SECRET]),
    ):
        assert not razorpay.is_signed(body, signature, secrets)
