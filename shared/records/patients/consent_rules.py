"""Which uses of a visit's data a patient's consents allow, under the policy of the clinic."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from shared.records.clinic.consent_policy import ConsentPolicy, ConsentPurpose, ConsentUse
from shared.records.clinic.settings import ClinicSettings
from shared.records.patients.consent import PatientConsents
from shared.records.patients.consent_missing import ConsentReason, MissingConsent


def missing(
    consents: PatientConsents, settings: ClinicSettings, use: ConsentUse, session_id: str | None, now: datetime
) -> list[MissingConsent]:
    """The consents that a use of a visit lacks; none if it is allowed. `session_id` None stands for visits in general.

    Where consents are kept elsewhere, only a withdrawal refuses. A draft from a recording needs no live consent to the
    recording, which is over, but none that was withdrawn.
    """
    live, unwithdrawn = _purposes(settings, use)
    policy = settings.consent_policy
    if policy == ConsentPolicy.NOT_REQUIRED:
        live, unwithdrawn = [], [*live, *unwithdrawn]
    found = consents.missing([*live, *unwithdrawn], session_id, policy, now)
    return [one for one in found if one.purpose in live or one.reason == ConsentReason.WITHDRAWN]


def missing_for_sharing(
    consents: PatientConsents, settings: ClinicSettings, session_id: str | None, now: datetime
) -> list[MissingConsent]:
    """The consent that passing a visit's data to others outside the clinic lacks; none if it is allowed.

    The patient's own copy needs none.
    """
    found = consents.missing([ConsentPurpose.DATA_SHARING], session_id, settings.consent_policy, now)
    if settings.consent_policy == ConsentPolicy.NOT_REQUIRED:
        return [one for one in found if one.reason == ConsentReason.WITHDRAWN]
    return found


def refused_uses(
    consents: PatientConsents, settings: ClinicSettings, session_id: str | None, now: datetime
) -> Iterator[tuple[ConsentUse, list[MissingConsent]]]:
    """Each use that is refused now, with the consents that it lacks."""
    for use in ConsentUse:
        if found := missing(consents, settings, use, session_id, now):
            yield use, found


def _purposes(settings: ClinicSettings, use: ConsentUse) -> tuple[Sequence[ConsentPurpose], Sequence[ConsentPurpose]]:
    """The purposes that need a live consent, and those whose consent must not be withdrawn."""
    recording = list(dict.fromkeys([ConsentPurpose.RECORDING, *settings.recording_purposes]))
    others = [purpose for purpose in recording if purpose != ConsentPurpose.AI_PROCESSING]
    ai = [ConsentPurpose.AI_PROCESSING]
    return {
        ConsentUse.RECORD: (recording, []),
        ConsentUse.TRANSCRIBE: ([*others, *ai], []),
        ConsentUse.DRAFT: (ai, others),
        ConsentUse.DRAFT_FROM_NOTES: (ai, []),
    }[use]
