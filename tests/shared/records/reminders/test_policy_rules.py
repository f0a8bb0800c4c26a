"""What a policy must not say: each fault is named when it is saved."""

from __future__ import annotations

from typing import Any

import pytest

from shared.records.messages import wording
from shared.records.messages.kinds import Channel, MessageLanguage
from shared.records.reminders.clinical_words import clinical_words_in
from shared.records.reminders.notices import VisitNotice
from shared.records.reminders.policy import (
    POLICY_ID,
    ReminderPolicy,
    ReminderPolicyUpdate,
    fields_of_update,
)
from shared.records.reminders.policy_rules import policy_errors
from tests.support.factories import BY_DOCTOR

BODY = "{clinic_name}: {visit_day}, {visit_time}."
DLT = {"dlt_entity_id": "1101234567890123456", "reminders": [120], "notices": []}
TEMPLATE = "1107161234567890123"


def text(**values: Any) -> dict[str, Any]:
    return {"notice": "reminder", "channel": "sms", "language": "en", "body": BODY, **values}


def errors(policy: dict[str, Any], name: str = "Banyan") -> dict[str, str]:
    """What is wrong with a policy, by place."""
    found = policy_errors(ReminderPolicyUpdate.model_validate(policy), name)
    return {error.pointer: error.detail for error in found}


def test_the_defaults_and_good_texts_are_accepted() -> None:
    mail = text(channel="mail", subject="At {clinic_name}", body=f"{BODY}\n\n{{url}}")

    assert errors({}) == {}
    assert errors({"own_texts": [text(), mail]}) == {}
    assert errors({**DLT, "own_texts": [text(dlt_template_id=TEMPLATE)]}) == {}


@pytest.mark.parametrize(
    ("policy", "pointer", "said"),
    [
        ({"reminders": [120, 120]}, "/reminders", "twice"),
        ({"reminders": [120, 150]}, "/reminders", "an hour apart"),
        ({"channels": ["sms", "sms"]}, "/channels", "twice"),
        ({"languages": ["en", "en"]}, "/languages", "twice"),
        ({"notices": ["reminder"]}, "/notices", "has no reminder"),
        ({"own_texts": [text(), text()]}, "/own_texts", "two texts"),
        ({"own_texts": [text(language="ta")]}, "/own_texts/0/language", "none of the languages"),
        ({"own_texts": [text(channel="mail")]}, "/own_texts/0/subject", "required"),
        ({"own_texts": [text(subject="x")]}, "/own_texts/0/subject", "has none"),
        ({"own_texts": [text(body="{clinic_name} {visit_day}")]}, "/own_texts/0/body", "{visit_time}"),
        ({"own_texts": [text(body=BODY + " {first_name}")]}, "/own_texts/0/body", "{first_name}"),
        ({"own_texts": [text(body=BODY + " {0}")]}, "/own_texts/0/body", "brace"),
        ({"own_texts": [text(body=BODY + " bit.ly/x1")]}, "/own_texts/0/body", "shortened"),
        ({"own_texts": [text(body=BODY + " https://a.b")]}, "/own_texts/0/body", "web address"),
        ({"own_texts": [text(body=BODY + " Bring your sertraline.")]}, "/own_texts/0/body", "sertraline"),
        ({"own_texts": [text(body=BODY + " Psychiatry, floor 2")]}, "/own_texts/0/body", "psychiatry"),
        ({"own_texts": [text(body=BODY + "न" * 300)]}, "/own_texts/0/body", "segments"),
        ({"with_link": False, "own_texts": [text(body=BODY + " {url}")]}, "/own_texts/0/body", "has no link"),
        ({"own_texts": [text(notice="cancelled", body=BODY + " {url}")]}, "/own_texts/0/body", "has no link"),
        ({"own_texts": [text(dlt_template_id=TEMPLATE)]}, "/own_texts/0/dlt_template_id", "needs dlt_entity_id"),
        ({"dlt_links_registered": True}, "/dlt_links_registered", "needs dlt_entity_id"),
        ({**DLT, "channels": ["mail"]}, "/dlt_entity_id", "none of the channels"),
        (DLT, "/own_texts", "lacks the registered text message `reminder` in `en`"),
        ({**DLT, "own_texts": [text()]}, "/own_texts/0/dlt_template_id", "required"),
        ({**DLT, "own_texts": [text(dlt_template_id=TEMPLATE, body=BODY + " Reply C.")]}, "/own_texts/0/body", "reply"),
        ({**DLT, "own_texts": [text(dlt_template_id=TEMPLATE, body=BODY + " {url}")]}, "/own_texts/0/body", "register"),
        (
            {**DLT, "languages": ["en", "hi"], "own_texts": [text(dlt_template_id=TEMPLATE)]},
            "/own_texts",
            "lacks the registered text message `reminder` in `hi`",
        ),
    ],
)
def test_a_fault_is_named_at_its_place(policy: dict[str, Any], pointer: str, said: str) -> None:
    found = errors(policy)

    assert set(found) == {pointer}
    assert said in found[pointer]


def test_a_name_that_fits_no_registered_slot_is_named() -> None:
    found = errors({**DLT, "own_texts": [text(dlt_template_id=TEMPLATE)]}, "The Banyan Clinic of Lower Bengaluru")

    assert set(found) == {"/dlt_entity_id"}


def test_all_faults_are_named_at_once() -> None:
    bad = text(channel="mail", body="{visit_day} HIV t.co/a", language="hi")

    found = {
        error.pointer for error in policy_errors(ReminderPolicyUpdate.model_validate({"own_texts": [bad]}), "Banyan")
    }

    assert found == {"/own_texts/0/language", "/own_texts/0/subject", "/own_texts/0/body"}


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("Please bring the insurance card. Parking is behind the house.", []),
        ("Your THERAPY starts; take no pills", ["therapy", "pills"]),
        ("कृपया अपना कार्ड लाएँ", []),
        ("मनोरोग विभाग में आएँ", ["मनोरोग"]),
        ("மனநலப் பிரிவு", ["மனநலப்"]),
        ("عيادة السرطان", ["السرطان"]),
        ("contest at 5, latest news", []),
    ],
)
def test_words_that_tell_of_health_are_found(said: str, words: list[str]) -> None:
    assert clinical_words_in(said) == words


@pytest.mark.parametrize("spoken", MessageLanguage)
@pytest.mark.parametrize("told", VisitNotice)
def test_the_texts_of_the_product_keep_the_rules(told: VisitNotice, spoken: MessageLanguage) -> None:
    said = wording.language(spoken).texts[told.message_kind]
    texts = [
        text(notice=told, language=spoken, body=said.sms),
        text(notice=told, language=spoken, channel="mail", subject=said.subject, body=said.mail),
    ]

    assert errors({"languages": [spoken], "own_texts": texts}) == {}


def test_a_patient_is_written_to_in_a_language_of_the_policy() -> None:
    update = ReminderPolicyUpdate(languages=[MessageLanguage.HINDI, MessageLanguage.TAMIL], own_texts=[])
    policy = ReminderPolicy.new(POLICY_ID, BY_DOCTOR, **fields_of_update(update))

    spoken = [policy.language_for(one) for one in ("ta-IN", "hi", "en", "fr", None)]

    assert spoken == ["ta", "hi", "hi", "hi", "hi"]
    assert policy.text_for(VisitNotice.BOOKED, Channel.SMS, MessageLanguage.TAMIL) is None
    assert policy.longest_before == 2_880
    assert policy.revised(BY_DOCTOR, enabled=False).longest_before is None
