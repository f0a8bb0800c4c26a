"""What a clinic sends to patients about their appointments: which messages, when, how, in which languages and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import Field
from pydantic.config import JsonDict

from shared.records.messages.kinds import Channel, MessageLanguage, language_of
from shared.records.messages.wording import OwnText
from shared.records.privacy import Encrypted, Plain
from shared.records.record import Keyset, Record, Value
from shared.records.reminders.notices import VisitNotice
from shared.records.reminders.quiet_hours import QuietHours
from shared.records.text import ShortText, Text

POLICY_ID = "reminders"
"""The id of the one policy of a clinic."""
SHORTEST_BEFORE, LONGEST_BEFORE = 30, 20_160
"""Minutes before a visit: half an hour to two weeks."""
MOST_REMINDERS, MOST_TEXTS = 4, len(VisitNotice) * len(Channel) * len(MessageLanguage)
INDIA = "+91"
"""What telephone numbers in India begin with."""
_EACH_ONCE: JsonDict = {"uniqueItems": True}
LINK_SLOT = "{url}"
_DIGITS = r"^[0-9]{10,25}$"

Minutes = Annotated[int, Field(ge=SHORTEST_BEFORE, le=LONGEST_BEFORE)]
DltId = Annotated[str, Field(pattern=_DIGITS, examples=["1107161234567890123"])]


class PolicyText(Value):
    """A clinic's own text of one message in one language, instead of the product's."""

    notice: VisitNotice
    channel: Channel
    language: MessageLanguage
    subject: ShortText | None = None
    """Of a mail."""
    body: Text
    """With the slots {clinic_name}, {visit_day} and {visit_time}, and {url} where the link is to stand."""
    dlt_template_id: DltId | None = None
    """The number under which this text message is registered in India, word by word."""

    @property
    def own_text(self) -> OwnText:
        """The text as a message keeps it."""
        return OwnText(subject=self.subject or "", body=self.body)


class ReminderPolicyUpdate(Value):
    """What a clinic sends to patients about their appointments; it replaces what was before."""

    enabled: bool = True
    """False: nothing is sent."""
    reminders: list[Minutes] = Field(default=[2_880, 120], max_length=MOST_REMINDERS)
    """Minutes before the visit, each at least an hour from the others. Empty: no reminders."""
    notices: list[VisitNotice] = Field(
        default=[VisitNotice.BOOKED, VisitNotice.MOVED, VisitNotice.CANCELLED], max_length=len(VisitNotice)
    )
    """Of which changes patients are told. `reminder` stands in `reminders`."""
    channels: list[Channel] = Field(
        default=[Channel.SMS, Channel.MAIL], min_length=1, max_length=len(Channel), json_schema_extra=_EACH_ONCE
    )
    """In this order: a message goes by the first channel by which it may."""
    quiet_time: QuietHours | None = QuietHours.model_construct()
    """By the clock where the patient is told the time of the visit; null for none."""
    languages: list[MessageLanguage] = Field(
        default=[MessageLanguage.ENGLISH],
        min_length=1,
        max_length=len(MessageLanguage),
        json_schema_extra=_EACH_ONCE,
    )
    """A patient is written to in the preferred language if it is one of these, and otherwise in the first."""
    opt_in_required: bool = False
    """True: nothing is sent by a channel until the patient has allowed it."""
    with_link: bool = True
    """Messages have a link to a page on which the patient confirms, asks for another time or cancels; that of a
    cancellation has none."""
    dlt_entity_id: DltId | None = None
    """The number under which the clinic is registered as a sender in India. Text messages to Indian numbers need it,
    and a registered text in each language."""
    dlt_links_registered: bool = False
    """True if the address of the links is registered too; without it no text message to India has one."""
    own_texts: list[PolicyText] = Field(default=[], max_length=MOST_TEXTS)


class ReminderPolicy(Record):
    """What a clinic sends to patients about their appointments."""

    kind: ClassVar[str] = "ReminderPolicy"
    collection: ClassVar[str] = "policies"
    keyset: ClassVar[Keyset] = Keyset.CLINIC

    enabled: Plain[bool]
    reminders: Plain[list[int]] = Field(max_length=MOST_REMINDERS)
    notices: Plain[list[VisitNotice]] = Field(max_length=len(VisitNotice))
    channels: Plain[list[Channel]] = Field(max_length=len(Channel))
    quiet_time: Plain[QuietHours | None]
    languages: Plain[list[MessageLanguage]] = Field(max_length=len(MessageLanguage))
    opt_in_required: Plain[bool]
    with_link: Plain[bool]
    dlt_entity_id: Plain[DltId | None]
    dlt_links_registered: Plain[bool]
    own_texts: Encrypted[list[PolicyText]] = Field(max_length=MOST_TEXTS)

    @property
    def longest_before(self) -> int | None:
        """Minutes before a visit at which the first reminder goes; None if none goes."""
        return max(self.reminders) if self.enabled and self.reminders else None

    def sends(self, notice: VisitNotice, minutes_before: int | None) -> bool:
        """True if the clinic wants this message."""
        wanted = minutes_before in self.reminders if notice == VisitNotice.REMINDER else notice in self.notices
        return self.enabled and wanted

    def has_link(self, notice: VisitNotice, channel: Channel, address: str, text: PolicyText | None) -> bool:
        """True if a message has a link. A text that is registered in India has one only where it names it."""
        if not self.with_link or notice == VisitNotice.CANCELLED:
            return False
        registered = channel == Channel.SMS and address.startswith(INDIA)
        return not registered or (text is not None and LINK_SLOT in text.body)

    def language_for(self, preferred: str | None) -> MessageLanguage:
        """The language in which a patient is written to."""
        spoken = language_of(preferred)
        return spoken if preferred and spoken in self.languages else self.languages[0]

    def text_for(self, notice: VisitNotice, channel: Channel, language: MessageLanguage) -> PolicyText | None:
        """The clinic's own text; None for that of the product."""
        return texts_by_use(self.own_texts).get((notice, channel, language))


Use = tuple[VisitNotice, Channel, MessageLanguage]


def texts_by_use(texts: Sequence[PolicyText]) -> Mapping[Use, PolicyText]:
    """The texts by what they are for."""
    return {(text.notice, text.channel, text.language): text for text in texts}


def fields_of_update(update: ReminderPolicyUpdate) -> dict[str, Any]:
    """The fields of a policy that an update sets."""
    return {name: getattr(update, name) for name in ReminderPolicyUpdate.model_fields}
