"""Texts: each kind in each language, with its slots, short enough, and without anything that a caller could write."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import pytest
from pydantic import ValidationError

from shared.records.messages import wording
from shared.records.messages.kinds import FORMS, Channel, MessageKind, MessageLanguage, Slot, language_of
from shared.records.messages.segments import is_gsm, segments
from shared.records.messages.slots import LONGEST_NAME, LONGEST_URL, MOST_REPORTS, NewSlots, Slots, short_name
from shared.records.messages.wording import OwnText

TODAY = date(2026, 9, 14)
PAST = date(1984, 5, 1)
LONGEST_LINK = "https://clinic.example/" + "x" * (LONGEST_URL - len("https://clinic.example/"))
LONGEST = Slots(
    url=LONGEST_LINK,
    code="1234567890",
    day=TODAY,
    days=366,
    visit_day=TODAY,
    visit_time="23:59",
    reports=["REP-20260001"] * MOST_REPORTS,
    clinic_name="न" * LONGEST_NAME,
    first_name="म" * LONGEST_NAME,
)
ALL = list(product(MessageKind, MessageLanguage))


@pytest.mark.parametrize(("kind", "spoken"), ALL)
def test_every_kind_has_a_text_with_its_slots_in_every_language(kind: MessageKind, spoken: MessageLanguage) -> None:
    text, form = wording.language(spoken).texts[kind], FORMS[kind]
    parts = [text.mail, text.subject] + ([text.sms] if Channel.SMS in form.channels else [])

    assert wording.slots_in(text.mail) == {slot.value for slot in form.slots}
    assert all(wording.slots_in(part) <= {slot.value for slot in form.slots} for part in parts)
    assert bool(text.sms) == (Channel.SMS in form.channels)
    assert text.subject
    assert "\n" not in text.subject


@pytest.mark.parametrize("spoken", MessageLanguage)
@pytest.mark.parametrize("kind", wording.by_sms())
def test_no_slots_make_a_text_message_too_long_and_it_can_be_recognised(
    kind: MessageKind, spoken: MessageLanguage
) -> None:
    said = wording.worded(kind, Channel.SMS, spoken, LONGEST)
    unique = {Slot.URL, Slot.CODE, Slot.VISIT_TIME} & FORMS[kind].slots

    assert segments(said.body) <= wording.MOST_SEGMENTS
    assert any(slot in wording.slots_in(wording.language(spoken).texts[kind].sms) for slot in unique)
    assert "{" not in said.body


def test_english_text_messages_need_no_more_than_the_gsm_alphabet() -> None:
    visit = {"visit_day": TODAY, "visit_time": "09:30"}
    slots = Slots(url="https://s.clinic.example/r/abc", code="123456", day=TODAY, clinic_name="Banyan Clinic", **visit)

    for kind in wording.by_sms():
        body = wording.worded(kind, Channel.SMS, MessageLanguage.ENGLISH, slots).body
        assert is_gsm(body)
        assert segments(body) == 1


def test_a_link_follows_the_text_of_an_appointment_unless_the_text_has_a_place_for_it() -> None:
    kind, english = MessageKind.VISIT_BOOKED, MessageLanguage.ENGLISH
    slots = Slots(visit_day=TODAY, visit_time="09:30", clinic_name="Banyan", url="https://a.example/r")
    own = OwnText(body="{url} for {visit_day} at {visit_time}, {clinic_name}")

    said = wording.worded(kind, Channel.SMS, english, slots).body

    assert said == "Banyan: your appointment is on 2026-09-14 at 09:30. Confirm or change it: https://a.example/r"
    assert wording.worded(kind, Channel.SMS, english, slots, own).body.startswith("https://a.example/r for 2026-09-14")
    assert wording.worded(kind, Channel.MAIL, english, slots).body.count("https://a.example/r") == 1


def test_braces_in_a_name_are_no_slot() -> None:
    slots = Slots(code="123456", clinic_name="{code} {url}")

    said = wording.worded(MessageKind.PASSCODE, Channel.SMS, MessageLanguage.ENGLISH, slots)

    assert said.body == "123456 is your code from {code} {url}. Give it to nobody."


def test_a_mail_greets_by_name_only_if_it_has_one() -> None:
    slots = Slots(code="123456", clinic_name="Banyan")
    english = MessageLanguage.ENGLISH

    assert wording.worded(MessageKind.PASSCODE, Channel.MAIL, english, slots).body.startswith("Hello,\n")
    named = slots.model_copy(update={"first_name": "Asha"})
    assert wording.worded(MessageKind.PASSCODE, Channel.MAIL, english, named).body.startswith("Hello Asha,\n")


@pytest.mark.parametrize(
    "values",
    [
        {"url": "https://clinic.example/r?name=Asha"},
        {"url": "https://clinic.example/depression notes"},
        {"url": "http://clinic.example/r/abc"},
        {"url": "https://user@clinic.example/r/abc"},
        {"url": "javascript:alert(1)"},
        {"url": LONGEST_LINK + "x"},
        {"code": "mild depression"},
        {"code": "12\n34"},
        {"reports": ["F32.1 depression"]},
        {"reports": ["REP-20260001"] * (MOST_REPORTS + 1)},
        {"diagnosis": "depression"},
    ],
)
def test_a_slot_takes_nothing_but_its_form(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        NewSlots.model_validate(values)


@pytest.mark.parametrize(
    ("kind", "channel", "slots", "pointers"),
    [
        (MessageKind.REPORT_LINK, Channel.SMS, NewSlots(url="https://a.example/r", day=TODAY), []),
        (MessageKind.REPORT_LINK, Channel.SMS, NewSlots(), ["/slots/day", "/slots/url"]),
        (MessageKind.PASSCODE, Channel.MAIL, NewSlots(code="1234", days=3), ["/slots/days"]),
        (MessageKind.REPORTS_UNSIGNED, Channel.SMS, NewSlots(days=1, reports=["REP-20260001"]), ["/channel"]),
        (
            MessageKind.REPORT_LINK,
            Channel.SMS,
            NewSlots(url="https://a.example/r", day=date(1984, 5, 1)),
            ["/slots/day"],
        ),
        (MessageKind.VISIT_BOOKED, Channel.SMS, NewSlots(visit_day=TODAY, visit_time="09:30"), []),
        (
            MessageKind.VISIT_BOOKED,
            Channel.MAIL,
            NewSlots(visit_day=date(1984, 5, 1), url="https://a.example/r"),
            ["/slots/visit_time", "/slots/visit_day"],
        ),
        (
            MessageKind.REPORT_LINK,
            Channel.SMS,
            NewSlots(url="https://a.example/r", day=TODAY + timedelta(days=401)),
            ["/slots/day"],
        ),
    ],
)
def test_slots_that_a_text_lacks_or_needs_are_named(
    kind: MessageKind, channel: Channel, slots: NewSlots, pointers: list[str]
) -> None:
    assert [error.pointer for error in slots.field_errors(kind, channel, TODAY)] == pointers


@pytest.mark.parametrize(
    ("tag", "expected"),
    [("hi-IN", "hi"), ("ta", "ta"), ("AR-EG", "ar"), ("en-US", "en"), ("fr", "en"), (None, "en"), ("hin", "en")],
)
def test_the_language_follows_the_person_and_is_english_without_a_text(tag: str | None, expected: str) -> None:
    assert language_of(tag) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Banyan\r\nBcc: all@x.example", "BanyanBcc: all@x.example"),
        ("Banyan  Clinic", "Banyan Clinic"),
        ("The Very Long Name of a Clinic of Many Words", "The Very Long Name of a Clinic of Many"),
        ("x" * 50, "x" * LONGEST_NAME),
    ],
)
def test_a_name_is_one_short_line(name: str, expected: str) -> None:
    assert short_name(name) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("€" * 153, 3),  # 76 in each segment of 153 places
        ("न" * 70, 1),
        ("न" * 71, 2),
        ("न" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 67, 3),  # 33 in each segment of 67 code units
    ],
)
def test_segments_are_counted_as_networks_count_them(text: str, expected: int) -> None:
    assert segments(text) == expected
