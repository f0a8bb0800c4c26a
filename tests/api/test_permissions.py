"""Who may do what to whose visit: a colleague with whom a patient, or a single report, is shared."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import pytest
from pypdf import PdfReader

from shared.records.permissions import RULES, Action, Relation
from shared.records.types import Role, new_id
from tests.support.audit import audit_of, new_trace
from tests.support.client import ApiClient, Reply
from tests.support.clinics import TestClinic
from tests.support.database import alter, plant_report, plant_transcription
from tests.support.operation_cases import operations
from tests.support.problems import pointers
from tests.support.proofs import signed_report
from tests.support.resolutions import decisions
from tools.openapi.operation_cases import CASES

UPLOAD = {"content_type": "audio/flac", "size_bytes": 1_000}
EDIT = {"edits": [{"statement_id": "s1", "text": "Sleeps better.", "reason": "misheard"}]}


FINDING = {"id": "f1", "type": "doubt"}


@dataclass(frozen=True)
class Visit:
    """A running visit of a patient of the first doctor, with a drafted report."""

    clinic: TestClinic
    patient: str
    session: str
    report: str

    @property
    def colleague(self) -> ApiClient:
        return self.clinic.other_doctor

    def etag(self, path: str) -> str:
        """The current ETag, as an admin reads it."""
        return self.clinic.admin.get(path).ok().etag

    def share(self, body: Any = None) -> Reply:
        path = f"/patients/{self.patient}"
        return self.clinic.doctor.put(f"{path}/doctors/{self.colleague.user_id}", body, etag=self.etag(path))

    def share_report(self, level: str, **headers: str) -> Reply:
        path = f"/reports/{self.report}"
        body = {"doctor_id": self.colleague.user_id, "level": level}
        return self.clinic.doctor.post(f"{path}/share", body, etag=self.etag(path), **headers)


@pytest.fixture
def visit(own_clinic: TestClinic) -> Visit:
    session = own_clinic.session(session_notes="Looks tired.").body
    return Visit(own_clinic, session["patient_id"], session["id"], plant_report(own_clinic, session["id"]))


def attempts(visit: Visit, user: ApiClient) -> dict[Action, Reply]:
    """The replies to one request of each action on the visit; those that end the visit come last."""
    session, report, patient = f"/sessions/{visit.session}", f"/reports/{visit.report}", f"/patients/{visit.patient}"
    user.sign_in()
    replies = {
        Action.READ_PATIENT: user.get(patient),
        Action.READ_VISIT: user.get(session),
        Action.READ_REPORT: user.get(report),
        Action.CHANGE_PATIENT: user.send("PATCH", patient, {"occupation": "Baker"}, etag=visit.etag(patient)),
        Action.START_VISIT: user.post("/sessions", {"patient_id": visit.patient}),
        Action.RECORD_VISIT: user.post(f"{session}/recordings", UPLOAD),
        Action.WRITE_NOTES: user.put(session, {"session_notes": "Changed."}, etag=visit.etag(session)),
        Action.EDIT_REPORT: user.put(report, EDIT, etag=visit.etag(report)),
        Action.RESOLVE_DOUBTS: user.post(f"{report}/doubts", {"resolutions": decisions([FINDING])}, etag='"999"'),
        Action.SIGN_REPORT: user.post(f"{report}/sign", {}, key="", etag='"999"'),
        Action.MOVE_VISIT: user.delete(session, etag=visit.etag(session)),
    }
    if replies[Action.READ_VISIT].status == 200:
        replies[Action.REQUEST_REPORT] = user.post(f"{session}/generate-report")
    return replies


@pytest.mark.parametrize("level", ["read", "write"])
def test_a_colleague_does_to_a_visit_what_the_table_allows(visit: Visit, level: str) -> None:
    visit.share({"level": level}).ok()
    relation = Relation.PATIENT_WRITE if level == "write" else Relation.PATIENT_READ

    replies = attempts(visit, visit.colleague)

    forbidden = {action for action, reply in replies.items() if reply.status == 403}
    assert forbidden == {action for action in replies if relation not in RULES[action]}
    session = visit.clinic.doctor.get(f"/sessions/{visit.session}").ok().body
    assert (session["status"], session["session_notes"]) == ("in_progress", "Looks tired.")


def test_a_share_without_a_level_is_to_read(visit: Visit) -> None:
    shared = visit.share().ok()

    assert (shared.body["shared_with"], shared.body["writers"]) == ([visit.colleague.user_id], [])
    for body in ({"level": "write"}, {"level": "read"}, {}):
        shared = visit.share(body).ok()
        assert shared.body["shared_with"] == [visit.colleague.user_id]
        assert (visit.colleague.user_id in shared.body["writers"]) == (body.get("level") == "write")
    assert pointers(visit.share({"level": "sign"}).refused(422, "invalid")) == {"/level"}


def test_every_status_move_of_a_colleague_is_refused_whatever_the_etag(visit: Visit) -> None:
    visit.share({"level": "write"}).ok()
    path = f"/sessions/{visit.session}"

    for etag in (visit.etag(path), '"99"'):
        refused = [
            visit.colleague.put(path, {"status": "paused"}, etag=etag),
            visit.colleague.post(f"{path}/complete", key="", etag=etag),
            visit.colleague.delete(path, etag=etag),
        ]
        for reply in refused:
            assert reply.refused(403, "forbidden").body["detail"].startswith("only the doctor of the visit or an admin")


def test_an_admin_moves_the_visit_and_writes_no_notes(visit: Visit) -> None:
    path = f"/sessions/{visit.session}"

    both = {"status": "paused", "session_notes": "Changed."}
    visit.clinic.admin.put(path, both, etag=visit.etag(path)).refused(403, "forbidden")
    paused = visit.clinic.admin.put(path, {"status": "paused"}, etag=visit.etag(path)).ok()
    completed = visit.clinic.admin.post(f"{path}/complete", key="", etag=paused.etag).ok()

    assert (completed.body["status"], completed.body["session_notes"]) == ("completed", "Looks tired.")


def test_a_covering_doctor_writes_the_notes_of_her_own_visit_only(visit: Visit) -> None:
    """The responsible doctor of the patient is not the author of a colleague's notes."""
    visit.share({"level": "write"}).ok()
    own = visit.clinic.start({"patient_id": visit.patient}, visit.colleague).ok(201)
    path = f"/sessions/{own.body['id']}"

    noted = visit.colleague.put(path, {"session_notes": "Better."}, etag=own.etag).ok()
    visit.clinic.doctor.put(path, {"session_notes": "Mine."}, etag=noted.etag).refused(403, "forbidden")
    visit.clinic.doctor.post(f"{path}/complete", key="", etag=noted.etag).refused(403, "forbidden")
    visit.share({"level": "read"}).ok()

    visit.colleague.post(f"{path}/complete", key="", etag=noted.etag).ok()


