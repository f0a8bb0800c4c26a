"""Payment links that could not be cancelled at once: tried again each day, until they are or have expired."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from local.services.kit.recorder import Fault
from local.services.razorpay.accounts import PaymentLink
from shared.store.context import utc_now
from shared.workflows import hourly
from shared.workflows.billing import payment_links
from tests.api.billing.helpers import act, issued, pay
from tests.api.billing.online_helpers import connect, linked, now
from tests.support import crashes
from tests.support.client import Reply
from tests.support.clinics import TestClinic

DAY = timedelta(days=1)


def run(after: timedelta = timedelta(0)) -> None:
    """The schedule, so long after now."""
    payment_links.cancel_left("test", lambda: utc_now() + after)


def change_keys(clinic: TestClinic, connected: Reply) -> Reply:
    """Let the provider refuse the clinic's keys."""
    keys = {"key_id": connected.body["key_id"], "key_secret": "wrong-secret", "webhook_secret": "0123456789abcdef"}
    return clinic.admin.put("/clinic/payment-provider", keys, etag=connected.etag).ok()


@pytest.fixture
def left(own_clinic: TestClinic) -> tuple[Reply, Reply, PaymentLink]:
    """A clinic's wrong keys, its bill that was paid meanwhile, and the link that is still open."""
    connected = connect(own_clinic)
    bill, link = linked(own_clinic, issued(own_clinic, 1_000))
    wrong = change_keys(own_clinic, connected)
    return wrong, pay(own_clinic, bill, 1_000).ok(201), link


Left = tuple[Reply, Reply, PaymentLink]


def is_cancelled(clinic: TestClinic, bill: Reply) -> bool:
    """What the bill says of its link."""
    return bool(now(clinic, bill).body["payment_link"]["cancelled"])


def test_a_link_that_is_left_is_cancelled_once_the_provider_answers(own_clinic: TestClinic, left: Left) -> None:
    wrong, paid, link = left
    run()
    assert (link.status, is_cancelled(own_clinic, paid)) == ("created", False)
    connect(own_clinic, key_id=wrong.body["key_id"], etag=wrong.etag)

    run()
    assert link.status == "created", "it was tried today"
    hourly.run("test", lambda: utc_now() + DAY)

    assert (link.status, is_cancelled(own_clinic, paid)) == ("cancelled", True)
    assert now(own_clinic, paid).etag == paid.etag
    asked = own_clinic.stack.recorder.mark()
    run(2 * DAY)
    assert not [call for call in own_clinic.stack.recorder.calls(asked) if call.service == "razorpay"]


def test_a_link_that_expired_is_left_alone(own_clinic: TestClinic, left: Left) -> None:
    _, paid, link = left
    expires = datetime.fromisoformat(paid.body["payment_link"]["expires_at"])

    run(expires - utc_now() - timedelta(minutes=1))
    assert not is_cancelled(own_clinic, paid)
    run(expires - utc_now() + DAY)

    assert (link.status, is_cancelled(own_clinic, paid)) == ("created", True), "the provider was not asked"


def test_a_link_that_fits_again_is_kept(own_clinic: TestClinic, left: Left) -> None:
    wrong, paid, link = left
    connect(own_clinic, key_id=wrong.body["key_id"], etag=wrong.etag)

    bounced = {"reason": "Returned.", "cause": "bounced"}
    back = act(own_clinic.receptionist, paid, "payments/e2/reverse", bounced).ok()
    run(DAY)

    assert (link.status, back.body["payment_url"]) == ("created", link.json()["short_url"])


def test_a_process_that_dies_between_booking_and_cancelling(own_clinic: TestClinic) -> None:
    connect(own_clinic)
    bill, link = linked(own_clinic, issued(own_clinic, 1_000))
    with crashes.quiet(own_clinic.stack):
        death = own_clinic.stack.recorder.plant(Fault("firestore", "Commit", "bills", "kill"))
        killed = pay(own_clinic, bill, 1_000)
        assert death.fired.wait(10), killed
    assert (now(own_clinic, bill).body["status"], link.status) == ("paid", "created")

    run()

    assert (link.status, is_cancelled(own_clinic, bill)) == ("cancelled", True)
