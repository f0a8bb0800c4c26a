"""The doctor of a report gets a push message when its draft is ready, at most once on each device."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from local.services.kit.recorder import Fault
from local.services.messaging import outbox as fcm
from local.services.messaging.outbox import Outbox
from local.services.messaging.service import MessagingService
from shared.records.reports.notice import MOST_CLAIMS
from shared.records.types import new_id
from tests.support.call_counts import CountedCall, calls_during, commit, counted, reads
from tests.support.client import ApiClient
from tests.support.clinics import TestClinic

FUNCTION = "on_report_drafted"
MESSAGE: CountedCall = ("messaging", "messages.send", 0)


def device(client: ApiClient) -> str:
    """Register a device; returns its token."""
    token = f"registration-token-{new_id()}"
    client.post("/profile/devices", {"token": token, "platform": "ios"}).ok(201)
    return token


def draft(clinic: TestClinic) -> str:
    """Let the doctor's report be drafted from notes; returns the id of the session when all is at rest."""
    session_id = str(clinic.session(session_notes="Sleeps badly since March.").body["id"])
    clinic.doctor.post(f"/sessions/{session_id}/report", {"source": "notes"}).ok(201)
    assert clinic.report(session_id).body["status"] == "completed"
    clinic.stack.wait_idle(60)
    return session_id


def outbox(clinic: TestClinic) -> Outbox:
    return clinic.stack.service(MessagingService).outbox


def messages(clinic: TestClinic, token: str) -> list[Mapping[str, Any]]:
    return outbox(clinic).messages(token)


def tokens(client: ApiClient) -> int:
    return len(client.get("/profile/devices").ok().body["items"])


def test_each_device_of_the_doctor_gets_the_ids_of_the_draft_and_nobody_else_does(own_clinic: TestClinic) -> None:
    own, foreign = [device(own_clinic.doctor), device(own_clinic.doctor)], device(own_clinic.other_doctor)
    mark = own_clinic.stack.recorder.mark()

    session_id = draft(own_clinic)

    ids = {"clinic_id": own_clinic.id, "session_id": session_id, "report_id": f"{session_id}-r1"}
    for token in own:
        [message] = messages(own_clinic, token)
        assert message["data"] == {"type": "report_ready", **ids}
        assert "notification" not in message
    assert messages(own_clinic, foreign) == []
    calls = counted([call for call in own_clinic.stack.recorder.calls(mark) if call.caller == FUNCTION])
    # The notice names the doctor, whose user, profile and devices are read; the claim is committed before it is sent.
    assert [call for call in calls if call[0] != "kms"] in (
        [reads(2), reads(3), commit(2), MESSAGE, MESSAGE],  # with the own_clinic's keys
        [reads(1), reads(3), commit(2), MESSAGE, MESSAGE],
    )


def test_event_that_is_delivered_again_sends_nothing_again(own_clinic: TestClinic) -> None:
    token = device(own_clinic.doctor)
    draft(own_clinic)
    [delivery] = [
        one
        for one in own_clinic.stack.triggers.history
        if one.function == FUNCTION and own_clinic.id in one.event.headers["ce-subject"]
    ]

    def redeliver() -> None:
        assert own_clinic.stack.triggers.deliver(FUNCTION, delivery.event) // 100 == 2

    assert calls_during(own_clinic, FUNCTION, redeliver) == [reads(1), commit(1)]
    assert len(messages(own_clinic, token)) == 1


@pytest.mark.parametrize("outcome", ["kill", "cut"])
def test_crash_or_lost_response_while_sending_sends_nothing_twice(own_clinic: TestClinic, outcome: str) -> None:
    token = device(own_clinic.doctor)
    fault = own_clinic.stack.recorder.plant(Fault("messaging", "messages.send", FUNCTION, outcome))

    draft(own_clinic)

    assert fault.fired.is_set()
    assert len(messages(own_clinic, token)) == 1


def test_lost_response_postpones_the_other_devices_and_sends_to_each_once(own_clinic: TestClinic) -> None:
    own = [device(own_clinic.doctor) for _ in range(3)]
    fault = own_clinic.stack.recorder.plant(Fault("messaging", "messages.send", FUNCTION, "cut"))

    draft(own_clinic)

    assert fault.fired.is_set()
    assert [len(messages(own_clinic, token)) for token in own] == [1, 1, 1]


def test_busy_service_gets_the_message_later_and_the_reached_device_only_once(own_clinic: TestClinic) -> None:
    busy, reached = device(own_clinic.doctor), device(own_clinic.doctor)  # the latest is sent to first
    outbox(own_clinic).plant(busy, fcm.UNAVAILABLE, fcm.QUOTA_EXCEEDED)

    draft(own_clinic)

    assert (len(messages(own_clinic, busy)), len(messages(own_clinic, reached))) == (1, 1)


def test_message_is_given_up_after_as_many_claims_as_possible(own_clinic: TestClinic) -> None:
    token = device(own_clinic.doctor)
    outbox(own_clinic).plant(token, *[fcm.UNAVAILABLE] * MOST_CLAIMS)

    draft(own_clinic)

    assert messages(own_clinic, token) == []
    assert tokens(own_clinic.doctor) == 1


def test_token_that_is_not_registered_is_removed_and_the_others_stay(own_clinic: TestClinic) -> None:
    dead, alive = device(own_clinic.doctor), device(own_clinic.doctor)
    outbox(own_clinic).plant(dead, fcm.UNREGISTERED)

    draft(own_clinic)

    assert (len(messages(own_clinic, alive)), messages(own_clinic, dead), tokens(own_clinic.doctor)) == (1, [], 1)


def test_doctor_who_does_not_want_messages_gets_none(own_clinic: TestClinic) -> None:
    token = device(own_clinic.doctor)
    profile = own_clinic.doctor.get("/profile").ok()
    names = {name: profile.body[name] for name in ("first_name", "last_name", "licence_number")}
    silent = {**names, "notifications": {"report_ready": False}}
    own_clinic.doctor.put("/profile", silent, etag=profile.etag).ok()

    draft(own_clinic)

    assert messages(own_clinic, token) == []