def test_the_url_of_an_upload_is_shown_to_those_who_may_upload(visit: Visit) -> None:
    """The list of recordings would let a reader write somebody else's recording."""
    path = f"/sessions/{visit.session}/recordings"
    url = visit.clinic.doctor.post(path, UPLOAD).ok(201).body["upload_url"]

    def shown(level: str) -> str | None:
        visit.share({"level": level}).ok()
        (recording,) = visit.colleague.get(path).ok().body["items"]
        found: str | None = recording["upload_url"]
        return found

    assert (shown("read"), shown("write")) == (None, url)


def test_a_transcription_is_requested_again_only_by_those_who_may_write(visit: Visit) -> None:
    path = f"/transcriptions/{plant_transcription(visit.clinic, visit.session)}/regenerate"
    visit.share({"level": "read"}).ok()
    visit.colleague.post(path, etag='"1"').refused(403, "forbidden")


# One report


def test_a_report_is_shared_alone_to_read(visit: Visit) -> None:
    trace, header = new_trace()
    report, patient = f"/reports/{visit.report}", f"/patients/{visit.patient}"
    visit.colleague.get(report).refused(404, "not-found")

    shared = visit.share_report("read", **header).ok()
    replies = attempts(visit, visit.colleague)
    read = visit.colleague.get(report).ok().body
    pdf = visit.colleague.pdf(f"{report}/pdf").ok()

    assert (shared.body["shared_with"], shared.body["writers"]) == ([visit.colleague.user_id], [])
    # The colleague has no relation to the patient, so the name is not beside the record; it is on the report itself.
    assert {**read, "share": None} == {**shared.body, "patient": None}
    assert "Fernandes" in "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf.content)).pages)
    seen = {action: reply.status for action, reply in replies.items()}
    assert {action for action, status in seen.items() if status == 200} == {Action.READ_REPORT}
    refused = {action for action, status in seen.items() if status == 403}
    assert refused == {Action.EDIT_REPORT, Action.RESOLVE_DOUBTS, Action.SIGN_REPORT}
    assert {status for status in seen.values() if status not in (200, 403)} == {404}
    for other in ("", "/reports", "/sessions", "/bills"):
        visit.colleague.get(f"{patient}{other}").refused(404, "not-found")
    (entry,) = audit_of(visit.clinic, trace)
    assert (entry["action"], entry["outcome"]) == ("report.share", "done")
    assert f"reports/{visit.report}" in entry["documents"]


