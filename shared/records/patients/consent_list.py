"""The consents of a patient as a client sees them: with their states, and the uses that lack one."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from shared.records.clinic.consent_policy import ConsentPurpose, ConsentUse
from shared.records.clinic.settings import ClinicSettings
from shared.records.patients.consent import Consent, PatientConsents, Withdrawal
from shared.records.patients.consent_missing import MissingConsent
from shared.records.patients.consent_rules import refused_uses
from shared.records.patients.new_consent import WordingText
from shared.records.record import Value
from shared.records.types import Id


class ConsentStatus(StrEnum):
    GIVEN = "given"
    WITHDRAWN = "withdrawn"
    """To all its purposes."""
    EXPIRED = "expired"


class ShownConsent(Consent):
    """A consent with its state now."""

    status: ConsentStatus
    live_purposes: list[ConsentPurpose]
    """The purposes that the patient consents to by it now. Another consent's withdrawal can end some of them."""
    withdrawal: Withdrawal | None
    """Its own withdrawal."""


class RefusedUse(Value):
    """A use of a visit's data that is refused now."""

    use: ConsentUse
    missing_consents: list[MissingConsent]


class ConsentState(Value):
    """The consents with their states, newest first."""

    consents: list[ShownConsent]
    refused_uses: list[RefusedUse]
    """What is refused now for lack of a consent, in the visit that the request names or in visits in general. Empty if
    recording, transcription and drafts are allowed."""


class Complete(ConsentState):
    """The consents with their states, newest first, and the texts of their wordings."""

    wordings: list[WordingText]
    """The texts that were sent, each once; at most ten."""


class ConsentQuery(Value):
    """The visit that is asked about."""

    session_id: Id | None = None
    """Without it, `refused_uses` is about visits in general."""


def state_of(
    consents: PatientConsents, settings: ClinicSettings, session_id: str | None, now: datetime
) -> ConsentState:
    """The consents with their states, and what is refused in a visit, or in visits in general."""
    refused = refused_uses(consents, settings, session_id, now)
    return ConsentState(
        consents=[_shown(consents, consent, now) for consent in reversed(consents.given)],
        refused_uses=[RefusedUse(use=use, missing_consents=found) for use, found in refused],
    )


def _shown(consents: PatientConsents, consent: Consent, now: datetime) -> ShownConsent:
    kept = [one for one in consent.purposes if not consents.is_withdrawn(consent, one, consent.session_id)]
    expired = consent.expires_at is not None and consent.expires_at <= now
    ended = ConsentStatus.EXPIRED if expired else ConsentStatus.GIVEN
    return ShownConsent(
        **dict(consent),
        status=ended if kept else ConsentStatus.WITHDRAWN,
        live_purposes=[] if expired else kept,
        withdrawal=next((one for one in consents.withdrawals if one.consent_id == consent.id), None),
    )
