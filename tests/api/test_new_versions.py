"""New versions of signed reports: the earlier one stays as it was signed, and is superseded by a final one."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader

from local.demo.people import PROFILE
from local.stack.stack import Stack
from shared.workflows.clinic import operator_settings
from tests.support.client import ApiClient, Reply
from tests.support.clinics import TestClinic, clinic_with_profile, confirm_identity
from tests.support.concurrency import at_once, statuses
from tests.support.database import plant_report
from tests.support.problems import pointers
from tests.support.proofs import signed_report
from tools import verify_report

REASON = "The month was written down wrongly."
EDIT = {"edits": [{"statement_id": "s1", "text": "Sleeps badly since May.", "reason": "misheard"}]}


@pytest.fixture(scope="module")
def clinic(stack: Stack) -> TestClinic:
    """One clinic for all tests of the file."""
    return clinic_with_profile(stack)


@pytest.fixture
def report(clinic: TestClinic) -> str:
    clinic.doctor.sign_in()
    return signed_report(clinic)


def ask(clinic: TestClinic, report: str, by: ApiClient | None = None, etag: str = "", **more: str) -> Reply:
    etag = etag or clinic.admin.get(f"/reports/{report}").ok().etag
    return (by or clinic.doctor).post(f"/reports/{report}/new-version", {"reason": REASON}, etag=etag, **more)


def sign(clinic: TestClinic, report: str) -> Reply:
    etag = clinic.admin.get(f"/reports/{report}").ok().etag
    clinic.doctor.sign_in()
    return clinic.doctor.post(f"/reports/{report}/sign", {}, key="", etag=etag)


def text_of(pdf: Reply) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf.ok().content)).pages)


def listed(clinic: TestClinic, path: str) -> set[str]:
    return {one["id"] for one in clinic.doctor.get(path).ok().body["items"]}


def test_a_new_version_supersedes_the_report_once_it_is_signed(clinic: TestClinic, report: str) -> None:
    path, patient = f"/reports/{report}", f"/patients/{report.partition('-')[0]}"
    before, copy = clinic.doctor.get(path).ok().body, clinic.doctor.get(f"{path}/signed").ok()

    made = ask(clinic, report).ok(201)

    new = made.body
    assert (new["status"], new["version"], new["supersedes"]) == ("completed", 1, report)
    assert (new["new_version_reason"], new["signature"], new["reviews"]) == (REASON, None, [])
    # The planted report has no counted number; the number of the new version names it.
    assert clinic.doctor.get(f"/reports/{new['report_number']}").ok().body["id"] == new["id"]
    assert [one["text"] for one in new["statements"]] == [one["text"] for one in before["statements"]]
    assert clinic.doctor.get(path).ok().body["superseded_by"] is None
    corrected = clinic.doctor.put(f"/reports/{new['id']}", EDIT, etag=made.etag).ok()
    assert corrected.body["version"] == 2
    signed = sign(clinic, new["id"]).ok().body

    earlier = clinic.doctor.get(path).ok().body
    assert earlier["superseded_by"] == new["id"]
    assert (earlier["superseded"]["report_number"], earlier["superseded"]["reason"]) == (new["report_number"], REASON)
    changing = {"superseded", "superseded_by", "next_version_id", "revision", "updated_at", "updated_by"}
    assert {name for name, value in earlier.items() if before[name] != value} <= changing
    earlier_copy = clinic.doctor.get(f"{path}/signed").ok()
    assert earlier_copy.body == {**copy.body, "superseded_by": new["id"]}
    printed = text_of(clinic.doctor.pdf(f"{path}/pdf"))
    assert "SUPERSEDED" in printed
    assert REASON in printed
    new_copy = clinic.doctor.get(f"/reports/{new['id']}/signed").ok()
    key = new_copy.body["public_key"].encode()
    result = verify_report.verify(new_copy.content, key, earlier=earlier_copy.content)
    assert result.problems == []
    assert result.payload["report"]["supersedes"]["reason"] == REASON
    swapped = verify_report.verify(new_copy.content, key, earlier=new_copy.content)
    assert [problem.name for problem in swapped.problems] == ["supersedes-another"]
    assert listed(clinic, f"{patient}/reports") == {new["id"]}
    assert listed(clinic, f"{patient}/reports?with_superseded=true") == {new["id"], report}
    assert report not in listed(clinic, "/reports?status=signed")
    last = clinic.doctor.get(f"{patient}/last-visit").ok().body["last_visit"]
    assert (last["report_id"], last["signed_at"]) == (new["id"], signed["signed_at"])


def test_of_a_superseded_report_nothing_goes_on(clinic: TestClinic, report: str) -> None:
    new = ask(clinic, report).ok(201).body["id"]
    etag = clinic.admin.get(f"/reports/{report}").ok().etag
    assert ask(clinic, report).refused(409, "conflict").body["code"] == "new_version_open"
    clinic.doctor.get(f"/reports/{report}/chart-changes").ok()
    sign(clinic, new).ok()
    path, etag = f"/reports/{report}", clinic.admin.get(f"/reports/{report}").ok().etag

    refusals = [
        ask(clinic, report),
        clinic.doctor.post(f"{path}/addenda", {"text": "x"}, etag=etag),
        clinic.doctor.get(f"{path}/chart-changes"),
    ]

    assert {reply.refused(409, "conflict").body["code"] for reply in refusals} == {"report_superseded"}
    clinic.doctor.get(f"/reports/{new}/chart-changes").ok()
    third = ask(clinic, new).ok(201).body
    assert third["supersedes"] == new


def test_who_makes_a_new_version_and_when(clinic: TestClinic, other_clinic: TestClinic, report: str) -> None:
    etag = clinic.admin.get(f"/reports/{report}").ok().etag
    body = {"doctor_id": clinic.other_doctor.user_id, "level": "write"}
    shared = clinic.doctor.post(f"/reports/{report}/share", body, etag=etag).ok().etag

    ask(clinic, report, clinic.other_doctor, shared).refused(403, "forbidden")
    ask(clinic, report, clinic.admin, shared).refused(403, "forbidden")
    ask(clinic, report, clinic.receptionist, shared).refused(403, "forbidden")
    ask(clinic, report, other_clinic.doctor, shared).refused(404, "not-found")
    ask(clinic, report, etag=etag).refused(412, "stale")
    wordless = clinic.doctor.post(f"/reports/{report}/new-version", {"reason": " "}, etag=shared)
    assert pointers(wordless.refused(422, "invalid")) == {"/reason"}
    draft = plant_report(clinic, str(clinic.session().body["id"]))
    assert ask(clinic, draft).refused(409, "conflict").body["code"] == "report_not_signed"
    made = ask(clinic, report).ok(201).body
    assert made["shared_with"] == [], "a draft is not shared with those who may read the signed report"


def test_a_repeated_request_makes_one_and_of_two_at_once_one_is_stale(clinic: TestClinic, report: str) -> None:
    etag = clinic.admin.get(f"/reports/{report}").ok().etag

    replies = at_once(2, lambda number: ask(clinic, report, etag=etag, key=f"new-version-{number}"))

    assert statuses(replies) == {201: 1, 412: 1}
    made = next(number for number, reply in enumerate(replies) if reply.status == 201)
    again = ask(clinic, report, etag=etag, key=f"new-version-{made}").ok(201)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.body == replies[made].body


def test_a_session_has_a_limited_number_of_reports(clinic: TestClinic, report: str) -> None:
    for _ in range(5):
        report = str(ask(clinic, report).ok(201).body["id"])
        sign(clinic, report).ok()

    assert ask(clinic, report).refused(409, "conflict").body["code"] == "too_many_reports"


def test_a_trainees_new_version_supersedes_with_the_cosignature(own_clinic: TestClinic) -> None:
    clinic, supervisor = own_clinic, own_clinic.other_doctor
    first = signed_report(clinic)
    supervisor.put("/profile", {**PROFILE, "first_name": "Ravi"}).ok()
    confirm_identity(clinic, supervisor)
    path = f"/users/{clinic.doctor.user_id}"
    change = {"supervisor_id": supervisor.user_id}
    clinic.admin.put(f"{path}/supervisor", change, etag=clinic.admin.get(path).ok().etag).ok()
    operator_settings.set_cosignature(clinic.id, required=True)
    new = str(ask(clinic, first).ok(201).body["id"])

    waiting = sign(clinic, new).ok()
    assert waiting.body["status"] == "cosignature_pending"
    assert clinic.doctor.get(f"/reports/{first}").ok().body["superseded_by"] is None
    supervisor.get(f"/reports/{first}").refused(404, "not-found")
    supervisor.sign_in()
    supervisor.post(f"/reports/{new}/cosign", key="", etag=waiting.etag).ok()

    assert clinic.doctor.get(f"/reports/{first}").ok().body["superseded_by"] == new
    supervisor.get(f"/reports/{first}").refused(404, "not-found")