def test_a_report_is_shared_alone_to_write_and_never_signed_by_the_colleague(visit: Visit) -> None:
    path = f"/reports/{visit.report}"
    visit.share_report("write").ok()

    corrected = visit.colleague.put(path, EDIT, etag=visit.etag(path)).ok()
    key = new_id()
    reviewed = visit.colleague.post(f"{path}/review", key=key, etag=corrected.etag).ok()
    repeated = visit.colleague.post(f"{path}/review", key=key, etag=corrected.etag).ok()
    visit.colleague.sign_in()
    visit.colleague.post(f"{path}/sign", {}, key="", etag=reviewed.etag).refused(403, "forbidden")
    withdrawn = visit.clinic.doctor.delete(f"{path}/share/{visit.colleague.user_id}", etag=reviewed.etag).ok()

    assert repeated.headers["Idempotent-Replayed"] == "true"
    assert (withdrawn.body["shared_with"], withdrawn.body["writers"]) == ([], [])
    assert corrected.body["statements"][0]["author_id"] == visit.colleague.user_id
    visit.colleague.post(f"{path}/review", key=key, etag=corrected.etag).refused(404, "not-found")
    visit.colleague.get(path).refused(404, "not-found")


def test_a_signed_report_is_shared_and_stays_as_it_was_signed(own_clinic: TestClinic) -> None:
    report_id = signed_report(own_clinic)
    path, colleague = f"/reports/{report_id}", own_clinic.other_doctor
    before = own_clinic.doctor.get(path).ok()

    body = {"doctor_id": colleague.user_id, "level": "write"}
    shared = own_clinic.doctor.post(f"{path}/share", body, etag=before.etag).ok()

    seen = colleague.get(path).ok()
    assert {**seen.body, "share": None} == {**shared.body, "patient": None}
    assert seen.body["signature"] == before.body["signature"]
    assert colleague.get(f"{path}/signed").ok().body == own_clinic.doctor.get(f"{path}/signed").ok().body
    colleague.pdf(f"{path}/pdf").ok()
    colleague.put(path, EDIT, etag=shared.etag).refused(409, "conflict")


def test_repeated_shares_and_withdrawals_change_nothing(visit: Visit) -> None:
    path = f"/reports/{visit.report}"
    shared = visit.share_report("read").ok()

    assert visit.share_report("read").ok().body == shared.body
    first = visit.clinic.doctor.delete(f"{path}/share/{visit.colleague.user_id}", etag=shared.etag).ok()
    again = visit.clinic.doctor.delete(f"{path}/share/{visit.colleague.user_id}", etag=first.etag).ok()

    assert first.body == again.body


def test_who_shares_a_report_and_with_whom(visit: Visit, other_clinic: TestClinic) -> None:
    path, clinic = f"/reports/{visit.report}", visit.clinic
    visit.share({"level": "write"}).ok()

    def share(user: ApiClient, doctor: str, etag: str = '"1"') -> Reply:
        return user.post(f"{path}/share", {"doctor_id": doctor, "level": "read"}, etag=etag)

    share(visit.colleague, clinic.doctor.user_id).refused(403, "forbidden")
    share(clinic.receptionist, visit.colleague.user_id).refused(403, "forbidden")
    share(other_clinic.doctor, visit.colleague.user_id).refused(404, "not-found")
    share(clinic.doctor, visit.colleague.user_id, '"9"').refused(412, "stale")
    for wrong in (clinic.receptionist.user_id, other_clinic.doctor.user_id, new_id()):
        assert pointers(share(clinic.doctor, wrong).refused(422, "invalid")) == {"/doctor_id"}
    alter(clinic, f"users/{visit.colleague.user_id}", {"disabled": True})
    assert pointers(share(clinic.admin, visit.colleague.user_id).refused(422, "invalid")) == {"/doctor_id"}
    assert clinic.doctor.get(path).ok().body["shared_with"] == []


def test_a_share_counts_only_for_doctors_of_living_patients(visit: Visit) -> None:
    path = f"/reports/{visit.report}"
    visit.share_report("read").ok()

    alter(visit.clinic, f"users/{visit.colleague.user_id}", {"roles": ["receptionist"]})
    visit.colleague.get(path).refused(403, "forbidden")
    alter(visit.clinic, f"users/{visit.colleague.user_id}", {"roles": ["doctor"]})
    visit.colleague.get(path).ok()
    alter(visit.clinic, f"patients/{visit.patient}", {"live": False})
    visit.colleague.get(path).refused(404, "not-found")


def test_the_table_and_the_roles_of_the_operations_agree() -> None:
    """An operation is open to receptionists exactly if its action is, and to admins only if it is."""
    for name, case in CASES.items():
        if case.action is not None:
            open_to = operations()[name].roles
            assert Role.ADMIN not in open_to or Relation.ADMIN in RULES[case.action], name
            assert (Role.RECEPTIONIST in open_to) == (Relation.RECEPTIONIST in RULES[case.action]), name
