"""A message is handed over only from `queued`, and never again once it may have been sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import settings, stateful
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from shared.records.messages.address import address_error, masked, normal
from shared.records.messages.kinds import Channel, MessageKind, MessageLanguage
from shared.records.messages.message import (
    MOST_ATTEMPTS,
    SENDING_TAKES,
    Message,
    MessageStatus,
    PatientMessage,
    StaffMessage,
    message_id,
    model_of,
)
from shared.records.messages.new_message import NewMessage
from shared.records.messages.slots import NewSlots, Slots
from shared.records.problems import Conflict
from shared.records.record import SYSTEM, Stamp
from tests.support.factories import NOON, PATIENT_ID
from tests.support.thorough import examples


def message(channel: Channel = Channel.SMS, **values: Any) -> PatientMessage:
    return PatientMessage.new(
        message_id("cause", PATIENT_ID),
        Stamp(SYSTEM, NOON),
        patient_id=PATIENT_ID,
        to="+919812345678" if channel == Channel.SMS else "asha@home.example",
        slots=Slots(code="123456", clinic_name="Banyan"),
        sender_name="Banyan",
        channel=channel,
        message_kind=MessageKind.PASSCODE,
        language=MessageLanguage.ENGLISH,
        send_by=NOON + timedelta(hours=1),
        requested_at=NOON,
        **values,
    )


class Sender(RuleBasedStateMachine):
    """Everything that may happen to a message, in any order; `at_provider` counts what a recipient may have got."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.message: Message = message()
        self.at_provider = 0
        self.asked = 0

    @property
    def stamp(self) -> Stamp:
        return Stamp(SYSTEM, self.now)

    def is_in(self, *states: MessageStatus) -> bool:
        return self.message.status in states

    @rule(minutes=st.integers(1, 60))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @precondition(lambda self: self.is_in(MessageStatus.QUEUED) and not self.message.is_overdue(self.stamp))
    @rule(taken=st.booleans(), answered=st.booleans())
    def is_sent(self, taken: bool, answered: bool) -> None:
        self.message = self.message.claimed(self.stamp)
        self.at_provider += taken
        if answered:
            after = self.message.accepted(self.stamp, "SM1") if taken else self.message.postponed(self.stamp, "busy")
            self.message = after

    @precondition(lambda self: self.is_in(MessageStatus.SENDING) and self.message.has_lost_its_sender(self.stamp))
    @rule(readable=st.booleans())
    def is_looked_up(self, readable: bool) -> None:
        if not readable:
            self.message = self.message.lost(self.stamp)
        elif self.at_provider:
            self.message = self.message.accepted(self.stamp, "SM1")
        else:
            self.message = self.message.postponed(self.stamp, "not_found")

    @rule()
    def is_cancelled(self) -> None:
        before, self.message = self.message, self.message.cancelled(self.stamp)
        assert self.is_in(MessageStatus.CANCELLED) or self.message is before

    @rule()
    def a_person_asks_again(self) -> None:
        if not self.is_in(MessageStatus.FAILED, MessageStatus.UNKNOWN):
            with pytest.raises(Conflict):
                self.message.resent(self.stamp)
            return
        self.message = self.message.resent(self.stamp)
        self.asked += 1

    @precondition(lambda self: not self.is_in(MessageStatus.QUEUED))
    @rule()
    def is_not_claimed_twice(self) -> None:
        with pytest.raises(Conflict):
            self.message.claimed(self.stamp)

    @invariant()
    def the_recipient_has_it_once(self) -> None:
        assert self.at_provider <= 1
        assert self.message.attempts <= MOST_ATTEMPTS

    @invariant()
    def nothing_secret_is_kept_when_it_is_over(self) -> None:
        if self.is_in(MessageStatus.SENT, MessageStatus.CANCELLED, MessageStatus.BOUNCED):
            assert self.message.slots == Slots()


TestSender = Sender.TestCase
TestSender.settings = settings(max_examples=examples(60), stateful_step_count=25, deadline=None)
assert stateful  # the machine is collected as `TestSender`


