"""Messages as people of the clinic see them, and sending one again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from local.services.kit.recorder import Fault
from local.services.smtp.relay import LOST, Reply
from local.services.smtp.service import SmtpService
from local.services.twilio import messages as twilio
from local.services.twilio.service import TwilioService
from local.stack.stack import Stack
from shared.records.messages.kinds import Channel
from tests.journeys.test_messages import again, at_provider, code_for, plant, queued, read, sent
from tests.support import crashes as support
from tests.support.clinics import TestClinic


@pytest.fixture(autouse=True)
def _quiet(stack: Stack) -> Iterator[None]:
    with support.quiet(stack):
        yield


@pytest.fixture(scope="module")
def patient_id(clinic: TestClinic) -> str:
    return str(clinic.silent_patient().body["id"])


def listed(clinic: TestClinic, query: str, who: str = "receptionist") -> dict[str, Any]:
    """The messages of a list, by id."""
    return {one["id"]: one for one in getattr(clinic, who).get(f"/messages?{query}").ok().body["items"]}


def test_a_message_is_listed_without_what_it_said_and_with_a_masked_address(
    clinic: TestClinic, patient_id: str
) -> None:
    message = sent(clinic, code_for(patient_id, Channel.SMS))

    shown = listed(clinic, f"patient_id={patient_id}")[message.id]

    assert (shown["status"], shown["channel"], shown["message_kind"]) == ("sent", "sms", "passcode")
    assert shown["address"] == f"+91…{message.to[-2:]}"
    assert not {"to", "slots", "sender_name", "provider_id", "claimed_at"} & shown.keys()
    assert message.to not in clinic.admin.get(f"/messages?patient_id={patient_id}").content.decode()


def test_who_may_not_see_a_patient_sees_no_messages_about_them(
    clinic: TestClinic, other_clinic: TestClinic, patient_id: str
) -> None:
    message = queued(clinic, code_for(patient_id, Channel.MAIL))

    assert message.id in listed(clinic, "status=queued", "doctor")
    assert message.id not in listed(clinic, "status=queued", "other_doctor")
    clinic.other_doctor.get(f"/messages?patient_id={patient_id}").refused(404, "not-found")
    other_clinic.admin.get(f"/messages?patient_id={patient_id}").refused(404, "not-found")
    other_clinic.admin.post(f"/messages/{message.id}/resend", key="", etag='"1"').refused(404, "not-found")


def test_a_list_is_of_a_patient_and_of_a_state(clinic: TestClinic, patient_id: str) -> None:
    message, query = queued(clinic, code_for(patient_id, Channel.MAIL)), f"patient_id={patient_id}&status="

    assert message.id in listed(clinic, f"{query}queued")
    assert message.id not in listed(clinic, f"{query}failed")


@pytest.mark.parametrize("channel", Channel)
def test_a_failed_message_is_sent_again_once(clinic: TestClinic, patient_id: str, channel: Channel) -> None:
    new = code_for(patient_id, channel)
    plant(clinic, new, sms=twilio.TwilioError(400, 21408), mail=Reply("data", "554 5.7.1 spam"))
    failed = sent(clinic, new)
    path, etag = f"/messages/{failed.id}/resend", f'"{failed.revision}"'

    asked = clinic.receptionist.post(path, key="", etag=etag).ok()
    clinic.stack.wait_idle(60)

    assert (asked.body["status"], read(clinic, failed.id).status) == ("queued", "sent")
    assert len(at_provider(clinic, new)) == 1
    clinic.receptionist.post(path, key="", etag=etag).refused(412, "stale")
    done = clinic.receptionist.post(path, key="", etag=f'"{read(clinic, failed.id).revision}"')
    assert done.refused(409, "conflict").body["code"] == "message_state"
    clinic.receptionist.post(path, key="").refused(428, "precondition-required")


def test_an_unknown_mail_is_sent_again_under_the_same_name(clinic: TestClinic, patient_id: str) -> None:
    new = code_for(patient_id, Channel.MAIL)
    plant(clinic, new, sms=twilio.LOST, mail=Reply("data", LOST))
    unknown = sent(clinic, new)
    assert unknown.id in listed(clinic, "", "admin").keys() & listed(clinic, "status=unknown", "admin").keys()

    clinic.doctor.post(f"/messages/{unknown.id}/resend", key="", etag=f'"{unknown.revision}"').ok()
    clinic.stack.wait_idle(60)

    first, second = clinic.stack.service(SmtpService).relay.mails(new.to)
    assert first["Message-ID"] == second["Message-ID"], "mailboxes may show it once"
    assert "123456" not in str(first["Message-ID"])
    assert read(clinic, unknown.id).status == "sent"


def test_an_unknown_text_that_a_person_asks_for_again_is_looked_up_first(clinic: TestClinic, patient_id: str) -> None:
    new, service = code_for(patient_id, Channel.SMS), clinic.stack.service(TwilioService).messages
    service.plant(new.to, twilio.LOST)
    service.redacted = True
    try:
        unknown = again(clinic, sent(clinic, new))
    finally:
        service.redacted = False

    clinic.doctor.post(f"/messages/{unknown.id}/resend", key="", etag=f'"{unknown.revision}"').ok()
    clinic.stack.wait_idle(60)

    assert (unknown.status, read(clinic, unknown.id).status) == ("unknown", "sent")
    assert len(at_provider(clinic, new)) == 1


def test_a_message_that_bounces_is_not_sent_again(clinic: TestClinic, patient_id: str) -> None:
    first, second = (code_for(patient_id, Channel.MAIL, to="shared@home.example") for _ in range(2))
    relay = clinic.stack.service(SmtpService).relay
    relay.plant(first.to, Reply("data", "554 5.7.1 spam"), Reply("rcpt", "550 5.1.1 nobody"))
    failed, bounced = sent(clinic, first), sent(clinic, second)
    assert bounced.status == "bounced"

    refused = clinic.doctor.post(f"/messages/{failed.id}/resend", key="", etag=f'"{failed.revision}"')

    assert refused.refused(409, "conflict").body["code"] == "address_bounces"


def test_a_function_that_dies_before_it_dispatches_leaves_a_message_for_the_sweep(
    clinic: TestClinic, patient_id: str
) -> None:
    new = code_for(patient_id, Channel.MAIL)
    plant(clinic, new, sms=twilio.LOST, mail=Reply("data", "554 5.7.1 spam"))
    failed = sent(clinic, new)
    death = clinic.stack.recorder.plant(Fault("firestore", "Commit", "messages", "kill"))

    reply = clinic.doctor.post(f"/messages/{failed.id}/resend", key="", etag=f'"{failed.revision}"')

    assert death.fired.wait(30)
    assert reply.status == 502
    assert read(clinic, failed.id).status == "queued"
    assert at_provider(clinic, new) == []
