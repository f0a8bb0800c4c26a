"""Security events of the code match their alerts, and no other alert."""

from __future__ import annotations

import pytest
import tink

from infra.check.deployment import Deployment
from shared.records.problems import RecordUnreadable
from shared.store.integrity import reading
from shared.web import logs
from tests.infra.test_operations import Logged, _alert, logged  # noqa: F401 - a fixture


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
