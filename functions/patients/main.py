"""/api/v1/patients, /api/v1/versions"""

from __future__ import annotations

from functions.patients import consents, history
from shared.lazily import lazily
from shared.store.clinic import Clinic
from shared.web.api import Api
from shared.web.operations import ADMINS, BLOCKED, CLINICIANS, DOCTORS, FRONT_DESK

with lazily(globals()):
    from shared.records.page import Page
    from shared.records.patients.death import NewDeath
    from shared.records.patients.details import NewReportedAllergy
    from shared.records.patients.merge import NewMerge, NewUnmerge
    from shared.records.patients.requests import Deletion, NewOwner, PatientList, Restoration
    from shared.records.patients.search import PatientSearch, SearchPage
    from shared.records.patients.update import NewPatient, PatientPatch, PatientUpdate
    from shared.records.permissions import Handover, Share
    from shared.records.record import Detailed
    from shared.records.version import Version
    from shared.records.version_list import Changed, VersionList
    from shared.workflows import patient_deletion
    from shared.workflows import versions as kept_versions
    from shared.workflows.patients import allergies, deaths, merging, patients, registration, sharing
    from shared.workflows.patients import search as patient_search
    from shared.workflows.patients.access import ShownPatient

api = Api("patients")
all_versions = Api("versions")


@api.get("/", roles=FRONT_DESK)
def newest(clinic: Clinic, query: PatientList) -> Page[ShownPatient]:
    """List the patients that the caller may see, newest first."""
    return patients.newest(clinic, query)


@api.post("/", roles=FRONT_DESK, status=201)
def register(clinic: Clinic, new: NewPatient) -> ShownPatient:
    """Register a patient and index them for search.

    Refused as a duplicate when a patient that the caller may see seems to be the same person: a similar name, also in
    another script, with the date of birth, telephone number or e-mail address. `allow_duplicate` registers all the
    same. Who may be the same person is in `warnings`.
    """
    return registration.register(clinic, new)


@api.post("/search", roles=FRONT_DESK, requires_idempotency_key=False)
def search(clinic: Clinic, query: PatientSearch) -> SearchPage[ShownPatient]:
    """Search patients: by a name or its beginning, a telephone number, a date of birth …

    Best matches first: exact ones, then beginnings of words, then similar names. A beginning has three letters or more;
    `notice` says so when the text has fewer. The text is neither kept nor logged.
    """
    return patient_search.find(clinic, query)


@api.get("/{id}", roles=FRONT_DESK)
def get(clinic: Clinic, id: str) -> ShownPatient:
    """Get a patient, by id or by number."""
    return patients.get(clinic, id)


@api.put("/{id}", roles=FRONT_DESK)
def write(clinic: Clinic, id: str, update: PatientUpdate) -> ShownPatient:
    """Replace a patient's data. Fields that receptionists do not see stay as they are.

    Refused as a duplicate as a registration is, if the change makes the patient more similar to another one.
    """
    return patients.change(clinic, id, update)


@api.patch("/{id}", roles=FRONT_DESK)
def change(clinic: Clinic, id: str, patch: PatientPatch) -> ShownPatient:
    """Change a part of a patient.

    Refused as a duplicate as a registration is, if the change makes the patient more similar to another one.
    """
    return patients.change(clinic, id, patch)


@api.post("/{id}/reported-allergies", roles=FRONT_DESK, status=201)
def report_allergy(clinic: Clinic, id: str, new: NewReportedAllergy) -> ShownPatient:
    """Note an allergy that the patient or a relative reports, to be confirmed.

    It is added to `reported_allergies` as they are now, so no If-Match is needed; one that waits there already is not
    added again.
    """
    return allergies.report(clinic, id, new)


@api.post(
    "/{id}/reported-allergies/{allergy_id}/confirm",
    roles=DOCTORS,
    requires_idempotency_key=False,
    requires_if_match=True,
)
def confirm_allergy(clinic: Clinic, id: str, allergy_id: str) -> ShownPatient:
    """Confirm a reported allergy: it moves to `allergies`. For doctors who may change the patient."""
    return allergies.confirm(clinic, id, allergy_id)


@api.post(
    "/{id}/reported-allergies/{allergy_id}/reject",
    roles=DOCTORS,
    requires_idempotency_key=False,
    requires_if_match=True,
)
def reject_allergy(clinic: Clinic, id: str, allergy_id: str) -> ShownPatient:
    """Reject a reported allergy: it is removed, and `allergies` stays. For doctors who may change the patient."""
    return allergies.reject(clinic, id, allergy_id)


