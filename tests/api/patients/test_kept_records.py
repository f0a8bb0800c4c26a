"""What the clinic keeps of a deleted patient stays readable for who could read it before, and for nobody else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.api.billing.helpers import issued, pay
from tests.support.client import ApiClient, Reply
from tests.support.clinics import TestClinic
from tests.support.database import alter, plant_report
from tests.support.patients import path_of
from tests.support.proofs import signed_report

READ_TOO = ("trace_id", "exported_formats", "last_exported_by", "last_exported_at")
"""What reading the PDF changes."""
CLIENTS = ("doctor", "other_doctor", "receptionist", "admin")


def patient_with_papers(clinic: TestClinic) -> tuple[Reply, str, str]:
    """A patient with a paid bill, a signed report and a change; the ids of report and bill."""
    report = signed_report(clinic)
    patient = clinic.doctor.get(f"/patients/{report.partition('-')[0]}").ok()
    bill = issued(clinic, 1_000, patient=patient.body["id"])
    pay(clinic, bill, 1_000).ok(201)
    changed = clinic.doctor.send("PATCH", path_of(patient), {"occupation": "Teacher"}, etag=patient.etag or "").ok()
    settle(clinic, patient.body["id"])
    return changed, report, bill.body["id"]


def settle(clinic: TestClinic, patient_id: str) -> None:
    """Let every visit be billed, and nothing be owed."""
    for one in clinic.admin.get(f"/patients/{patient_id}/sessions").ok().body["items"]:
        alter(clinic, f"sessions/{one['id']}", {"billed": True})
    for one in clinic.admin.get(f"/patients/{patient_id}/bills").ok().body["items"]:
        alter(clinic, f"bills/{one['id']}", {"status": "paid"})


def paths_of(patient: Reply, report: str, bill: str) -> list[str]:
    of_report = ("", "/signed", "/addenda", "/doubts", "/pdf", "/versions", "/shares")
    of_bill = ("", "/ledger", "/pdf", "/documents/e2", "/shares")
    of_patient = ("/bills", "/reports", "/statement", "/statement/pdf", "/versions")
    return [
        *(f"/reports/{report}{part}" for part in of_report),
        *(f"/bills/{bill}{part}" for part in of_bill),
        *(f"{path_of(patient)}{part}" for part in of_patient),
        f"/bills?patient_id={patient.body['id']}",
        f"/reports?status=signed&patient_id={patient.body['id']}",
    ]


def seen(client: ApiClient, path: str) -> Any:
    """The status and what the answer says, without the mark of the deletion."""
    reply = client.get(path)
    if path.endswith("/statement/pdf"):  # which is made anew
        return reply.status, b""
    if "/pdf" in path or "/documents" in path:
        return reply.status, reply.content if reply.status == 200 else b""
    said = json.loads(json.dumps(reply.body).replace('"deleted": true', '"deleted": false'))
    for one in (said, *said.get("items", ())):
        for name in READ_TOO:
            one.pop(name, None)
    return reply.status, said


def test_who_could_read_it_reads_the_same(own_clinic: TestClinic, other_clinic: TestClinic) -> None:
    patient, report, bill = patient_with_papers(own_clinic)
    clients = [*(getattr(own_clinic, name) for name in CLIENTS), other_clinic.admin]
    paths = paths_of(patient, report, bill)
    own_clinic.until(lambda: own_clinic.doctor.get(f"/reports/{report}/pdf"), lambda reply: reply.status == 200)
    before = {(path, client.user_id): seen(client, path) for client in clients for path in paths}

    own_clinic.doctor.delete(path_of(patient), etag=patient.etag).ok(204)

    for (path, user_id), expected in before.items():
        (client,) = [one for one in clients if one.user_id == user_id]
        assert seen(client, path) == expected, (path, user_id)
    users = {name: getattr(own_clinic, name).user_id for name in CLIENTS}
    by_role = {name: {path for path in paths if before[path, id][0] == 200} for name, id in users.items()}
    assert by_role["doctor"] == by_role["admin"] == set(paths)
    assert not [path for path in by_role["receptionist"] if "report" in path]
    assert {path for path in by_role["other_doctor"] if "?" not in path} == set()


def test_the_deletion_is_marked(own_clinic: TestClinic) -> None:
    patient, report, bill = patient_with_papers(own_clinic)
    own_clinic.doctor.delete(path_of(patient), etag=patient.etag).ok(204)
    doctor, desk = own_clinic.doctor, own_clinic.receptionist

    rows = [
        doctor.get(f"/reports/{report}").ok().body,
        desk.get(f"/bills/{bill}").ok().body,
        *desk.get(f"{path_of(patient)}/bills").ok().body["items"],
        *doctor.get(f"{path_of(patient)}/reports").ok().body["items"],
        *desk.get("/bills").ok().body["items"],
        *doctor.get("/reports?status=signed").ok().body["items"],
        *own_clinic.admin.get("/versions").ok().body["items"],
        desk.get(f"{path_of(patient)}/statement").ok().body,
    ]

    assert {(row["patient"]["deleted"], row["patient"]["id"]) for row in rows} == {(True, patient.body["id"])}
    book = desk.get("/books/day-book").ok().body
    assert bill in {one["bill_id"] for one in book["entries"]}
    assert book["complete"] is True
    own_clinic.admin.post(f"{path_of(patient)}/restore", key="", etag=f'"{patient.body["revision"] + 1}"').ok()
    assert desk.get(f"/bills/{bill}").ok().body["patient"]["deleted"] is False


def test_what_need_not_be_kept_is_hidden(own_clinic: TestClinic) -> None:
    patient, report, _ = patient_with_papers(own_clinic)
    session = own_clinic.start({"patient_id": patient.body["id"], "type": "followup"}).ok(201).body["id"]
    draft = plant_report(own_clinic, session)
    path = f"{path_of(patient)}?cancel_pending={session}"
    own_clinic.doctor.delete(path, etag=patient.etag).ok(204)

    for client in (own_clinic.doctor, own_clinic.admin):
        for hidden in (
            path_of(patient),
            *(
                f"{path_of(patient)}/{part}"
                for part in ("sessions", "appointments", "last-visit", "consents", "contact")
            ),
            f"/sessions/{session}",
            f"/sessions/{session}/versions",
            f"/reports/{draft}",
            f"/reports/{draft}/pdf",
            f"/reports/{report}/transcript",
        ):
            client.get(hidden).refused(404, "not-found")
        assert [one["id"] for one in client.get(f"{path_of(patient)}/reports").ok().body["items"]] == [report]


def test_signed_work_stays_readable_without_the_patient(own_clinic: TestClinic) -> None:
    patient, report, _ = patient_with_papers(own_clinic)
    transfer = {"owner_id": own_clinic.other_doctor.user_id}
    moved = own_clinic.admin.put(f"{path_of(patient)}/owner", transfer, etag=patient.etag).ok()
    before = own_clinic.doctor.get(f"/reports/{report}").ok().body
    own_clinic.admin.delete(path_of(patient), etag=moved.etag).ok(204)

    assert own_clinic.doctor.get(f"/reports/{report}").ok().body == before
    own_clinic.doctor.get(f"{path_of(patient)}/reports").refused(404, "not-found")
    own_clinic.other_doctor.get(f"/reports/{report}").ok()


@pytest.mark.parametrize("method", ["corrections", "addenda", "new-version", "share"])
def test_nobody_changes_a_report_of_a_deleted_patient(own_clinic: TestClinic, method: str) -> None:
    patient, report, _ = patient_with_papers(own_clinic)
    etag = own_clinic.doctor.get(f"/reports/{report}").ok().etag
    own_clinic.doctor.delete(path_of(patient), etag=patient.etag).ok(204)
    bodies = {
        "corrections": [{"action": "remove", "statement_id": "s1"}],
        "addenda": {"text": "Later."},
        "new-version": {"reason": "Wrong dose."},
        "share": {"doctor_id": own_clinic.other_doctor.user_id},
    }

    refused = own_clinic.doctor.post(f"/reports/{report}/{method}", bodies[method], etag=etag)

    assert refused.status in (404, 422)
