"""Co-signatures: what a trainee signs is final only with the supervisor's signature of the same bytes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from pypdf import PdfReader

from local.demo.people import PROFILE
from local.stack.stack import Stack
from shared import cli
from shared.records.reports.report_list import ReportState
from shared.records.reports.signed import AuthoredReport, Cosignature
from shared.records.types import new_id
from shared.store.clinic import system_clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.clinic import operator_settings
from tests.support.audit import audit_of, new_trace
from tests.support.client import ApiClient, Reply
from tests.support.clinics import TestClinic, clinic_with_profile, confirm_identity
from tests.support.concurrency import at_once, statuses
from tests.support.database import alter, end_session, plant_report
from tests.support.pdf_signatures import verdict
from tests.support.problems import pointers
from tests.support.proofs import raw
from tests.support.scenarios import signed_in_earlier
from tests.support.visits import set_clinic
from tools import google_firestore, verify_report

EDIT = {"edits": [{"statement_id": "s1", "text": "Sleeps badly since May.", "reason": "misheard"}]}
REASON = "March was the visit before."


@pytest.fixture(scope="module")
def clinic(stack: Stack) -> TestClinic:
    """A clinic whose first doctor is a trainee of the other doctor, who sees none of the patients."""
    clinic = clinic_with_profile(stack)
    clinic.other_doctor.put("/profile", {**PROFILE, "first_name": "Ravi", "licence_number": "KMC 1"}).ok()
    confirm_identity(clinic, clinic.other_doctor)
    supervise(clinic).ok()
    operator_settings.set_cosignature(clinic.id, required=True)
    set_clinic(clinic, bill_issue="by_desk")
    return clinic


@pytest.fixture
def report(clinic: TestClinic) -> str:
    """A drafted report of the trainee, whose session is completed."""
    return draft(clinic)


@pytest.fixture
def waiting(clinic: TestClinic, report: str) -> str:
    """A report that waits for the co-signature."""
    sign(clinic, report).ok()
    return report


def supervise(clinic: TestClinic, by: ApiClient | None = None, **body: Any) -> Reply:
    path = f"/users/{clinic.doctor.user_id}"
    etag = clinic.admin.get(path).ok().etag
    change = {"supervisor_id": clinic.other_doctor.user_id, **body}
    return (by or clinic.admin).put(f"{path}/supervisor", change, etag=etag)


def listed(clinic: TestClinic, report: str) -> set[str]:
    """The states under which the desk of the author lists the report."""
    states = ReportState.__members__.values()
    pages = {state.value: clinic.doctor.get(f"/reports?status={state}&page_size=100").ok().body for state in states}
    return {state for state, page in pages.items() if report in [one["id"] for one in page["items"]]}


def draft(clinic: TestClinic, **values: Any) -> str:
    session = clinic.session(**values).body
    end_session(clinic, session["id"])
    return plant_report(clinic, session["id"])


def etag_of(clinic: TestClinic, report: str) -> str:
    return clinic.admin.get(f"/reports/{report}").ok().etag


def sign(clinic: TestClinic, report: str, **body: str) -> Reply:
    clinic.doctor.sign_in()
    return clinic.doctor.post(f"/reports/{report}/sign", body, key="", etag=etag_of(clinic, report))


def cosign(clinic: TestClinic, report: str, by: ApiClient | None = None, etag: str = "", key: str = "") -> Reply:
    by = by or clinic.other_doctor
    by.sign_in()
    return by.post(f"/reports/{report}/cosign", key=key, etag=etag or etag_of(clinic, report))


def give_back(clinic: TestClinic, report: str, by: ApiClient | None = None, reason: str = REASON) -> Reply:
    body, etag = {"reason": reason}, etag_of(clinic, report)
    return (by or clinic.other_doctor).post(f"/reports/{report}/return", body, key="", etag=etag)


def text_of(pdf: Reply) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf.ok().content)).pages)


def test_a_trainees_report_is_final_with_the_supervisors_signature(clinic: TestClinic, report: str) -> None:
    path, supervisor, (trace, header) = f"/reports/{report}", clinic.other_doctor, new_trace()
    supervisor.get(path).refused(404, "not-found")

    signed = sign(clinic, report).ok()

    assert (signed.body["status"], signed.body["cosigner_id"]) == ("cosignature_pending", supervisor.user_id)
    assert (signed.body["signature"]["meaning"], signed.body["cosignature"]) == ("author", None)
    seen = supervisor.get(path).ok()
    assert seen.body["signature"] == signed.body["signature"]
    clinic.doctor.get(f"{path}/signed").refused(409, "conflict")
    waiting = supervisor.get(f"{path}/pdf")
    assert "waits for the co-signature" in text_of(waiting)
    assert b"/ByteRange" not in waiting.content, "what is not final has no PDF signature"
    listed = supervisor.get("/reports?status=to_cosign").ok().body["items"]
    assert report in [one["id"] for one in listed]
    supervisor.sign_in()
    cosigned = supervisor.post(f"{path}/cosign", key="", etag=seen.etag, **header).ok()

    assert (cosigned.body["status"], cosigned.body["signed_by"]) == ("signed", clinic.doctor.user_id)
    assert cosigned.body["signature"] == signed.body["signature"]
    cosignature = cosigned.body["cosignature"]
    assert (cosignature["signer_id"], cosignature["meaning"]) == (supervisor.user_id, "approver")
    assert cosignature["signer_name"] == "Ravi Iyer"
    assert clinic.doctor.get(path).ok().body["cosignature"] == cosignature
    copy = clinic.doctor.get(f"{path}/signed").ok()
    result = verify_report.verify(copy.content, copy.body["public_key"].encode())
    assert result.problems == []
    assert (result.payload["meaning"], result.cosignature["meaning"]) == ("author", "approver")
    final = supervisor.pdf(f"{path}/pdf")
    assert "Co-signed" in text_of(final)
    assert verdict(final.content).good
    (listed,) = clinic.doctor.get(f"/patients/{report.partition('-')[0]}/reports").ok().body["items"]
    assert (listed["status"], listed["cosigned_at"]) == ("signed", cosignature["signed_at"])
    (entry,) = audit_of(clinic, trace)
    assert (entry["action"], entry["outcome"]) == ("report.cosign", "done")


def test_while_it_waits_nothing_changes_the_report_or_its_visit(clinic: TestClinic, waiting: str) -> None:
    path, etag, doctor = f"/reports/{waiting}", etag_of(clinic, waiting), clinic.doctor
    session = f"/sessions/{waiting.removesuffix('-r1')}"
    visit = doctor.get(session).ok()

    refusals = [
        doctor.put(path, EDIT, etag=etag),
        doctor.post(f"{path}/review", key="", etag=etag),
        doctor.post(f"{path}/sign", {}, key="", etag=etag),
        doctor.post(f"{path}/rewrite", {}, etag=etag),
        doctor.post(f"{session}/reopen", key="", etag=visit.etag),
        doctor.post(f"{session}/report", {"source": "by_hand", "statements": [], "replace": True}),
        doctor.post(f"{session}/recordings", {"content_type": "audio/flac", "size_bytes": 9}),
    ]

    assert {(reply.status, reply.body.get("code")) for reply in refusals} == {(409, "cosignature_pending")}
    assert doctor.post(f"{path}/addenda", {"text": "x"}, etag=etag).refused(409, "conflict").body["code"] == (
        "report_not_signed"
    )
    doctor.get(f"{path}/chart-changes").refused(409, "conflict")
    assert doctor.get(f"/patients/{waiting.partition('-')[0]}/last-visit").ok().body["last_visit"] is None
    assert doctor.get(path).ok().etag == etag


def test_a_returned_report_is_corrected_and_signed_as_its_next_version(clinic: TestClinic, waiting: str) -> None:
    path = f"/reports/{waiting}"
    authored = raw(clinic, f"{path[1:]}/bodies/authored-1")

    returned = give_back(clinic, waiting).ok()

    assert (returned.body["status"], returned.body["version"], returned.body["signature"]) == ("completed", 2, None)
    assert (returned.body["signed_by"], returned.body["cosigner_id"], returned.body["reviews"]) == (None, None, [])
    (why,) = returned.body["returns"]
    assert (why["version"], why["reason"], why["returned_by"]) == (1, REASON, clinic.other_doctor.user_id)
    clinic.other_doctor.get(path).refused(404, "not-found")
    assert listed(clinic, waiting) == {"returned", "to_review", "unsigned"}
    corrected = clinic.doctor.put(path, EDIT, etag=returned.etag).ok()
    clinic.doctor.post(f"{path}/review", key="", etag=corrected.etag).ok()
    assert listed(clinic, waiting) == {"returned", "to_sign", "unsigned"}
    sign(clinic, waiting).ok()
    assert listed(clinic, waiting) == {"cosignature_pending"}
    final = cosign(clinic, waiting).ok().body
    assert (final["status"], final["version"], final["returns"]) == ("signed", 3, [why])
    assert final["statements"][0]["text"] == "Sleeps badly since May."
    assert raw(clinic, f"{path[1:]}/bodies/authored-1") == authored, "what was signed is kept as it was"


def test_who_cosigns_and_who_returns(clinic: TestClinic, other_clinic: TestClinic, waiting: str) -> None:
    before = etag_of(clinic, waiting)

    for person, status, name in (
        (clinic.doctor, 403, "forbidden"),
        (clinic.admin, 403, "forbidden"),
        (clinic.receptionist, 403, "forbidden"),
        (other_clinic.doctor, 404, "not-found"),
    ):
        cosign(clinic, waiting, person, before).refused(status, name)
        if person is not clinic.doctor:
            give_back(clinic, waiting, person).refused(status, name)
    cosign(clinic, waiting, etag='"77"').refused(412, "stale")
    assert pointers(give_back(clinic, waiting, reason="x" * 2_001).refused(422, "invalid")) == {"/reason"}
    signed_in_earlier(clinic, clinic.other_doctor, seconds_ago=330)
    stale = clinic.other_doctor.post(f"/reports/{waiting}/cosign", key="", etag=before)
    stale.refused(401, "fresh-sign-in-required")
    assert etag_of(clinic, waiting) == before
    withdrawn = give_back(clinic, waiting, clinic.doctor, "I saw a mistake.").ok()
    assert withdrawn.body["returns"][-1]["returned_by"] == clinic.doctor.user_id
    cosign(clinic, waiting).refused(404, "not-found")
    again = give_back(clinic, waiting, clinic.doctor).refused(409, "conflict")
    assert again.body["code"] == "no_cosignature_pending"


def test_of_a_cosignature_and_a_return_at_once_one_counts(clinic: TestClinic, waiting: str) -> None:
    etag = etag_of(clinic, waiting)
    clinic.other_doctor.sign_in()
    post = clinic.other_doctor.post
    path = f"/reports/{waiting}"

    replies = at_once(
        2,
        lambda number: (
            post(f"{path}/cosign", key="", etag=etag)
            if number
            else post(f"{path}/return", {"reason": REASON}, key="", etag=etag)
        ),
    )

    assert statuses(replies)[200] == 1
    final = clinic.admin.get(path).ok().body
    is_signed = final["status"] == "signed"
    assert is_signed == bool(final["cosignature"])
    assert is_signed == bool(raw(clinic, f"{path[1:]}/bodies/signed"))


def test_a_repeated_cosignature_is_answered_again(clinic: TestClinic, waiting: str) -> None:
    etag, key = etag_of(clinic, waiting), new_id()

    first, again = (cosign(clinic, waiting, etag=etag, key=key).ok() for _ in range(2))

    assert again.headers["Idempotent-Replayed"] == "true"
    assert first.body == again.body


def test_a_trainee_signs_as_author_and_adds_no_addendum(clinic: TestClinic, report: str) -> None:
    assert pointers(sign(clinic, report, meaning="approver").refused(422, "invalid")) == {"/meaning"}
    sign(clinic, report).ok()
    final = cosign(clinic, report).ok()

    refused = clinic.doctor.post(f"/reports/{report}/addenda", {"text": "x"}, etag=final.etag)
    added = clinic.other_doctor.post(f"/reports/{report}/addenda", {"text": "TSH normal."}, etag=final.etag).ok(201)

    assert refused.refused(409, "conflict").body["code"] == "cosignature_required"
    assert added.body["addenda"][0]["signature"]["signer_id"] == clinic.other_doctor.user_id


# Altered signatures


@pytest.mark.parametrize("fault", ["exchanged", "gone", "of another report"])
def test_an_altered_cosignature_is_refused(clinic: TestClinic, waiting: str, fault: str) -> None:
    cosign(clinic, waiting).ok()
    document = google_firestore.client().document(f"clinics/{clinic.id}/reports/{waiting}/bodies/cosigned")
    if fault == "gone":
        document.delete()
    else:
        other = draft(clinic, patient_id=waiting.partition("-")[0])
        sign(clinic, other).ok()
        cosign(clinic, other).ok()
        forge_cosignature(clinic, waiting, other if fault == "of another report" else waiting, fault)

    for path in ("", "/signed", "/pdf"):
        clinic.doctor.get(f"/reports/{waiting}{path}").refused(500, "signature-invalid")
    clinic.doctor.get(f"/patients/{waiting.partition('-')[0]}/reports").refused(500, "signature-invalid")


def forge_cosignature(clinic: TestClinic, report: str, source: str, fault: str) -> None:
    def transaction(work: UnitOfWork) -> None:
        mine, found = work.get(Cosignature.ref(report)), work.get(Cosignature.ref(source))
        canonical = found.canonical.replace("approver", "reviewer") if fault == "exchanged" else found.canonical
        work.save(mine.amended(canonical=canonical, signature=found.signature))

    system_clinic(clinic.id, "forged").perform("report.cosign", transaction)


def test_what_waits_is_shown_from_the_signed_bytes(clinic: TestClinic, waiting: str) -> None:
    before = clinic.doctor.get(f"/reports/{waiting}").ok().body

    def transaction(work: UnitOfWork) -> None:
        authored = work.get(AuthoredReport.ref(AuthoredReport.id_of(waiting, 1)))
        work.save(authored.amended(canonical=authored.canonical.replace("badly", "well")))

    google_firestore.client().document(f"clinics/{clinic.id}/reports/{waiting}/bodies/content").delete()
    assert clinic.doctor.get(f"/reports/{waiting}").ok().body == before
    system_clinic(clinic.id, "forged").perform("report.sign", transaction)

    clinic.doctor.get(f"/reports/{waiting}").refused(500, "signature-invalid")
    cosign(clinic, waiting, etag='"2"').refused(500, "signature-invalid")


# Who is a trainee


@pytest.fixture
def supervised(own_clinic: TestClinic) -> Iterator[TestClinic]:
    supervise(own_clinic).ok()
    yield own_clinic


def test_nobody_cosigns_where_neither_clinic_nor_template_asks(supervised: TestClinic) -> None:
    assert sign(supervised, draft(supervised)).ok().body["status"] == "signed"


def test_a_template_asks_for_the_cosignature(supervised: TestClinic) -> None:
    content = {"name": "Trainees", "sections": [{"id": "chief_complaint", "title": "Complaint", "required": True}]}
    template = supervised.doctor.post("/templates", {**content, "requires_cosignature": True}).ok(201).body
    assert template["requires_cosignature"]
    report = draft(supervised, template_id=template["id"])

    assert sign(supervised, report).ok().body["status"] == "cosignature_pending"


def test_who_may_be_a_supervisor(supervised: TestClinic, other_clinic: TestClinic) -> None:
    trainee, supervisor = supervised.doctor.user_id, supervised.other_doctor.user_id

    def refused(user: str) -> set[str]:
        return pointers(supervise(supervised, supervisor_id=user).refused(422, "invalid"))

    assert {frozenset(refused(user)) for user in (
        trainee, supervised.receptionist.user_id, supervised.admin.user_id, other_clinic.doctor.user_id, new_id(28),
    )} == {frozenset({"/supervisor_id"})}  # fmt: skip
    path = f"/users/{supervisor}/supervisor"
    etag = supervised.admin.get(f"/users/{supervisor}").ok().etag
    body = {"supervisor_id": trainee}
    assert pointers(supervised.admin.put(path, body, etag=etag).refused(422, "invalid")) == {"/supervisor_id"}
    for person in (supervised.doctor, supervised.other_doctor, supervised.receptionist):
        supervise(supervised, by=person).refused(403, "forbidden")
    supervised.admin.put(path, body, etag='"99"').refused(412, "stale")
    again = supervise(supervised).ok()
    assert again.body["supervisor_id"] == supervisor
    assert supervise(supervised, supervisor_id=None).ok().body["supervisor_id"] is None


def test_a_supervisor_who_is_gone_cosigns_nothing_and_the_author_signs_again(supervised: TestClinic) -> None:
    operator_settings.set_cosignature(supervised.id, required=True)
    report, later = draft(supervised), draft(supervised)
    sign(supervised, report).ok()
    alter(supervised, f"users/{supervised.other_doctor.user_id}", {"disabled": True})

    refused = sign(supervised, later).refused(409, "conflict")

    assert refused.body["code"] == "no_supervisor"
    give_back(supervised, report, supervised.doctor, "The supervisor has left.").ok()
    supervise(supervised, supervisor_id=None).ok()
    assert sign(supervised, report).ok().body["status"] == "signed"


def test_the_operators_command_sets_the_cosignature(own_clinic: TestClinic, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        assert cli.main(["cosignature", own_clinic.id, "required"]) == 0

    assert [line.split()[3] for line in capsys.readouterr().out.splitlines()] == ["now", "already"]