@api.delete("/{id}", roles=CLINICIANS, status=204, problems=BLOCKED)
def delete(clinic: Clinic, id: str, deletion: Deletion) -> None:
    """Delete a patient about whom nothing is open; for the responsible doctor and admins.

    Open is what `blocked_by` then names: running sessions, drafts of bills and coming appointments, which the request
    cancels if `cancel_pending` names exactly them, and bills with money owed, which must be settled first. Restoring
    the patient does not bring back what was cancelled.
    """
    patient_deletion.delete(clinic, id, deletion)


@api.post(
    "/{id}/deceased",
    roles=FRONT_DESK,
    requires_idempotency_key=False,
    requires_if_match=True,
    problems=BLOCKED,
)
def record_death(clinic: Clinic, id: str, new: NewDeath) -> ShownPatient:
    """Record that a patient died, or correct the date.

    Nothing is booked for the patient from then on, and no message goes to them; records stay, and bills stay payable.
    Coming appointments are in `blocked_by`, or are cancelled if `cancel_pending` names exactly them. A visit up to the
    day of death may still be registered.
    """
    return deaths.record(clinic, id, new)


@api.delete("/{id}/deceased", roles=FRONT_DESK)
def withdraw_death(clinic: Clinic, id: str) -> ShownPatient:
    """Withdraw a death that was recorded by mistake. Appointments that were cancelled with it stay cancelled."""
    return deaths.withdraw(clinic, id)


@api.post("/{id}/merge", roles=CLINICIANS, requires_idempotency_key=False, requires_if_match=True, problems=BLOCKED)
def merge(clinic: Clinic, id: str, new: NewMerge) -> ShownPatient:
    """Merge another record of the same person into this one; for admins, and the doctor responsible for both.

    Both records keep their ids and numbers, and everything that has them; this one stands for the person: the other id
    and number lead here, lists and search show the person once, with all of both. The doctors of both see both.
    `merged_records` has the other record, and its chart. 412 if either was changed since you have read it. 409
    `blocked`, naming coming appointments, if the other record alone says that the person died.
    """
    return merging.merge(clinic, id, new)


@api.post("/{id}/unmerge", roles=CLINICIANS, requires_idempotency_key=False, requires_if_match=True)
def unmerge(clinic: Clinic, id: str, new: NewUnmerge) -> ShownPatient:
    """Undo a merge: the other record is a patient of its own again; for admins, and the responsible doctor.

    Each record has again what has its id, and its own doctors; what was added to this one meanwhile stays here. 409
    `open_work` names running visits and unsigned reports of a doctor who loses access: end, sign or hand them over.
    """
    return merging.unmerge(clinic, id, new)


@api.post("/{id}/restore", roles=ADMINS, requires_idempotency_key=False, requires_if_match=True)
def restore(clinic: Clinic, id: str, restoration: Restoration | None) -> ShownPatient:
    """Restore a deleted patient. The list of deleted patients has the revision.

    Refused as a duplicate, as a registration is, when the person seems to be registered again meanwhile.
    """
    return patients.restore(clinic, id, restoration or Restoration())


@api.put("/{id}/doctors/{doctor_id}", roles=CLINICIANS)
def share(clinic: Clinic, id: str, doctor_id: str, new: Share | None) -> ShownPatient:
    """Share a patient with another doctor, to read by default. For the responsible doctor and admins.

    With `write` the doctor may also change the patient, start visits and correct unsigned reports. Another doctor's
    visit is moved, and its notes are written, by that doctor alone.
    """
    return sharing.share(clinic, id, doctor_id, new)


@api.delete("/{id}/doctors/{doctor_id}", roles=CLINICIANS)
def withdraw(clinic: Clinic, id: str, doctor_id: str, handover: Handover) -> ShownPatient:
    """Withdraw a patient from a doctor with whom they were shared.

    Unsigned reports of the doctor are taken over by another, or 409 names them. A running visit of the doctor is 409.
    """
    return sharing.withdraw(clinic, id, doctor_id, handover)


@api.put("/{id}/owner", roles=CLINICIANS)
def transfer(clinic: Clinic, id: str, new: NewOwner) -> ShownPatient:
    """Make another doctor responsible for a patient. The previous doctor loses access, and keeps own signed reports.

    Unsigned reports of the previous doctor are taken over by another, or 409 names them. A running visit of that doctor
    is 409: complete or cancel it first.
    """
    return sharing.transfer(clinic, id, new)


@all_versions.get("/", roles=CLINICIANS)
def list_versions(clinic: Clinic, query: VersionList) -> Page[Detailed[Version, Changed]]:
    """List who changed what, of all patients and sessions that the caller may read, newest change first.

    With the values before. A doctor gets the changes of their own patients and of those shared with them; admins get
    all. A page may be short.
    """
    return kept_versions.of_clinic(clinic, query)


api.include(consents.api, history.api)
main = api.function(all_versions)
