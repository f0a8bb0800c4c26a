"""Consents of a patient: what the patient agreed to, how, and which of them are live for a visit.

All consents of a patient are one document, which is read with the patient. Nothing is deleted: a withdrawal is kept
beside the consent. It ends every earlier consent to the same purposes, also one that is recorded later with an earlier
`given_at`; the withdrawal of a consent for one visit does so for that visit alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Self

from pydantic import Field

from shared.records.clinic.consent_policy import ConsentPolicy, ConsentPurpose
from shared.records.conflict_codes import ConflictCode
from shared.records.patients.consent_missing import ConsentReason, MissingConsent
from shared.records.patients.merge import together
from shared.records.patients.new_consent import (
    ConsentGiver,
    ConsentMethod,
    NewConsent,
    NewWithdrawal,
    Wording,
    WordingText,
)
from shared.records.privacy import Encrypted, Internal, Plain
from shared.records.problems import Conflict, NotFound
from shared.records.record import Keyset, Record, Stamp, Value
from shared.records.text import Name, ShortText
from shared.records.types import Id, Language, Moment

MOST_CONSENTS = 100
"""Of one patient, with those that ended."""
MOST_TEXTS = 10
"""Different wordings of which the text is kept. A wording beyond them is named by its digest alone."""

_FORMAL = frozenset({ConsentPurpose.RECORDING, ConsentPurpose.AI_PROCESSING})
"""The purposes for which `written_specific` asks for a form; the law behind it is about these two."""
_IN_WRITING = frozenset({ConsentMethod.WRITTEN, ConsentMethod.DOCUMENT})


class Consent(Value):
    """A consent as it was given."""

    id: Id
    purposes: list[ConsentPurpose]
    wording: Wording
    """The wording that was shown or read out; `wordings` of the list have its text, if it was sent."""
    language: Language
    """Of the wording."""
    method: ConsentMethod
    document_reference: ShortText | None = None
    """Where the signed document is kept."""
    witness: Name | None = None
    given_by: ConsentGiver = ConsentGiver.PATIENT
    given_by_name: Name | None = None
    general_terms: bool = False
    """True if the wording was part of general terms."""
    given_at: Moment
    expires_at: Moment | None = None
    session_id: Id | None = None
    """The only visit that it is for; null for all visits."""
    recorded_by: Id
    recorded_at: Moment


class Withdrawal(Value):
    """The withdrawal of a consent."""

    consent_id: Id
    purposes: list[ConsentPurpose]
    session_id: Id | None
    """The only visit that it is for; null for all visits."""
    withdrawn_at: Moment
    requested_by: ConsentGiver
    requested_by_name: Name | None
    reason: ShortText | None
    recorded_by: Id

    def ends(self, consent: Consent, session_id: str | None) -> bool:
        """True if the consent no longer counts for a visit; None stands for visits in general."""
        covers = self.session_id is None or self.session_id == session_id
        return covers and consent.given_at <= self.withdrawn_at


class WithdrawalStatus(StrEnum):
    """How far the last withdrawal of a consent is."""

    STOPPING = "stopping"
    """Earlier visits are left, whose work was not looked for."""
    DONE = "done"


class PatientConsents(Record):
    """All consents of a patient and their withdrawals. The id is the patient's."""

    kind: ClassVar[str] = "PatientConsents"
    collection: ClassVar[str] = "consents"
    keyset: ClassVar[Keyset] = Keyset.RETAINED  # they prove that signed reports were made lawfully, as long as those

    given: Internal[Encrypted[list[Consent]]] = Field(default=[], max_length=MOST_CONSENTS)
    withdrawals: Internal[Encrypted[list[Withdrawal]]] = Field(default=[], max_length=MOST_CONSENTS)
    """One of a consent at most."""
    texts: Internal[Encrypted[list[WordingText]]] = Field(default=[], max_length=MOST_TEXTS)
    status: Plain[WithdrawalStatus] = WithdrawalStatus.DONE
    """`stopping` until the last withdrawal has reached every visit of the patient: some seconds, if there are many."""
    stopped_from: Internal[Plain[Moment | None]] = None
    """While stopping: when the earliest visit began to be recorded whose work was looked for."""
    stopped_from_id: Internal[Plain[Id | None]] = None
    """The id of that visit."""

    def stopped_as_far_as(self, visit: Record | None) -> Self:
        """The consents after the work of all visits from this one on was looked for; None: of all."""
        status = WithdrawalStatus.STOPPING if visit else WithdrawalStatus.DONE
        place = {"stopped_from": visit.created_at if visit else None, "stopped_from_id": visit.id if visit else None}
        return self.amended(status=status, **place)

    def with_consent(self, new: NewConsent, id: str, stamp: Stamp) -> Self:
        """The consents with one more. Raises Conflict for a full list."""
        if len(self.given) >= MOST_CONSENTS:
            raise Conflict(ConflictCode.CONSENTS_FULL, f"the patient has {MOST_CONSENTS} consents, which is the most")
        # A clock that is ahead must not let a consent outlive a withdrawal of the next moment.
        given_at = min(new.given_at or stamp.at, stamp.at)
        facts = dict(new) | {"wording": new.wording.named, "given_at": given_at}
        consent = Consent(**facts, id=id, recorded_by=stamp.by, recorded_at=stamp.at)
        return self.revised(stamp, given=[*self.given, consent], texts=self._texts_with(new.wording.kept))

    def with_withdrawal(self, consent_id: str, new: NewWithdrawal, stamp: Stamp) -> Self:
        """The consents after one was withdrawn. Raises NotFound for an unknown one, Conflict if it is withdrawn."""
        consent = self.consent(consent_id)
        if any(one.consent_id == consent_id for one in self.withdrawals):
            raise Conflict(ConflictCode.CONSENT_WITHDRAWN, "the consent is withdrawn")
        withdrawal = Withdrawal(
            **dict(new),
            consent_id=consent_id,
            purposes=consent.purposes,
            session_id=consent.session_id,
            withdrawn_at=stamp.at,
            recorded_by=stamp.by,
        )
        return self.revised(stamp, withdrawals=[*self.withdrawals, withdrawal])

    def together_with(self, others: Sequence[Self]) -> Self:
        """All consents and withdrawals of a person whose records are merged, as if they were given and withdrawn at one
        of them: a withdrawal at any record ends every earlier consent at each. It is never saved."""
        if not others:
            return self
        records = (self, *others)
        lists = {name: together(getattr(one, name) for one in records) for name in ("given", "withdrawals", "texts")}
        stopping = any(one.status == WithdrawalStatus.STOPPING for one in records)
        status = WithdrawalStatus.STOPPING if stopping else WithdrawalStatus.DONE
        return self.model_copy(update={**lists, "status": status})

    def consent(self, consent_id: str) -> Consent:
        """The consent with this id. Raises NotFound."""
        found = next((one for one in self.given if one.id == consent_id), None)
        if found is None:
            raise NotFound
        return found

    def missing(
        self, purposes: Iterable[ConsentPurpose], session_id: str | None, policy: ConsentPolicy, now: datetime
    ) -> list[MissingConsent]:
        """The purposes without a live consent for a visit (None: for visits in general), with the reason of each."""
        reasons = {purpose: self._reason(purpose, session_id, policy, now) for purpose in purposes}
        return [MissingConsent(purpose=purpose, reason=reason) for purpose, reason in reasons.items() if reason]

    def live_by_purpose(self, session_id: str | None, now: datetime) -> dict[ConsentPurpose, Consent]:
        """Of each purpose the newest live consent for a visit (None: for visits in general), whatever its form."""
        newest_last = sorted(self._of_visit(session_id), key=lambda consent: consent.given_at)
        return {
            purpose: consent
            for consent in newest_last
            for purpose in consent.purposes
            if self._ended(consent, purpose, session_id, now) is None
        }

    def is_withdrawn(self, consent: Consent, purpose: ConsentPurpose, session_id: str | None) -> bool:
        """True if the consent to the purpose was withdrawn, for this visit or for all."""
        return any(purpose in one.purposes and one.ends(consent, session_id) for one in self.withdrawals)

    def _reason(
        self, purpose: ConsentPurpose, session_id: str | None, policy: ConsentPolicy, now: datetime
    ) -> ConsentReason | None:
        """Why no consent to the purpose is live: the reason of the newest one; None if one is live."""
        named = [consent for consent in self.given if purpose in consent.purposes]
        of_visit = [consent for consent in self._of_visit(session_id) if purpose in consent.purposes]
        if not of_visit:
            return ConsentReason.OTHER_SESSION if named else ConsentReason.MISSING
        newest_last = sorted(of_visit, key=lambda consent: consent.given_at)
        reasons = [self._reason_of(consent, purpose, session_id, policy, now) for consent in newest_last]
        return None if None in reasons else reasons[-1]

    def _reason_of(
        self, consent: Consent, purpose: ConsentPurpose, session_id: str | None, policy: ConsentPolicy, now: datetime
    ) -> ConsentReason | None:
        """Why this consent is not live, or not in the form that the policy wants; None if it is."""
        if ended := self._ended(consent, purpose, session_id, now):
            return ended
        return _informal(consent) if policy == ConsentPolicy.WRITTEN_SPECIFIC and purpose in _FORMAL else None

    def _ended(
        self, consent: Consent, purpose: ConsentPurpose, session_id: str | None, now: datetime
    ) -> ConsentReason | None:
        """Why this consent is not live; None if it is."""
        if self.is_withdrawn(consent, purpose, session_id):
            return ConsentReason.WITHDRAWN
        return ConsentReason.EXPIRED if consent.expires_at is not None and consent.expires_at <= now else None

    def _of_visit(self, session_id: str | None) -> list[Consent]:
        """The consents to all visits, and to this one."""
        return [consent for consent in self.given if consent.session_id in (None, session_id)]

    def _texts_with(self, text: WordingText | None) -> Sequence[WordingText]:
        if text is None or text in self.texts or len(self.texts) >= MOST_TEXTS:
            return self.texts
        return [*self.texts, text]


def _informal(consent: Consent) -> ConsentReason | None:
    """Why the form of a consent is not written and specific; None if it is."""
    if consent.method not in _IN_WRITING:
        return ConsentReason.NOT_WRITTEN
    return None if is_specific(consent.purposes, general_terms=consent.general_terms) else ConsentReason.NOT_SPECIFIC


def is_specific(purposes: Collection[ConsentPurpose], *, general_terms: bool) -> bool:
    """True if a consent is to recording or AI processing alone, and not part of general terms."""
    return not general_terms and _FORMAL.issuperset(purposes)
