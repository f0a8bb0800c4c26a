"""Patients as they really are: one person twice, two records of one person, and a person of whom little is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local.demo.client import App
from local.demo.show import Stages

_AGAIN = {"first_name": "अनन्या", "last_name": "राव"}
"""The patient of the demo, in another script."""
_LITTLE_KNOWN = {"first_name": "Suharto", "date_of_birth": "1950"}


def tell(doctor: App, admin: App, stages: Stages, patient: Mapping[str, Any]) -> None:
    """The doctor registers the patient again, and somebody of one name. The admin merges two records, and undoes it."""
    again = {**_AGAIN, "date_of_birth": patient["date_of_birth"]}
    with stages.stage("She registers the patient again, in another script, and is told") as note:
        [same] = doctor.refusal("/patients", again)["duplicate_patients"]
        note(f"409: {same['number']}, score {same['score']}")
        note(", ".join(reason["code"].replace("_", " ") for reason in same["reasons"]))
    with stages.stage("She registers a patient with one name and a year of birth") as note:
        known = doctor.post("/patients", _LITTLE_KNOWN).body
        note(f"{known['first_name']}, {known['age_text']}, {known['number']}")
    with stages.stage("The admin merges two records of one person, and undoes it") as note:
        second = doctor.post("/patients", {**again, "allow_duplicate": True}).body
        path, other_path = f"/patients/{patient['id']}", f"/patients/{second['number']}"
        other = {"patient_id": second["id"], "patient_revision": second["revision"]}
        merged = admin.post(f"{path}/merge", other, etag=admin.get(path).etag)
        note(f"{second['number']} leads to {admin.get(other_path).body['number']}")
        admin.post(f"{path}/unmerge", {"patient_id": second["id"]}, etag=merged.etag)
        note(f"and to {admin.get(other_path).body['number']}")
