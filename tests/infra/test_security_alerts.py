"""Security events of the code match their alerts, and no other alert."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import flask
import pytest
import tink

from infra.check.deployment import Deployment
from shared.records.problems import RecordUnreadable, TooManyRequests
from shared.store.integrity import reading
from shared.store.shown_quota import ShownQuota
from shared.web import logs
from shared.web.triggers import on_schedule
from shared.workflows.billing import online, provider_events
from tests.infra.test_operations import Logged, _alert, logged  # noqa: F401 - a fixture
from tests.support import invokers


@pytest.mark.parametrize(
    ("error", "reason"),
    [(tink.TinkError("x"), "altered"), (KeyError("sealed"), "incomplete"), (ValueError(), "incomplete")],
)
def test_a_record_that_does_not_open_is_alerted_once(
    planned: Deployment,
    logged: Logged,  # noqa: F811 - the fixture
    error: Exception,
    reason: str,
) -> None:
    logs.configure()

    with pytest.raises(RecordUnreadable), reading("aster", "Patient", "patient-1"):
        raise error

    (line,) = logged()
    assert (line["jsonPayload.kind"], line["jsonPayload.id"], line["jsonPayload.reason"]) == (
        "Patient",
        "patient-1",
        reason,
    )
    assert _alert(planned, "A record does not open").matches(line)
    assert not _alert(planned, "The code failed").matches(line)


def test_an_exceeded_quota_is_alerted_once(
    planned: Deployment,
    logged: Logged,  # noqa: F811 - the fixture
) -> None:
    logs.configure()

    with pytest.raises(TooManyRequests):
        ShownQuota("asha", datetime(2026, 9, 14, tzinfo=UTC), 10).require(11, "aster")

    (line,) = logged()
    assert (line["jsonPayload.clinic_id"], line["jsonPayload.user_id"]) == ("aster", "asha")
    assert _alert(planned, "Somebody was shown too many records").matches(line)
    assert not _alert(planned, "The code failed").matches(line)


def test_a_forged_payment_event_is_alerted_and_one_for_a_person_too(
    planned: Deployment,
    logged: Logged,  # noqa: F811 - the fixture
) -> None:
    logs.configure()
    about = {"clinic_id": "aster", "reason": "signature"}

    logging.getLogger("synapse.security").warning(provider_events.REFUSED, extra=about)
    logging.getLogger("synapse.jobs").warning(online.NEEDS_PERSON, extra={**about, "id": "pay_1"})

    titles = "An event of the payment provider was refused", "An online payment needs a person"
    for line, title, other in zip(logged(), titles, reversed(titles), strict=True):
        assert _alert(planned, title).matches(line)
        assert not _alert(planned, other).matches(line)
        assert not _alert(planned, "The code failed").matches(line)


def test_a_delivery_without_identity_is_alerted_once(
    planned: Deployment,
    logged: Logged,  # noqa: F811 - the fixture
) -> None:
    with invokers.expected(), flask.Flask("jobs").test_request_context("/", method="POST") as context:
        on_schedule(lambda cause: None)(context.request)

    (line,) = logged()
    assert line["jsonPayload.reason"] == "missing"
    assert _alert(planned, "A delivery without the right identity was refused").matches(line)
    assert not _alert(planned, "The code failed").matches(line)
