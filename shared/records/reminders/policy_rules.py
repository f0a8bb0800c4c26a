"""What a reminder policy must not say, found when it is saved and not in the morning when it is sent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise, product

from shared.records.messages.kinds import FORMS, Channel, MessageLanguage, Slot
from shared.records.messages.segments import segments
from shared.records.messages.slots import LONGEST_NAME, LONGEST_URL
from shared.records.messages.wording import MOST_SEGMENTS, filled, slots_in
from shared.records.problems import FieldError
from shared.records.reminders.clinical_words import clinical_words_in
from shared.records.reminders.notices import VisitNotice
from shared.records.reminders.plan import APART
from shared.records.reminders.policy import LINK_SLOT, PolicyText, ReminderPolicy, ReminderPolicyUpdate, texts_by_use

LONGEST_DLT_SLOT = 30
"""Characters of a slot in a text message that is registered in India."""
_ADDRESS = re.compile(
    r"https?:|www\.|\b[a-z0-9-]+\.(com|net|org|in|io|ly|me|co|link|page|app|gl|to|us|info|health|ae|lk)\b", re.I
)
_SHORTENED = re.compile(r"\b(bit\.ly|tinyurl\.com|goo\.gl|t\.co|is\.gd|ow\.ly|rb\.gy|cutt\.ly|rebrand\.ly)\b", re.I)
_REPLY = re.compile(
    r"\b(reply|respond|text back|answer with|send (yes|no|stop|c|y|n)|press)\b|उत्तर दें|जवाब|பதில்|رد |ردّ|الرد|أجب", re.I
)
_LONGEST = {
    "clinic_name": "न" * LONGEST_NAME,
    "visit_day": "2026-12-31",
    "visit_time": "00:00",
    "url": "https://" + "x" * (LONGEST_URL - 8),
}


def policy_errors(policy: ReminderPolicyUpdate, clinic_name: str) -> Iterator[FieldError]:
    """Everything that is wrong with a policy of a clinic that signs its messages with this name."""
    for name in ("reminders", "notices", "channels", "languages"):
        values = getattr(policy, name)
        if len(set(values)) < len(values):
            yield FieldError(f"/{name}", "has an entry twice")
    if any(0 < later - earlier < APART.total_seconds() / 60 for earlier, later in pairwise(sorted(policy.reminders))):
        yield FieldError("/reminders", "must be at least an hour apart")
    if VisitNotice.REMINDER in policy.notices:
        yield FieldError("/notices", "has no reminder: `reminders` says when patients are reminded")
    for index, text in enumerate(policy.own_texts):
        for error in _text_errors(text, policy):
            yield FieldError(f"/own_texts/{index}{error.pointer}", error.detail)
    if len(texts_by_use(policy.own_texts)) < len(policy.own_texts):
        yield FieldError("/own_texts", "has two texts of one message in one language by one channel")
    yield from _registration_errors(policy, clinic_name)


def _text_errors(text: PolicyText, policy: ReminderPolicyUpdate) -> Iterator[FieldError]:
    if text.language not in policy.languages:
        yield FieldError("/language", "is none of the languages of the policy")
    if text.channel == Channel.MAIL:
        if text.subject is None:
            yield FieldError("/subject", "is required for a mail")
        if text.dlt_template_id is not None:
            yield FieldError("/dlt_template_id", "is for text messages")
    elif text.subject is not None:
        yield FieldError("/subject", "a text message has none")
    yield from _slot_errors(text, policy)
    for name, said in (("subject", text.subject or ""), ("body", text.body)):
        yield from (FieldError(f"/{name}", reason) for reason in _wording_errors(said))


def _slot_errors(text: PolicyText, policy: ReminderPolicyUpdate) -> Iterator[FieldError]:
    wanted = {slot.value for slot in FORMS[text.notice.message_kind].slots}
    in_body, in_subject = slots_in(text.body), slots_in(text.subject or "")
    for name in sorted(wanted - in_body):
        yield FieldError("/body", f"lacks the slot {{{name}}}")
    for pointer, unknown in (
        ("/body", in_body - wanted - {Slot.URL.value}),
        ("/subject", in_subject - {Slot.CLINIC_NAME.value}),
    ):
        yield from (FieldError(pointer, f"has no such slot: {{{name}}}") for name in sorted(unknown))
    if LINK_SLOT in text.body and (not policy.with_link or text.notice == VisitNotice.CANCELLED):
        yield FieldError("/body", f"has the slot {LINK_SLOT}, but the message has no link")
    if text.channel == Channel.SMS and not in_body - _LONGEST.keys():
        count = segments(filled(text.body, _LONGEST))
        if count > MOST_SEGMENTS:
            yield FieldError("/body", f"needs up to {count} segments; a text message has {MOST_SEGMENTS} at most")


def _wording_errors(said: str) -> Iterator[str]:
    without_slots = re.sub(r"\{[a-z_]+\}", " ", said)
    if re.search(r"[{}]", without_slots):
        yield "has a brace that belongs to no slot"
    if shortened := _SHORTENED.search(without_slots):
        yield f"has a shortened link, which networks refuse: {shortened[0]}; the link is {{url}}"
    elif address := _ADDRESS.search(without_slots):
        yield f"has a web address: {address[0]}; the link is {{url}}"
    if words := clinical_words_in(without_slots):
        yield f"has words that tell of health, and is read on locked screens: {', '.join(words)}"


def too_long_for_networks(clinic_name: str, policy: ReminderPolicyUpdate | ReminderPolicy) -> bool:
    """True if Indian networks would refuse the registered texts of a clinic that signs with this name."""
    registered = policy.dlt_entity_id is not None and Channel.SMS in policy.channels
    return registered and len(clinic_name) > LONGEST_DLT_SLOT


def _registration_errors(policy: ReminderPolicyUpdate, clinic_name: str) -> Iterator[FieldError]:
    """What Indian networks would refuse: they deliver registered texts only, one way."""
    if policy.dlt_entity_id is None:
        for index, text in enumerate(policy.own_texts):
            if text.dlt_template_id is not None:
                yield FieldError(f"/own_texts/{index}/dlt_template_id", "needs dlt_entity_id, the registered sender")
        if policy.dlt_links_registered:
            yield FieldError("/dlt_links_registered", "needs dlt_entity_id, the registered sender")
        return
    if Channel.SMS not in policy.channels:
        yield FieldError("/dlt_entity_id", "is for text messages, which are none of the channels")
        return
    if too_long_for_networks(clinic_name, policy):
        yield FieldError("/dlt_entity_id", f"the clinic's name in messages has more than {LONGEST_DLT_SLOT} characters")
    for index, text in enumerate(policy.own_texts):
        if text.channel == Channel.SMS:
            yield from (
                FieldError(f"/own_texts/{index}{one.pointer}", one.detail) for one in _indian_errors(text, policy)
            )
    yield from _missing_texts(policy)


def _indian_errors(text: PolicyText, policy: ReminderPolicyUpdate) -> Iterator[FieldError]:
    if text.dlt_template_id is None:
        yield FieldError("/dlt_template_id", "is required: Indian networks deliver registered texts only")
    if asked := _REPLY.search(text.body):
        yield FieldError("/body", f"asks for a reply, which Indian networks do not carry: {asked[0].strip()}")
    if Slot.URL in slots_in(text.body) and not policy.dlt_links_registered:
        yield FieldError("/body", "has {url}; register the address of the links first, and set dlt_links_registered")


def _missing_texts(policy: ReminderPolicyUpdate) -> Iterator[FieldError]:
    known = texts_by_use(policy.own_texts)
    wanted = [*policy.notices, *([VisitNotice.REMINDER] if policy.reminders else [])]
    missing: list[tuple[VisitNotice, MessageLanguage]] = [
        (notice, language)
        for notice, language in product(dict.fromkeys(wanted), policy.languages)
        if (notice, Channel.SMS, language) not in known
    ]
    for notice, language in missing:
        yield FieldError("/own_texts", f"lacks the registered text message `{notice}` in `{language}`")
