"""Security events of the code match their alerts, and no other alert."""

from __future__ import annotations

import flask
import pytest
import tink

from infra.check.deployment import Deployment
from shared.records.problems import RecordUnreadable
from shared.store.integrity import reading
from shared.web import logs
from shared.web.triggers import on_schedule
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
