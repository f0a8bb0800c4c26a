"""The last visit at a glance, over HTTP."""

from __future__ import annotations

from tests.support.call_counts import calls_when_repeated, commit, query, reads
from tests.support.clinics import TestClinic
from tests.support.database import end_session, plant_report


def test_the_last_signed_report_is_shown_and_costs_one_query(clinic: TestClinic, other_clinic: TestClinic) -> None:
    first = clinic.session().body
    path = f"/patients/{first['patient_id']}/last-visit"
    report = plant_report(clinic, first["id"])
    unsigned = clinic.doctor.get(path).ok().body
    end_session(clinic, first["id"])
    clinic.doctor.post(f"/reports/{report}/sign", {}, etag='"1"').ok()

    seen = clinic.doctor.get(path).ok().body["last_visit"]
    calls = calls_when_repeated(clinic, "patients", lambda: clinic.doctor.get(path).ok())

    assert unsigned == {"last_visit": None}
    assert (seen["session_id"], seen["report_id"]) == (first["id"], report)
    assert (seen["plan"], seen["scores"]) == ([], [])
    # The caller and the patient; the reports; the signatures; the audit entry and the number of records shown.
    assert calls == [reads(2), query(1), reads(1), commit(2)]
    clinic.receptionist.get(path).refused(403, "forbidden")
    clinic.other_doctor.get(path).refused(404, "not-found")
    other_clinic.doctor.get(path).refused(404, "not-found")
