"""The rules of consents: which are live for a visit, what a clinic's policy asks, and what a withdrawal ends."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.clinic.consent_policy import ConsentPolicy, ConsentPurpose, ConsentUse
from shared.records.clinic.settings import ClinicSettings
from shared.records.conflict_codes import ConflictCode
from shared.records.patients.consent import MOST_CONSENTS, MOST_TEXTS, PatientConsents
from shared.records.patients.consent_list import ConsentStatus, state_of
from shared.records.patients.consent_rules import missing
from shared.records.patients.new_consent import LONGEST_CONSENT, NewConsent, NewWithdrawal
from shared.records.problems import Conflict, NotFound
from shared.records.record import Stamp
from tests.support.factories import DOCTOR, NOON, PATIENT_ID, SESSION_ID, after, settings
from tools.openapi import factories

AT_NOON = Stamp(DOCTOR, NOON)
NOBODY = PatientConsents.new(PATIENT_ID, AT_NOON)
OTHER_SESSION = f"{PATIENT_ID}-other"
BOTH = [ConsentPurpose.RECORDING, ConsentPurpose.AI_PROCESSING]
WRITTEN: dict[str, Any] = {"method": "written"}
STRICT = settings()
FORMAL = settings(consent_policy=ConsentPolicy.WRITTEN_SPECIFIC)
ELSEWHERE = settings(consent_policy=ConsentPolicy.NOT_REQUIRED)


def consents(**values: Any) -> PatientConsents:
    """One consent, given at noon, by default to recording and AI processing in all visits."""
    return PatientConsents.new(PATIENT_ID, AT_NOON, given=[factories.consent(AT_NOON, id="one", **values)])


def withdrawn(of: PatientConsents, id: str = "one", **later: float) -> PatientConsents:
    return of.with_withdrawal(id, NewWithdrawal(), Stamp(DOCTOR, after(**later or {"hours": 1})))


def new(**values: Any) -> NewConsent:
    wording = {"version": "visit-1", "text": "We record this visit."}
    request = {"purposes": ["recording"], "wording": wording, "language": "en", "method": "verbal"}
    return NewConsent.model_validate({**request, **values})


def reasons(
    of: PatientConsents,
    use: ConsentUse = ConsentUse.TRANSCRIBE,
    clinic: ClinicSettings = STRICT,
    session_id: str | None = SESSION_ID,
    hours: float = 2,
) -> dict[str, str]:
    return {one.purpose: one.reason for one in missing(of, clinic, use, session_id, after(hours=hours))}


def test_nothing_is_allowed_before_the_patient_was_asked() -> None:
    assert reasons(NOBODY, ConsentUse.RECORD) == {"recording": "missing"}
    assert reasons(NOBODY) == {"recording": "missing", "ai_processing": "missing"}
    assert reasons(NOBODY, ConsentUse.DRAFT) == reasons(NOBODY, ConsentUse.DRAFT_FROM_NOTES)
    assert reasons(NOBODY, ConsentUse.DRAFT) == {"ai_processing": "missing"}


@pytest.mark.parametrize("use", ConsentUse)
def test_live_consents_allow_every_use(use: ConsentUse) -> None:
    assert reasons(consents(), use) == {}


def test_a_consent_to_one_purpose_is_none_to_another() -> None:
    assert reasons(consents(purposes=["treatment", "recording"])) == {"ai_processing": "missing"}


def test_a_recording_needs_the_further_purposes_of_the_clinic() -> None:
    clinic = settings(recording_purposes=[ConsentPurpose.TELEHEALTH])

    assert reasons(consents(), ConsentUse.RECORD, clinic) == {"telehealth": "missing"}
    assert reasons(consents(purposes=["recording", "telehealth"]), ConsentUse.RECORD, clinic) == {}


def test_a_consent_for_one_visit_counts_in_that_visit_alone() -> None:
    one_visit = consents(session_id=SESSION_ID)

    assert reasons(one_visit) == {}
    assert reasons(one_visit, session_id=OTHER_SESSION) == dict.fromkeys(BOTH, "other_session")
    assert reasons(one_visit, session_id=None) == dict.fromkeys(BOTH, "other_session")


def test_an_expired_consent_allows_no_capture_but_the_draft_of_what_was_captured() -> None:
    expired = consents(purposes=["recording"], expires_at=after(hours=2))
    both = expired.revised(AT_NOON, given=[*expired.given, *consents(purposes=["ai_processing"]).given])

    assert reasons(both, ConsentUse.RECORD, hours=1.99) == {}
    assert reasons(both, ConsentUse.RECORD) == {"recording": "expired"}
    assert reasons(both, ConsentUse.TRANSCRIBE) == {"recording": "expired"}
    assert reasons(both, ConsentUse.DRAFT) == {}


def test_a_withdrawn_consent_allows_nothing() -> None:
    ended = withdrawn(consents())

    assert reasons(ended) == dict.fromkeys(BOTH, "withdrawn")
    assert reasons(ended, ConsentUse.DRAFT) == dict.fromkeys(BOTH, "withdrawn")
    assert reasons(ended, ConsentUse.DRAFT_FROM_NOTES) == {"ai_processing": "withdrawn"}


def test_a_draft_stops_when_the_consent_to_the_recording_alone_is_withdrawn() -> None:
    given = consents(purposes=["recording"])
    both = given.revised(AT_NOON, given=[*given.given, factories.consent(AT_NOON, purposes=["ai_processing"])])

    assert reasons(withdrawn(both), ConsentUse.DRAFT) == {"recording": "withdrawn"}
    assert reasons(withdrawn(both), ConsentUse.DRAFT_FROM_NOTES) == {}


def test_a_withdrawal_ends_every_earlier_consent_to_its_purposes() -> None:
    twice = consents().with_consent(new(), "two", AT_NOON)

    assert reasons(withdrawn(twice, "two"), ConsentUse.RECORD) == {"recording": "withdrawn"}
    assert reasons(withdrawn(twice, "two"), ConsentUse.DRAFT_FROM_NOTES) == {}


def test_a_consent_that_is_recorded_late_does_not_undo_a_withdrawal() -> None:
    ended = withdrawn(consents())

    late = ended.with_consent(new(given_at=after(minutes=30)), "two", Stamp(DOCTOR, after(hours=2)))
    again = ended.with_consent(new(), "two", Stamp(DOCTOR, after(hours=2)))

    assert reasons(late, ConsentUse.RECORD) == {"recording": "withdrawn"}
    assert reasons(again, ConsentUse.RECORD) == {}


def test_a_clock_that_is_ahead_lets_no_consent_outlive_its_withdrawal() -> None:
    given = NOBODY.with_consent(new(given_at=after(minutes=2)), "one", AT_NOON)

    assert reasons(withdrawn(given, minutes=1), ConsentUse.RECORD) == {"recording": "withdrawn"}


def test_a_withdrawal_for_one_visit_ends_the_consent_for_all_visits_in_that_visit() -> None:
    both = consents().with_consent(new(session_id=SESSION_ID), "two", AT_NOON)
    ended = withdrawn(both, "two")

    assert reasons(ended, ConsentUse.RECORD) == {"recording": "withdrawn"}
    assert reasons(ended, ConsentUse.RECORD, session_id=OTHER_SESSION) == {}


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({}, "not_written"),
        (WRITTEN, None),
        ({"method": "document", "document_reference": "file 7"}, None),
        ({**WRITTEN, "general_terms": True}, "not_specific"),
        ({**WRITTEN, "purposes": [*BOTH, "treatment"]}, "not_specific"),
    ],
)
def test_the_written_profile_wants_writing_about_recording_and_ai_alone(
    values: dict[str, Any], reason: str | None
) -> None:
    assert reasons(consents(**values), clinic=FORMAL) == (dict.fromkeys(BOTH, reason) if reason else {})
    assert reasons(consents(**values), clinic=STRICT) == {}


def test_where_consents_are_kept_elsewhere_only_a_withdrawal_refuses() -> None:
    assert reasons(NOBODY, clinic=ELSEWHERE) == {}
    assert reasons(consents(expires_at=after(hours=1)), clinic=ELSEWHERE) == {}
    assert reasons(withdrawn(consents()), clinic=ELSEWHERE) == dict.fromkeys(BOTH, "withdrawn")


def test_the_reason_is_that_of_the_newest_consent() -> None:
    ended = withdrawn(consents()).with_consent(new(expires_at=after(hours=1.8)), "two", Stamp(DOCTOR, after(hours=1.5)))

    assert reasons(ended, ConsentUse.RECORD) == {"recording": "expired"}


MOMENTS = st.integers(0, 20)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("give"), st.sampled_from([None, SESSION_ID, OTHER_SESSION]), st.integers(0, 5)),
        st.tuples(st.just("withdraw"), st.integers(0, 9), st.just(0)),
    ),
    max_size=12,
)


@given(STEPS, st.sampled_from([None, SESSION_ID, OTHER_SESSION]), MOMENTS)
def test_a_consent_is_live_only_if_it_was_given_after_every_withdrawal(
    steps: list[tuple[str, Any, int]], session_id: str | None, later: int
) -> None:
    """Compared with a model that forgets what a withdrawal ends."""
    stored, live = NOBODY, list[tuple[str, str | None, float]]()
    for hour, (step, what, hours) in enumerate(steps, start=1):
        stamp = Stamp(DOCTOR, after(hours=hour))
        if step == "give":
            id, ends = f"c{hour}", hour + 1 + hours
            stored = stored.with_consent(new(session_id=what, expires_at=after(hours=ends)), id, stamp)
            live.append((id, what, ends))
            continue
        open_ones = [one for one in stored.given if one.id not in {ended.consent_id for ended in stored.withdrawals}]
        if not open_ones:
            continue
        chosen = open_ones[what % len(open_ones)]
        stored = stored.with_withdrawal(chosen.id, NewWithdrawal(), stamp)
        scope = chosen.session_id
        if scope in (None, session_id):
            live = []
    now = len(steps) + later
    expected = any(of in (None, session_id) and now < ends for _, of, ends in live)

    assert (reasons(stored, ConsentUse.RECORD, session_id=session_id, hours=now) == {}) == expected


def test_states_are_those_of_now() -> None:
    ended = withdrawn(consents()).with_consent(new(expires_at=after(hours=3)), "two", Stamp(DOCTOR, after(hours=2)))

    shown = state_of(ended, STRICT, SESSION_ID, after(hours=2)).consents
    later = state_of(ended, STRICT, SESSION_ID, after(hours=3)).consents

    assert [(one.id, one.status, one.live_purposes) for one in shown] == [
        ("two", ConsentStatus.GIVEN, [ConsentPurpose.RECORDING]),
        ("one", ConsentStatus.WITHDRAWN, []),
    ]
    assert [one.status for one in later] == [ConsentStatus.EXPIRED, ConsentStatus.WITHDRAWN]
    assert shown[1].withdrawal is not None
    assert shown[1].withdrawal.withdrawn_at == after(hours=1)


def test_a_withdrawal_is_made_once_and_kept_beside_the_consent() -> None:
    ended = withdrawn(consents())

    assert ended.consent("one").given_at == NOON
    with pytest.raises(Conflict) as twice:
        withdrawn(ended)
    assert twice.value.code == ConflictCode.CONSENT_WITHDRAWN
    with pytest.raises(NotFound):
        withdrawn(ended, "unknown")


def test_the_list_is_bounded_and_the_text_of_a_wording_is_kept_once() -> None:
    stored = NOBODY
    for count in range(MOST_CONSENTS):
        text = {"version": "v", "text": f"Wording {count // 2}"}
        stored = stored.with_consent(new(wording=text), f"c{count}", AT_NOON)

    assert [kept.text for kept in stored.texts] == [f"Wording {count}" for count in range(MOST_TEXTS)]
    assert stored.given[-1].wording.sha256 == hashlib.sha256(b"Wording 49").hexdigest()
    with pytest.raises(Conflict) as full:
        stored.with_consent(new(), "more", AT_NOON)
    assert full.value.code == ConflictCode.CONSENTS_FULL


@pytest.mark.parametrize(
    ("values", "pointers"),
    [
        ({}, []),
        ({"purposes": ["recording", "recording"]}, ["/purposes"]),
        ({"wording": {"version": "v"}}, ["/wording"]),
        ({"wording": {"version": "v", "sha256": "a" * 64}}, []),
        ({"wording": {"version": "v", "text": "a", "sha256": "a" * 64}}, ["/wording/sha256"]),
        ({"method": "document"}, ["/document_reference"]),
        ({"given_by": "guardian"}, ["/given_by_name"]),
        ({"given_by": "guardian", "given_by_name": "Asha"}, []),
        ({"given_at": after(minutes=2)}, []),
        ({"given_at": after(minutes=2, seconds=1)}, ["/given_at"]),
        ({"given_at": after(days=-30)}, []),
        ({"given_at": after(days=-30, seconds=-1)}, ["/given_at"]),
        ({"expires_at": NOON}, ["/expires_at"]),
        ({"expires_at": NOON + LONGEST_CONSENT}, []),
        ({"expires_at": NOON + LONGEST_CONSENT + timedelta(seconds=1)}, ["/expires_at"]),
        ({"purposes": ["recording"] * 2, "method": "document", "given_by": "guardian"}, None),
    ],
)
def test_everything_that_is_wrong_with_a_consent_is_named(values: dict[str, Any], pointers: list[str] | None) -> None:
    found = [error.pointer for error in new(**values).errors(STRICT, NOON)]

    assert found == (["/purposes", "/document_reference", "/given_by_name"] if pointers is None else pointers)


def test_a_witness_is_required_if_the_clinic_says_so() -> None:
    clinic = settings(consent_witness_required=True)

    assert [error.pointer for error in new().errors(clinic, NOON)] == ["/witness"]
    assert not [*new(witness="Latha").errors(clinic, NOON)]


def test_a_withdrawal_for_the_patient_names_who_asks() -> None:
    assert [error.pointer for error in NewWithdrawal(requested_by="guardian").errors()] == ["/requested_by_name"]
    assert not [*NewWithdrawal().errors()]