def test_the_last_attempt_fails_instead_of_waiting() -> None:
    stamp, one = Stamp(SYSTEM, NOON), message()
    for _ in range(MOST_ATTEMPTS):
        assert one.status == MessageStatus.QUEUED
        one = one.claimed(stamp).postponed(stamp, "twilio_20429")

    assert (one.status, one.error_code, one.attempts) == (MessageStatus.FAILED, "twilio_20429", MOST_ATTEMPTS)


def test_a_message_that_is_too_late_is_not_queued_again() -> None:
    late = Stamp(SYSTEM, NOON + timedelta(hours=2))

    assert message().claimed(Stamp(SYSTEM, NOON)).postponed(late, "smtp_451").status == MessageStatus.FAILED


def test_a_sender_is_lost_only_after_the_longest_run_of_the_function() -> None:
    claimed = message().claimed(Stamp(SYSTEM, NOON))

    assert not claimed.has_lost_its_sender(Stamp(SYSTEM, NOON + SENDING_TAKES - timedelta(seconds=1)))
    assert claimed.has_lost_its_sender(Stamp(SYSTEM, NOON + SENDING_TAKES))


def test_an_unknown_mail_is_sent_again_and_an_unknown_text_is_looked_up_first() -> None:
    stamp = Stamp(SYSTEM, NOON)

    assert message(Channel.MAIL).claimed(stamp).lost(stamp).resent(stamp).status == MessageStatus.QUEUED
    assert message(Channel.SMS).claimed(stamp).lost(stamp).resent(stamp).status == MessageStatus.SENDING


def test_a_text_that_bounces_after_it_was_taken_is_not_sent_again() -> None:
    stamp = Stamp(SYSTEM, NOON)
    bounced = message().claimed(stamp).accepted(stamp, "SM1").bounced(stamp, "twilio_30005")

    with pytest.raises(Conflict):
        bounced.resent(stamp)


def test_one_cause_makes_one_id_which_tells_whose_it_is() -> None:
    about, to_staff = message_id("cause", PATIENT_ID), message_id("cause", None)

    assert about == message_id("cause", PATIENT_ID) != message_id("other", PATIENT_ID)
    assert about.startswith(f"{PATIENT_ID}-")
    assert (model_of(about), model_of(to_staff)) == (PatientMessage, StaffMessage)


@pytest.mark.parametrize(
    ("channel", "address", "good"),
    [
        (Channel.MAIL, "asha@home.example", True),
        (Channel.MAIL, "asha@home.example\r\nBcc: x@y.example", False),
        (Channel.MAIL, "asha@home.example,eve@y.example", False),
        (Channel.MAIL, "<asha@home.example>", False),
        (Channel.MAIL, "Asha", False),
        (Channel.SMS, "+919812345678", True),
        (Channel.SMS, "+91 98123 45678", False),
        (Channel.SMS, "919812345678", False),
        (Channel.SMS, "+919812345678\n", False),
    ],
)
def test_an_address_is_one_address_of_its_channel(channel: Channel, address: str, good: bool) -> None:
    assert (address_error(channel, address) is None) == good


def test_an_address_is_shown_masked_and_compared_without_case() -> None:
    assert masked(Channel.MAIL, "asha.rao@home.example") == "a…@home.example"
    assert masked(Channel.SMS, "+919812345678") == "+91…78"
    assert normal(Channel.MAIL, "Asha@Home.example") == "asha@home.example"


@pytest.mark.parametrize("whose", [{}, {"patient_id": "p", "user_id": "u"}])
def test_a_message_is_about_a_patient_or_to_the_staff(whose: dict[str, str]) -> None:
    said = {"cause": "c", "kind": MessageKind.PASSCODE, "channel": Channel.SMS, "to": "+919812345678"}

    with pytest.raises(ValueError, match="patient"):
        NewMessage(**said, language=MessageLanguage.ENGLISH, slots=NewSlots(code="1234"), **whose)  # type: ignore[arg-type]
