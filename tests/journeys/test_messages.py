"""Messages from the commit that queues them to the recipient: at most once, whatever dies at whatever moment."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import urllib3

from local.services.kit.recorder import Fault
from local.services.outbox.service import SENT
from local.services.smtp.relay import LOST, Reply
from local.services.smtp.service import SmtpService
from local.services.twilio import messages as twilio
from local.services.twilio.service import TwilioService
from local.stack.stack import Stack
from shared import cli
from shared.records.messages.kinds import Channel, MessageKind, MessageLanguage
from shared.records.messages.message import SENDING_TAKES, Message, model_of
from shared.records.messages.new_message import NewMessage
from shared.records.messages.slots import NewSlots, Slots
from shared.records.problems import Conflict, Invalid
from shared.store.clinic import system_clinic
from shared.workflows.messages import queueing, recovering
from tests.journeys.sweep.stalled_jobs import sweep
from tests.support import crashes as support
from tests.support.clinic_settings import change
from tests.support.clinics import TestClinic
from tests.support.database import alter
from tests.support.visits import set_clinic

FUNCTION = "send_message"
_COUNT = itertools.count(1)
BOTH = pytest.mark.parametrize("channel", Channel)


@pytest.fixture(autouse=True)
def _quiet(stack: Stack) -> Iterator[None]:
    with support.quiet(stack):
        yield


@pytest.fixture(scope="module")
def patient_id(clinic: TestClinic) -> str:
    return str(clinic.silent_patient().body["id"])


def code_for(patient_id: str, channel: Channel, **values: Any) -> NewMessage:
    """A code to an address that no other message has."""
    number = next(_COUNT)
    new = {
        "cause": f"code {number}",
        "kind": MessageKind.PASSCODE,
        "channel": channel,
        "to": f"+9198123{number:05}" if channel == Channel.SMS else f"asha{number}@home.example",
        "language": MessageLanguage.HINDI,
        "slots": NewSlots(code=f"{number:06}"),
        "patient_id": patient_id,
        **values,
    }
    return NewMessage(**new)


def queued(clinic: TestClinic, new: NewMessage) -> Message:
    return system_clinic(clinic.id, "test").perform("test.queue", lambda work: queueing.queue(work, new))


def sent(clinic: TestClinic, new: NewMessage) -> Message:
    """Queue a message and dispatch it; returns it as soon as nothing happens any more."""
    message = queued(clinic, new)
    queueing.dispatch(system_clinic(clinic.id, "test"), message)
    clinic.stack.wait_idle(60)
    return read(clinic, message.id)


def read(clinic: TestClinic, message_id: str) -> Message:
    ref = model_of(message_id).ref(message_id)
    return system_clinic(clinic.id, "test").perform("test.read", lambda work: work.get(ref))


def again(clinic: TestClinic, message: Message, *, after: timedelta = SENDING_TAKES) -> Message:
    """Deliver the task again, so long after the message was claimed."""
    alter(clinic, f"{message.collection}/{message.id}", {"claimed_at": datetime.now(UTC) - after})
    support.run_tasks(clinic.stack)
    clinic.stack.wait_idle(60)
    return read(clinic, message.id)


def at_provider(clinic: TestClinic, new: NewMessage) -> list[str]:
    """The texts of the messages that the provider accepted for the recipient."""
    if new.channel == Channel.SMS:
        return [one.body for one in clinic.stack.service(TwilioService).messages.to(new.to)]
    return [str(one["Subject"]) for one in clinic.stack.service(SmtpService).relay.mails(new.to)]


def plant(clinic: TestClinic, new: NewMessage, *, sms: twilio.TwilioError, mail: Reply) -> None:
    """Let the provider err so at the next message."""
    if new.channel == Channel.SMS:
        clinic.stack.service(TwilioService).messages.plant(new.to, sms)
    else:
        clinic.stack.service(SmtpService).relay.plant(new.to, mail)


@BOTH
def test_a_message_arrives_once_in_the_language_of_the_patient_and_is_forgotten(
    clinic: TestClinic, patient_id: str, channel: Channel
) -> None:
    new = code_for(patient_id, channel)

    message = sent(clinic, new)

    [text] = at_provider(clinic, new)
    assert "कोड" in text
    assert (message.status, message.attempts, message.slots) == ("sent", 1, Slots())
    assert sent(clinic, new) == message, "the same cause makes no second message"
    assert len(at_provider(clinic, new)) == 1


def test_the_outbox_shows_what_was_sent_as_a_page_and_as_json(clinic: TestClinic, patient_id: str) -> None:
    text, mail = (code_for(patient_id, channel) for channel in (Channel.SMS, Channel.MAIL))
    for new in (text, mail):
        sent(clinic, new)

    shown = urllib3.request("GET", f"{clinic.stack.url}{SENT}", headers={"Accept": "application/json"}).json()
    page = urllib3.request("GET", f"{clinic.stack.url}{SENT}", headers={"Accept": "text/html"}).data.decode()

    assert (shown["text_messages"][0]["to"], shown["mails"][0]["to"]) == (text.to, mail.to)
    assert shown["mails"][0]["text"] in page
    assert "<script" not in page


@BOTH
def test_a_sender_that_is_killed_after_the_provider_took_the_message_sends_it_once(
    clinic: TestClinic, patient_id: str, channel: Channel
) -> None:
    service, method = ("twilio", "messages.create") if channel == Channel.SMS else ("smtp", "data")
    death = clinic.stack.recorder.plant(Fault(service, method, FUNCTION, "kill"))
    new = code_for(patient_id, channel)

    message = sent(clinic, new)
    waiting = again(clinic, message, after=SENDING_TAKES - timedelta(seconds=30))
    settled = again(clinic, message)

    assert death.fired.is_set()
    assert (message.status, waiting.status) == ("sending", "sending")
    assert settled.status == ("sent" if channel == Channel.SMS else "unknown")
    assert len(at_provider(clinic, new)) == 1


@BOTH
def test_a_sender_that_is_killed_before_the_provider_heard_of_the_message_sends_a_text_once_and_no_mail(
    clinic: TestClinic, patient_id: str, channel: Channel
) -> None:
    death = clinic.stack.recorder.plant(Fault("firestore", "Commit", FUNCTION, "kill"))
    new = code_for(patient_id, channel)

    settled = again(clinic, sent(clinic, new))

    assert death.fired.is_set()
    assert settled.status == ("sent" if channel == Channel.SMS else "unknown")
    assert len(at_provider(clinic, new)) == (channel == Channel.SMS)


@BOTH
def test_a_sender_that_is_killed_after_it_recorded_the_end_sends_nothing_again(
    clinic: TestClinic, patient_id: str, channel: Channel
) -> None:
    death = clinic.stack.recorder.plant(Fault("firestore", "Commit", FUNCTION, "kill", skip=1))
    new = code_for(patient_id, channel)

    settled = again(clinic, sent(clinic, new))

    assert death.fired.is_set()
    assert settled.status == "sent"
    assert len(at_provider(clinic, new)) == 1


@BOTH
def test_a_lost_answer_is_looked_up_or_left_to_a_person(clinic: TestClinic, patient_id: str, channel: Channel) -> None:
    new = code_for(patient_id, channel)
    plant(clinic, new, sms=twilio.BROKEN_AFTER, mail=Reply("data", LOST))

    settled = again(clinic, sent(clinic, new))

    assert settled.status == ("sent" if channel == Channel.SMS else "unknown")
    assert len(at_provider(clinic, new)) == 1


@BOTH
def test_a_busy_provider_gets_the_message_later(clinic: TestClinic, patient_id: str, channel: Channel) -> None:
    new = code_for(patient_id, channel)
    plant(clinic, new, sms=twilio.TOO_MANY, mail=Reply("rcpt", "451 4.3.0 later"))

    waiting = sent(clinic, new)
    support.run_tasks(clinic.stack)
    clinic.stack.wait_idle(60)

    settled = read(clinic, waiting.id)
    assert (settled.status, settled.attempts, settled.error_code) == ("sent", 2, None)
    assert len(at_provider(clinic, new)) == 1


@BOTH
def test_a_refused_message_fails_at_once(clinic: TestClinic, patient_id: str, channel: Channel) -> None:
    new = code_for(patient_id, channel)
    plant(clinic, new, sms=twilio.TwilioError(400, 21408), mail=Reply("data", "554 5.7.1 spam"))

    settled = sent(clinic, new)

    code = "twilio_21408" if channel == Channel.SMS else "smtp_554"
    assert (settled.status, settled.attempts, settled.error_code) == ("failed", 1, code)
    assert clinic.stack.task_queues.pending() == []


@BOTH
def test_an_address_that_bounces_is_not_used_again(clinic: TestClinic, patient_id: str, channel: Channel) -> None:
    new = code_for(patient_id, channel)
    waiting = queued(clinic, code_for(patient_id, channel, to=new.to))
    plant(clinic, new, sms=twilio.UNSUBSCRIBED, mail=Reply("rcpt", "550 5.1.1 nobody"))

    bounced = sent(clinic, new)

    assert bounced.status == "bounced"
    with pytest.raises(Conflict) as refused:
        queued(clinic, code_for(patient_id, channel, to=new.to.upper()))
    assert refused.value.code == "address_bounces"
    queueing.dispatch(system_clinic(clinic.id, "test"), waiting)
    clinic.stack.wait_idle(60)
    stopped = read(clinic, waiting.id)
    assert (stopped.status, stopped.error_code) == ("failed", "address_bounces")
    assert at_provider(clinic, new) == []


def test_an_operator_notes_a_returned_mail_until_the_address_works_again(
    clinic: TestClinic, patient_id: str, capsys: pytest.CaptureFixture[str]
) -> None:
    new = code_for(patient_id, Channel.MAIL)

    assert cli.main(["bounced", clinic.id, new.to.upper()]) == 0
    with pytest.raises(Conflict):
        queued(clinic, new)
    assert cli.main(["bounced", clinic.id, new.to, "--forget"]) == 0
    assert cli.main(["bounced", clinic.id, new.to]) == 0, "and it may bounce again"
    assert cli.main(["bounced", clinic.id, new.to, "--forget"]) == 0
    assert queued(clinic, new).status == "queued"
    assert cli.main(["bounced", clinic.id, "nobody"]) == 2
    assert cli.main(["bounced", "nowhere", new.to]) == 2
    assert new.to not in capsys.readouterr().out


def test_an_admin_changes_how_messages_are_signed(clinic: TestClinic, patient_id: str) -> None:
    change(clinic, message_name="Banyan", first_name_in_messages=True).ok()
    signed = queued(clinic, code_for(patient_id, Channel.MAIL))
    change(clinic, message_name=None, first_name_in_messages=False).ok()

    assert (signed.sender_name, signed.slots.first_name) == ("Banyan", "Zoë")


def test_a_text_that_does_not_arrive_is_told_and_its_number_not_used_again(clinic: TestClinic, patient_id: str) -> None:
    arriving, bouncing = code_for(patient_id, Channel.SMS), code_for(patient_id, Channel.SMS)
    clinic.stack.service(TwilioService).messages.deliver(bouncing.to, "undelivered", 30005)
    messages = [sent(clinic, new) for new in (arriving, bouncing)]

    support.converge(clinic.stack)

    arrived, bounced = (read(clinic, message.id) for message in messages)
    assert (arrived.status, arrived.delivered) == ("sent", True)
    assert (bounced.status, bounced.error_code) == ("bounced", "twilio_30005")
    with pytest.raises(Conflict):
        queued(clinic, code_for(patient_id, Channel.SMS, to=bouncing.to))


def test_a_text_without_an_answer_at_an_account_that_shows_no_texts_stays_unknown(
    clinic: TestClinic, patient_id: str
) -> None:
    new, service = code_for(patient_id, Channel.SMS), clinic.stack.service(TwilioService).messages
    service.plant(new.to, twilio.LOST)
    service.redacted = True
    try:
        settled = again(clinic, sent(clinic, new))
    finally:
        service.redacted = False

    assert settled.status == "unknown"
    assert len(at_provider(clinic, new)) == 1


def test_what_is_no_longer_wanted_is_not_sent(clinic: TestClinic) -> None:
    gone = clinic.silent_patient()
    cancelled, late, orphaned = (code_for(gone.body["id"], Channel.MAIL) for _ in range(3))
    messages = [queued(clinic, new) for new in (cancelled, late, orphaned)]
    system_clinic(clinic.id, "test").perform(
        "test.cancel", lambda work: queueing.cancel(work, queueing.ref_of(cancelled))
    )
    alter(clinic, f"messages/{messages[1].id}", {"send_by": datetime.now(UTC)})

    queueing.dispatch(system_clinic(clinic.id, "test"), messages[0])
    queueing.dispatch(system_clinic(clinic.id, "test"), messages[1])
    clinic.stack.wait_idle(60)
    ended = [read(clinic, message.id).status for message in messages[:2]]
    clinic.doctor.delete(f"/patients/{gone.body['id']}", etag=gone.etag).ok(204)
    queueing.dispatch(system_clinic(clinic.id, "test"), messages[2])
    clinic.stack.wait_idle(60)

    assert ended == ["cancelled", "failed"]
    assert support.documents(clinic.id)[f"messages/{messages[2].id}"]["status"] == "cancelled"
    assert [at_provider(clinic, new) for new in (cancelled, late, orphaned)] == [[], [], []]


def test_a_message_whose_task_was_lost_is_sent_by_the_next_sweep(clinic: TestClinic, patient_id: str) -> None:
    new = code_for(patient_id, Channel.MAIL)
    message = queued(clinic, new)  # and the process died before it dispatched it
    alter(clinic, f"messages/{message.id}", {"updated_at": datetime.now(UTC) - recovering.STALLED_AFTER})

    assert sweep(clinic.stack) == 204
    clinic.stack.wait_idle(60)

    assert read(clinic, message.id).status == "sent"
    assert len(at_provider(clinic, new)) == 1


def test_a_task_whose_message_was_never_committed_ends(clinic: TestClinic, patient_id: str) -> None:
    ghost = queued(clinic, code_for(patient_id, Channel.MAIL)).copied(f"{patient_id}-ghost")

    queueing.dispatch(system_clinic(clinic.id, "test"), ghost)
    support.converge(clinic.stack)

    assert clinic.stack.task_queues.pending() == []


def test_the_first_name_stands_in_a_mail_to_the_patient_only_if_the_clinic_wants_it(clinic: TestClinic) -> None:
    patient = clinic.silent_patient().body["id"]
    silent = queued(clinic, code_for(patient, Channel.MAIL))
    set_clinic(clinic, first_name_in_messages=True)
    try:
        named = queued(clinic, code_for(patient, Channel.MAIL))
        other = queued(clinic, code_for(patient, Channel.MAIL, to_patient=False))
    finally:
        set_clinic(clinic, first_name_in_messages=False)

    assert [one.slots.first_name for one in (silent, named, other)] == [None, "Zoë", None]


def test_everything_that_is_wrong_with_a_message_is_named(clinic: TestClinic, patient_id: str) -> None:
    with pytest.raises(Invalid) as refused:
        queued(clinic, code_for(patient_id, Channel.MAIL, to="asha", slots=NewSlots(days=3)))

    assert [error.pointer for error in refused.value.errors] == ["/to", "/slots/code", "/slots/days"]
