"""A withdrawal reaches every visit of the patient, in bounded commits, and the sweep goes on with one that stopped."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from shared.records.patients.new_consent import NewWithdrawal
from shared.records.problems import Unavailable
from shared.records.record import patient_of
from shared.records.visits.transcription import TranscriptionStatus
from shared.store.clinic import system_clinic
from shared.workflows import withdrawal
from tests.journeys.sweep.stalled_jobs import MINUTE, sweep
from tests.support import crashes as support
from tests.support.clinics import TestClinic
from tests.support.database import alter, end_session, plant_transcription
from tests.support.visits import new_session, set_clinic
from tools import google_firestore


@pytest.fixture
def visits(own_clinic: TestClinic, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Three visits of a patient, each with a transcription, in a clinic that deletes; one visit fits a commit."""
    monkeypatch.setattr(withdrawal, "MOST_SESSIONS", 1)
    set_clinic(own_clinic, after_withdrawal="delete")
    found = [new_session(own_clinic)]
    for _ in range(2):
        end_session(own_clinic, found[-1])
        found.append(new_session(own_clinic, patient_id=patient_of(found[0])))
    for session in found:
        alter(own_clinic, f"sessions/{session}", {"uploads": 1})
        plant_transcription(own_clinic, session, TranscriptionStatus.COMPLETED)
    own_clinic.stack.wait_idle(support.PATIENCE)
    return found


def withdraw(clinic: TestClinic, patient: str) -> None:
    consent = clinic.doctor.get(f"/patients/{patient}/consents").ok().body["consents"][-1]["id"]
    withdrawal.withdraw(system_clinic(clinic.id, "test"), patient, consent, NewWithdrawal())
    clinic.stack.wait_idle(support.PATIENCE)


def texts(clinic: TestClinic, visits: list[str]) -> list[str]:
    return [clinic.doctor.get(f"/transcriptions/{one}-t1").ok().body["transcript_text"] for one in visits]


def consents(clinic: TestClinic, patient: str) -> dict[str, object]:
    return google_firestore.client().document(f"clinics/{clinic.id}/consents/{patient}").get().to_dict() or {}


def test_text_of_every_visit_goes(own_clinic: TestClinic, visits: list[str]) -> None:
    patient = patient_of(visits[0])

    withdraw(own_clinic, patient)

    assert texts(own_clinic, visits) == ["", "", ""]
    assert consents(own_clinic, patient)["status"] == "done"


def test_sweep_goes_on_with_a_withdrawal_that_was_interrupted(
    own_clinic: TestClinic, visits: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = patient_of(visits[0])

    def stopped(*_: object) -> None:
        raise Unavailable

    monkeypatch.setattr(withdrawal, "stop_earlier", stopped)
    withdraw(own_clinic, patient)
    before, status = texts(own_clinic, visits), consents(own_clinic, patient)["status"]
    alter(
        own_clinic,
        f"consents/{patient}",
        {"updated_at": datetime.now(UTC) - withdrawal.STALLED_AFTER - MINUTE},
    )

    assert sweep(own_clinic.stack) == 204
    own_clinic.stack.wait_idle(support.PATIENCE)

    assert (sum(map(bool, before)), status) == (2, "stopping")
    assert texts(own_clinic, visits) == ["", "", ""]
    assert consents(own_clinic, patient)["status"] == "done"
