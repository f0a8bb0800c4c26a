"""Unsigned reports of a doctor who loses access: named in the refusal, or taken over in the same commit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from shared.records.problems import Conflict
from shared.records.reports.report import ReportStatus
from shared.records.types import new_id
from shared.records.visits.transcription import TranscriptionStatus
from shared.store.clinic import system_clinic
from shared.workflows import handover
from shared.workflows.reports import requesting
from tests.support.client import ApiClient, Reply
from tests.support.clinics import TestClinic, plant_confirmation
from tests.support.database import end_session, plant_report, plant_transcription
from tests.support.problems import pointers
from tests.support.proofs import raw, sign


@dataclass(frozen=True)
class Draft:
    """An unsigned report of a completed visit of the first doctor."""

    clinic: TestClinic
    patient: str
    session: str

    @property
    def path(self) -> str:
        return f"/reports/{self.session}-r1"

    @property
    def successor(self) -> ApiClient:
        return self.clinic.other_doctor

    def etag(self, path: str) -> str:
        return self.clinic.admin.get(path).ok().etag


@pytest.fixture
def draft(own_clinic: TestClinic) -> Draft:
    session = own_clinic.session().body
    end_session(own_clinic, session["id"])
    plant_report(own_clinic, session["id"])
    return Draft(own_clinic, session["patient_id"], session["id"])


def transfer(draft: Draft, take_over_by: str | None = None) -> Reply:
    path = f"/patients/{draft.patient}"
    body = {"owner_id": draft.successor.user_id} | ({"take_over_by": take_over_by} if take_over_by else {})
    return draft.clinic.doctor.put(f"{path}/owner", body, etag=draft.etag(path))


def remove(draft: Draft, take_over_by: str | None = None) -> Reply:
    path = f"/users/{draft.clinic.doctor.user_id}"
    query = f"?take_over_by={take_over_by}" if take_over_by else ""
    return draft.clinic.admin.delete(f"{path}{query}", etag=draft.etag(path))


def disable(draft: Draft, take_over_by: str | None = None) -> Reply:
    path = f"/users/{draft.clinic.doctor.user_id}"
    body = {"take_over_by": take_over_by} if take_over_by else None
    return draft.clinic.admin.post(f"{path}/disable", body, key="", etag=draft.etag(path))


def demote(draft: Draft, take_over_by: str | None = None) -> Reply:
    path = f"/users/{draft.clinic.doctor.user_id}"
    body = {"roles": ["receptionist"], "take_over_by": take_over_by}
    return draft.clinic.admin.put(f"{path}/roles", body, etag=draft.etag(path))


WAYS: dict[str, Callable[..., Reply]] = {"transfer": transfer, "remove": remove, "disable": disable, "roles": demote}


@pytest.mark.parametrize("leave", WAYS.values(), ids=WAYS)
def test_unsigned_reports_are_named_and_nothing_changes(draft: Draft, leave: Callable[..., Reply]) -> None:
    refused = leave(draft).refused(409, "conflict")

    assert [(error["pointer"], error["detail"]) for error in refused.body["errors"]] == [
        (draft.path.removeprefix("/"), "is not signed")
    ]
    assert draft.clinic.doctor.get(draft.path).ok().body["doctor_id"] == draft.clinic.doctor.user_id
    sign(draft.clinic, f"{draft.session}-r1")
    leave(draft).ok()


@pytest.mark.parametrize("leave", WAYS.values(), ids=WAYS)
def test_a_named_doctor_takes_over_and_signs(draft: Draft, leave: Callable[..., Reply]) -> None:
    successor, former = draft.successor, draft.clinic.doctor.user_id
    successor.put("/profile", {"first_name": "Meera", "last_name": "Iyer", "licence_number": "KMC 45821"}).ok()
    plant_confirmation(draft.clinic, successor)

    leave(draft, successor.user_id).ok()

    report = successor.get(draft.path).ok()
    assert (report.body["doctor_id"], report.body["taken_over_from"]) == (successor.user_id, former)
    assert raw(draft.clinic, f"sessions/{draft.session}")["doctor_id"] == former, "who recorded the visit stays"
    successor.sign_in()
    signed = successor.post(f"{draft.path}/sign", {}, key="", etag=report.etag).ok()
    assert signed.body["signed_by"] == successor.user_id


@pytest.mark.parametrize("leave", WAYS.values(), ids=WAYS)
def test_only_another_doctor_takes_over(draft: Draft, other_clinic: TestClinic, leave: Callable[..., Reply]) -> None:
    clinic = draft.clinic
    wrong = [clinic.receptionist.user_id, other_clinic.doctor.user_id, clinic.doctor.user_id, new_id()]

    for take_over_by in wrong:
        refused = leave(draft, take_over_by).refused(422, "invalid")
        assert {pointer.removeprefix("/") for pointer in pointers(refused)} == {"take_over_by"}
    assert clinic.doctor.get(draft.path).ok().body["taken_over_from"] is None


def test_a_withdrawn_doctor_leaves_no_report_behind(draft: Draft) -> None:
    clinic, colleague, path = draft.clinic, draft.successor, f"/patients/{draft.patient}"
    own_path = f"{path}/doctors/{colleague.user_id}"
    clinic.doctor.put(own_path, {"level": "write"}, etag=draft.etag(path)).ok()
    visit = clinic.start({"patient_id": draft.patient}, colleague).ok(201).body["id"]
    report = plant_report(clinic, visit)
    running = clinic.doctor.delete(own_path, etag=draft.etag(path)).refused(409, "conflict")
    assert pointers(running) == {f"sessions/{visit}", f"reports/{report}"}
    end_session(clinic, visit)

    refused = clinic.doctor.delete(own_path, etag=draft.etag(path)).refused(409, "conflict")
    withdrawn = clinic.doctor.delete(f"{own_path}?take_over_by={clinic.doctor.user_id}", etag=draft.etag(path)).ok()

    assert pointers(refused) == {f"reports/{report}"}
    assert withdrawn.body["shared_with"] == []
    assert clinic.doctor.get(f"/reports/{report}").ok().body["doctor_id"] == clinic.doctor.user_id
    assert clinic.doctor.get(draft.path).ok().body["taken_over_from"] is None, "own reports stay"


def test_a_patient_with_a_running_visit_is_not_transferred(draft: Draft) -> None:
    """Whoever takes the report over, the previous doctor could not end the visit any more."""
    clinic, path = draft.clinic, f"/patients/{draft.patient}"
    visit = clinic.start({"patient_id": draft.patient}).ok(201)

    for take_over_by, named in ((None, {f"reports/{draft.session}-r1"}), (draft.successor.user_id, set())):
        refused = transfer(draft, take_over_by).refused(409, "conflict")
        assert refused.body["code"] == "open_work"
        assert pointers(refused) == named | {f"sessions/{visit.body['id']}"}

    assert clinic.doctor.get(path).ok().body["owner_id"] == clinic.doctor.user_id
    clinic.doctor.delete(f"/sessions/{visit.body['id']}", etag=visit.etag).ok()
    transfer(draft, draft.successor.user_id).ok()


def test_an_author_keeps_reading_what_she_signed(draft: Draft) -> None:
    clinic = draft.clinic
    signed = sign(clinic, f"{draft.session}-r1")
    transfer(draft).ok()

    # The current name of a patient whom she may not see is not shown; the signed bytes have the name of then.
    assert clinic.doctor.get(draft.path).ok().body == {**signed.body, "patient": None}
    clinic.doctor.pdf(f"{draft.path}/pdf").ok()
    clinic.doctor.get(f"{draft.path}/signed").ok()
    clinic.doctor.get(f"/patients/{draft.patient}").refused(404, "not-found")
    clinic.doctor.get(f"/sessions/{draft.session}").refused(404, "not-found")


def test_a_report_that_comes_after_the_transfer_belongs_to_the_new_doctor(draft: Draft) -> None:
    """The transcription was still running when the patient was transferred."""
    clinic, session = draft.clinic, draft.session
    sign(clinic, f"{session}-r1")
    later = clinic.start({"patient_id": draft.patient}).ok(201).body["id"]
    end_session(clinic, later)
    transfer(draft).ok()

    transcription = plant_transcription(clinic, later, TranscriptionStatus.COMPLETED)
    requesting.request_first(system_clinic(clinic.id, "event"), transcription)

    assert raw(clinic, f"reports/{later}-r1")["doctor_id"] == draft.successor.user_id


def test_a_new_report_conflicts_with_a_transfer_that_has_not_seen_it(draft: Draft) -> None:
    """The request of a report changes the patient's document, so a transfer that has not seen it conflicts."""
    clinic = draft.clinic
    sign(clinic, f"{draft.session}-r1")
    later = clinic.start({"patient_id": draft.patient}).ok(201).body["id"]
    end_session(clinic, later)
    transcription = plant_transcription(clinic, later, TranscriptionStatus.COMPLETED)
    before = raw(clinic, f"patients/{draft.patient}")["guard"]

    requesting.request_first(system_clinic(clinic.id, "event"), transcription)

    assert raw(clinic, f"patients/{draft.patient}")["guard"] != before, "the request changes the document"
    assert pointers(transfer(draft).refused(409, "conflict")) == {f"reports/{later}-r1"}


