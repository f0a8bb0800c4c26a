"""The times of sign-ins and tokens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.clinic import sign_in
from shared.records.record import Stamp
from tools.openapi import factories

NOW = datetime(2026, 11, 27, 9, 30, tzinfo=UTC)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - made aware


def issued(moment: datetime) -> datetime:
    """The time that a token issued at this moment carries."""
    return moment.replace(microsecond=0)


@given(moments, moments)
def test_revocation_ends_every_token_before_it_and_none_of_a_later_second(revoked: datetime, other: datetime) -> None:
    accepted = sign_in.is_valid(issued(other), sign_in.valid_from(revoked))

    assert accepted == (issued(other) > issued(revoked))
    assert not (accepted and other <= revoked)


@pytest.mark.parametrize("microsecond", [0, 1, 999_999])
def test_token_of_the_second_of_the_revocation_is_refused(microsecond: int) -> None:
    revoked = NOW.replace(microsecond=microsecond)

    assert not sign_in.is_valid(NOW, sign_in.valid_from(revoked))
    assert sign_in.is_valid(NOW + timedelta(seconds=1), sign_in.valid_from(revoked))


@pytest.mark.parametrize("change", ["disabled_at", "signed_out"])
def test_disabled_or_signed_out_user_has_no_valid_token_of_that_second(change: str) -> None:
    user = factories.user(Stamp("admin", NOW), id="asha", tokens_valid_after=NOW - timedelta(days=1))

    revoked = getattr(user, change)(Stamp("asha", NOW.replace(microsecond=500_000)))

    assert user.accepts(NOW)
    assert not revoked.accepts(NOW)
    assert revoked.accepts(NOW + timedelta(seconds=1)) == (change == "signed_out")


SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("issued_at", "signed_in_at", "expires_at", "possible"),
    [
        (NOW, NOW, NOW + HOUR, True),
        (NOW + 10 * SECOND, NOW + 10 * SECOND, NOW + HOUR, True),  # the issuer's clock is ahead
        (NOW + 11 * SECOND, NOW, NOW + HOUR, False),
        (NOW, NOW + 11 * SECOND, NOW + HOUR, False),
        (NOW - HOUR, NOW - HOUR, NOW + SECOND, True),
        (NOW - HOUR, NOW - HOUR, NOW, False),  # no tolerance after the expiry
        (NOW - HOUR, NOW - HOUR, NOW - SECOND, False),
    ],
)
def test_issuer_may_be_ten_seconds_ahead_and_an_expired_token_is_refused(
    issued_at: datetime, signed_in_at: datetime, expires_at: datetime, possible: bool
) -> None:
    assert sign_in.times_are_possible(issued_at, signed_in_at, expires_at, NOW) == possible
