"""The signed PDF of a final report: made as soon as it is signed, kept, and the same for ever."""

from __future__ import annotations

import hashlib
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from local.demo.people import PROFILE
from local.services.kit.recorder import Fault
from local.stack.environment import EXPORTS_BUCKET, QUEUES
from local.stack.stack import Stack
from shared.records.reports.exporting import Export, ExportFormat, Printing
from shared.render import font, pdf_metadata
from shared.render.annexes import PART_2_NOTICE
from shared.store.clinic import system_clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.reports import export, kept_pdfs, printing
from tests.support import crashes as support
from tests.support.clinics import PATIENT, TestClinic, clinic_with_profile
from tests.support.database import alter, end_session, plant_report
from tests.support.links import BORN, Shared, enter, share
from tests.support.pdf_signatures import verdict
from tests.support.proofs import sign, signed_report


@pytest.fixture(scope="module")
def clinic(stack: Stack) -> TestClinic:
    """One clinic for all tests of the file."""
    return clinic_with_profile(stack)


def text_of(pdf: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def pdf_of(clinic: TestClinic, report: str) -> bytes:
    return clinic.doctor.pdf(f"/reports/{report}/pdf").ok().content


def automatic(clinic: TestClinic, report: str) -> dict[str, dict[str, Any]]:
    """The automatic exports of a report as they are stored, by what follows the report in their ids."""
    found = support.documents(clinic.id).items()
    named = {
        path.removeprefix(f"exports/{report}-"): one for path, one in found if path.startswith(f"exports/{report}")
    }
    return {suffix: one for suffix, one in named.items() if one["automatic"]}


def signed_while_paused(clinic: TestClinic) -> str:
    """A signed report whose PDF is not made; its task is lost."""
    with support.paused(clinic.stack, "exports"):
        report = signed_report(clinic)
        support.queues_of(clinic.stack).purge_queue(name=f"{QUEUES}/exports")
    return report


def age(clinic: TestClinic, report: str, by: timedelta) -> None:
    """Let the automatic export be older."""
    past = automatic(clinic, report)["v1a0"]["requested_at"] - by - timedelta(minutes=1)
    alter(clinic, f"exports/{report}-v1a0", {"updated_at": past, "requested_at": past})


def sweep(clinic: TestClinic) -> None:
    assert clinic.stack.schedules.tick("sweep_stalled") == 204
    support.converge(clinic.stack)


def test_signing_makes_the_signed_pdf_and_counts_as_nobodys_export(clinic: TestClinic) -> None:
    report = signed_report(clinic)
    support.converge(clinic.stack)

    made = automatic(clinic, report)["v1a0"]
    read = clinic.doctor.get(f"/reports/{report}").ok().body
    got = clinic.doctor.get(f"/reports/{report}/pdf").ok()

    assert verdict(got.content).good
    assert (made["status"], made["signed"], made["files_until"], made["created_by"]) == (
        *("completed", True, None),
        clinic.doctor.user_id,
    )
    assert made["files"] == [
        {
            "format": "pdf",
            "size_bytes": len(got.content),
            "sha256": hashlib.sha256(got.content).hexdigest(),
        }
    ]
    assert (read["exported_formats"], read["last_exported_by"]) == ([], None)
    assert support.documents(clinic.id)[f"progress/{read['session_id']}"]["export"] == "completed"
    shown = clinic.doctor.get(f"/reports/{report}/exports/{report}-v1a0").ok().body
    assert (shown["automatic"], shown["links"]) == (True, [])
    blobs = support.bucket_of(clinic.stack, EXPORTS_BUCKET).list_blobs(prefix=f"clinics/{clinic.id}/exports/{report}")
    assert [*blobs] == [], "the PDF is kept with the report, not in the bucket"


def test_the_same_bytes_for_ever(own_clinic: TestClinic, monkeypatch: pytest.MonkeyPatch) -> None:
    clinic = own_clinic
    section = {"id": "chief_complaint", "title": "Complaint", "required": True}
    template = clinic.doctor.post("/templates", {"name": "Own", "sections": [section]}).ok(201)
    session = clinic.session(template_id=template.body["id"]).body
    written = {"statements": [{"section": "chief_complaint", "text": "Sleeps badly since March."}]}
    report = clinic.doctor.post(f"/sessions/{session['id']}/report", written).ok(201)
    sign(clinic, report.body["id"], report.etag)
    id, patient = report.body["id"], f"/patients/{session['patient_id']}"
    before, shown = pdf_of(clinic, id), share(clinic, id)

    renamed = {**section, "title": "Renamed"}
    other = {"name": "Renamed", "sections": [renamed], "ai_prompt": "Briefly."}
    clinic.doctor.put(f"/templates/{template.body['id']}", other, etag=template.etag).ok()
    profile = clinic.doctor.get("/profile").ok()
    clinic.doctor.put("/profile", {**PROFILE, "last_name": "Renamed", "phone": "+918041000000"}, etag=profile.etag).ok()
    married = {**PATIENT, "last_name": "Renamed"}
    clinic.doctor.put(patient, married, etag=clinic.doctor.get(patient).etag).ok()
    after = pdf_of(clinic, id)
    by_link = enter(shown.url, BORN).ok().content
    monkeypatch.setattr(pdf_metadata.Metadata, "creator", "SynapseAI, layout 999")
    monkeypatch.setattr(font, "_FOLDER", Path("/nonexistent"))
    font._load_font.cache_clear()
    system = system_clinic(clinic.id, "later")
    without_fonts = export.export(system, id, ExportFormat.PDF).content

    assert before == after == by_link == without_fonts
    assert "Renamed" not in text_of(before)
    with pytest.raises(Exception, match="nonexistent"):  # what is not kept would need them
        system.perform("look", lambda work: printing.RENDER[ExportFormat.PDF](printing.printable(work, id, Printing())))


def test_until_it_is_made_the_pdf_is_pending_and_nobody_gets_other_bytes(clinic: TestClinic) -> None:
    with support.paused(clinic.stack, "exports"):
        report = signed_report(clinic)
        path = f"/reports/{report}"
        pending = clinic.doctor.get(f"{path}/pdf").refused(409, "conflict")
        copies = [clinic.doctor.get(f"{path}/{form}").ok() for form in ("docx", "json")]
        shared = share(clinic, report)
        preparing = enter(shared.url, BORN)

    assert (pending.body["code"], pending.headers["Retry-After"]) == ("pdf_pending", "2")
    assert all(copies)
    assert (preparing.status, preparing.headers["Retry-After"]) == (503, "2")
    assert b"being prepared" in preparing.content
    assert opened(clinic, report, shared) == 0
    made = pdf_of(clinic, report)
    assert verdict(made).good
    assert enter(shared.url, BORN).ok().content == made
    assert opened(clinic, report, shared) == 1


def test_a_pdf_that_is_kept_between_two_reads_is_the_one_that_is_given(clinic: TestClinic) -> None:
    def ask(work: UnitOfWork) -> bytes | Export | None:
        printed = printing.printable(work, report, Printing())
        assert kept_pdfs.kept_pdf(work, printed) is None
        support.converge(clinic.stack)
        return kept_pdfs.current(work, printed)

    with support.paused(clinic.stack, "exports"):
        report = signed_report(clinic)
        given = system_clinic(clinic.id, "asking").perform("report.export", ask)

    assert given == pdf_of(clinic, report)


def opened(clinic: TestClinic, report: str, shared: Shared) -> int:
    """How often the link was opened. Wrong passcodes would be counted beside it."""
    (listed,) = clinic.doctor.get(f"/reports/{report}/shares?page_size=1").ok().body["items"]
    assert (listed["id"], listed["wrong_passcodes"]) == (shared.id, 0)
    return len(listed["openings"])


def test_a_lost_task_is_made_good_by_the_sweep(clinic: TestClinic) -> None:
    report = signed_while_paused(clinic)
    clinic.doctor.get(f"/reports/{report}/pdf").refused(409, "conflict")

    age(clinic, report, Export.policy.stalled_after)
    sweep(clinic)

    assert verdict(clinic.doctor.get(f"/reports/{report}/pdf").ok().content).good


def test_after_its_deadline_the_report_is_printed_without_until_somebody_exports_it(clinic: TestClinic) -> None:
    report = signed_while_paused(clinic)
    age(clinic, report, Export.policy.deadline)
    sweep(clinic)

    plain = clinic.doctor.get(f"/reports/{report}/pdf").ok().content
    clinic.doctor.post(f"/reports/{report}/export", {"formats": ["pdf"]}).ok(202)
    support.converge(clinic.stack)
    kept = clinic.doctor.get(f"/reports/{report}/pdf").ok().content

    assert automatic(clinic, report)["v1a0"]["error_code"] == "deadline_exceeded"
    assert b"/ByteRange" not in plain
    assert kept.startswith(plain)
    assert verdict(kept).good


def test_a_process_that_dies_after_the_commit_delays_the_pdf_by_a_minute(clinic: TestClinic) -> None:
    report = plant_report(clinic, str(clinic.session().body["id"]))
    end_session(clinic, report.rpartition("-")[0])
    clinic.doctor.sign_in()
    with support.quiet(clinic.stack):
        death = clinic.stack.recorder.plant(Fault("firestore", "Commit", "reports", "kill"))
        lost = clinic.doctor.post(f"/reports/{report}/sign", {}, key="the-same", etag='"1"')
        assert death.fired.wait(10), lost
    again = clinic.doctor.post(f"/reports/{report}/sign", {}, key="the-same", etag='"1"').ok()
    support.converge(clinic.stack)
    clinic.doctor.get(f"/reports/{report}/pdf").refused(409, "conflict")

    age(clinic, report, timedelta(seconds=1))
    made = pdf_of(clinic, report)  # the request itself enqueues the task, once
    support.converge(clinic.stack)

    assert again.body["status"] == "signed"
    assert again.body["signature"]["content_digest"] in text_of(made).replace(" ", "")
    assert [*automatic(clinic, report)] == ["v1a0"]
    found = support.documents(clinic.id)
    assert len([path for path in found if path.startswith(f"reports/{report}/bodies/pdf-")]) == 1


def test_an_addendum_and_a_new_version_make_new_ones_and_the_earlier_stay_kept(clinic: TestClinic) -> None:
    report = signed_report(clinic)
    path, first = f"/reports/{report}", pdf_of(clinic, report)

    etag = clinic.doctor.get(path).etag
    clinic.doctor.post(f"{path}/addenda", {"text": "TSH normal."}, etag=etag).ok(201)
    amended = pdf_of(clinic, report)
    etag = clinic.doctor.get(path).etag
    new = clinic.doctor.post(f"{path}/new-version", {"reason": "Misheard"}, etag=etag).ok(201)
    before = pdf_of(clinic, report)
    sign(clinic, new.body["id"], new.etag)
    superseded, newest = pdf_of(clinic, report), pdf_of(clinic, new.body["id"])
    support.converge(clinic.stack)

    assert before == amended
    assert all(verdict(one).good for one in (first, amended, superseded, newest))
    assert ["TSH normal." in text_of(one) for one in (first, amended, superseded)] == [False, True, True]
    assert ["SUPERSEDED" in text_of(one) for one in (first, amended, superseded)] == [False, False, True]
    made = automatic(clinic, report) | {"new": automatic(clinic, new.body["id"])["v1a0"]}
    assert {name: one["status"] for name, one in made.items()} == dict.fromkeys(
        ("v1a0", "v1a1", "v1a1s", "new"), "completed"
    )


def test_a_link_with_the_notice_on_substance_use_gives_a_signed_pdf_too(clinic: TestClinic) -> None:
    report = signed_report(clinic)
    plain = pdf_of(clinic, report)
    shared = share(clinic, report, substance_use=True)
    support.converge(clinic.stack)

    marked = enter(shared.url, BORN).ok().content
    again = share(clinic, report, substance_use=True)
    etag = clinic.doctor.get(f"/reports/{report}").etag
    clinic.doctor.post(f"/reports/{report}/addenda", {"text": "TSH normal."}, etag=etag).ok(201)
    support.converge(clinic.stack)
    amended = enter(again.url, BORN).ok().content

    assert [PART_2_NOTICE[:40] in text_of(one) for one in (plain, marked, amended)] == [False, True, True]
    assert "TSH normal." in text_of(amended)
    assert all(verdict(one).good for one in (marked, amended))
    assert [*automatic(clinic, report)] == ["v1a0", "v1a0n", "v1a1", "v1a1n"]