def test_no_more_reports_are_handed_over_than_one_commit_holds(draft: Draft, monkeypatch: pytest.MonkeyPatch) -> None:
    clinic = draft.clinic
    other = clinic.session().body
    plant_report(clinic, other["id"], ReportStatus.PENDING)
    end_session(clinic, other["id"])
    system = system_clinic(clinic.id, "test")
    former, successor = clinic.doctor.user_id, draft.successor.user_id

    monkeypatch.setattr(handover, "MOST_REPORTS", 1)
    with pytest.raises(Conflict, match="more than 1 unsigned"):
        system.perform("test", lambda work: handover.hand_over(work, former, successor))
    monkeypatch.setattr(handover, "MOST_REPORTS", 2)
    system.perform("test", lambda work: handover.hand_over(work, former, successor))

    for session in (draft.session, other["id"]):
        assert raw(clinic, f"reports/{session}-r1")["doctor_id"] == successor
    for patient in (draft.patient, other["patient_id"]):
        assert raw(clinic, f"patients/{patient}")["writers"] == [successor]


def test_the_body_of_a_disabling_may_be_missing_or_empty(own_clinic: TestClinic) -> None:
    for body, person in ((None, own_clinic.other_doctor), ({}, own_clinic.receptionist)):
        path = f"/users/{person.user_id}"
        disabled = own_clinic.admin.post(f"{path}/disable", body, key="", etag=own_clinic.admin.get(path).etag).ok()
        assert disabled.body["disabled"] is True
    wrong = own_clinic.admin.post(f"/users/{own_clinic.doctor.user_id}/disable", {"by": "x"}, key="", etag='"1"')
    assert pointers(wrong.refused(422, "invalid")) == {"/by"}
