"""The state of an invitation on the user's record."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shared.records.clinic.people import INVITATION_INTERVAL, InvitationStatus
from shared.records.problems import Conflict, TooManyRequests
from shared.records.record import Stamp
from tools.openapi import factories

NOW = datetime(2026, 11, 27, 9, 30, tzinfo=UTC)
STAMP = Stamp("admin", NOW)


def test_invitation_waits_and_counts_as_a_change() -> None:
    user = factories.user(STAMP, id="asha")

    invited = user.invited(Stamp("admin", NOW + timedelta(days=1)))

    assert (user.invitation, user.invited_at) == (None, None)
    assert (invited.invitation, invited.invited_at) == (InvitationStatus.WAITING, NOW + timedelta(days=1))
    assert invited.revision == user.revision + 1


@pytest.mark.parametrize("status", list(InvitationStatus))
@pytest.mark.parametrize("seconds", [0, 1, 599.5])
def test_further_invitation_within_the_interval_is_refused_whatever_became_of_the_last(
    status: InvitationStatus, seconds: float
) -> None:
    user = factories.user(STAMP, id="asha").invited(STAMP).with_invitation(status)

    with pytest.raises(TooManyRequests) as refused:
        user.invited(Stamp("admin", NOW + timedelta(seconds=seconds)))

    assert refused.value.retry_after == 600 - int(seconds)


def test_further_invitation_after_the_interval_waits_again() -> None:
    user = factories.user(STAMP, id="asha").invited(STAMP).with_invitation(InvitationStatus.SENT)

    again = user.invited(Stamp("admin", NOW + INVITATION_INTERVAL))

    assert (again.invitation, again.invited_at) == (InvitationStatus.WAITING, NOW + INVITATION_INTERVAL)


def test_disabled_user_is_not_invited() -> None:
    with pytest.raises(Conflict):
        factories.user(STAMP, id="asha", disabled=True).invited(STAMP)


def test_outcome_of_the_mail_keeps_the_revision() -> None:
    user = factories.user(STAMP, id="asha").invited(STAMP)

    sent = user.with_invitation(InvitationStatus.SENT)

    assert (sent.revision, sent.updated_at, sent.invitation) == (user.revision, user.updated_at, InvitationStatus.SENT)
