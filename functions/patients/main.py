"""/api/v1/patients, /api/v1/versions"""

from __future__ import annotations

from shared.lazily import lazily
from shared.store.clinic import Clinic
from shared.web.api import Api
from shared.web.operations import ADMINS, BLOCKED, CLINICIANS, DOCTORS, FRONT_DESK, UNVERIFIED
from shared.web.serialization import Document

with lazily(globals()):
    from shared.records.billing.bill import Bill
    from shared.records.billing.statement import AccountStatement, StatementQuery
    from shared.records.page import Page, PageQuery
    from shared.records.parties import Named
    from shared.records.patients.consent_list import ConsentQuery
    from shared.records.patients.contact import ContactChoices, ContactUpdate
    from shared.records.patients.death import NewDeath
    from shared.records.patients.details import NewReportedAllergy
    from shared.records.patients.merge import NewMerge, NewUnmerge
    from shared.records.patients.new_consent import NewConsent, NewWithdrawal
    from shared.records.patients.requests import Deletion, NewOwner, PatientList, Restoration
    from shared.records.patients.search import PatientSearch, SearchPage
    from shared.records.patients.update import NewPatient, PatientPatch, PatientUpdate
    from shared.records.permissions import Handover, Share
    from shared.records.record import Detailed
    from shared.records.reports.report import Report
    from shared.records.reports.report_list import ReportsOfPatient
    from shared.records.scheduling.appointment import Appointment
    from shared.records.version import Version
    from shared.records.version_list import Changed, VersionList
    from shared.workflows import patient_deletion, withdrawal
    from shared.workflows import versions as kept_versions
    from shared.workflows.billing import statements
    from shared.workflows.patients import allergies, consents, deaths, history, merging, patients, registration, sharing
    from shared.workflows.patients import search as patient_search
    from shared.workflows.patients.access import ShownPatient
    from shared.workflows.patients.consents import CompleteConsents, Consents
    from shared.workflows.reminders import contact
    from shared.workflows.reports import listing
    from shared.workflows.reports.last_visit import LastVisitFound
    from shared.workflows.reports.last_visit import of_patient as of_last_visit
    from shared.workflows.visits import listing as visits
    from shared.workflows.visits.links import LinkedSession

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


@api.get("/{id}/consents", roles=FRONT_DESK)
def list_consents(clinic: Clinic, id: str, query: ConsentQuery) -> CompleteConsents:
    """List the patient's consents with their states, and what is refused now for lack of one."""
    return consents.listed(clinic, id, query)


@api.post("/{id}/consents", roles=FRONT_DESK, status=201)
def give_consent(clinic: Clinic, id: str, new: NewConsent) -> Consents:
    """Record a consent that the patient, or somebody for the patient, gave.

    It is added to those of now, so no If-Match is needed. At most 100 of one patient: a consent without `session_id`
    is for all visits.
    """
    return consents.give(clinic, id, new)


@api.post("/{id}/consents/{consent_id}/withdraw", roles=FRONT_DESK)
def withdraw_consent(clinic: Clinic, id: str, consent_id: str, new: NewWithdrawal | None) -> Consents:
    """Withdraw a consent, from now on. For everybody who sees the patient; no If-Match is needed.

    It ends every earlier consent to the same purposes, in this visit if the consent is for one visit. Open uploads are
    refused, and running transcriptions and drafts fail with `consent_withdrawn`. The clinic's setting
    `after_withdrawal` decides about recordings and transcripts that are there. Signed reports stay.
    """
    return withdrawal.withdraw(clinic, id, consent_id, new or NewWithdrawal())


@api.get("/{id}/contact", roles=FRONT_DESK)
def get_contact(clinic: Clinic, id: str) -> ContactChoices:
    """Get what the patient said about messages on appointments. 404 if nothing was recorded."""
    return contact.get(clinic, id)


@api.put("/{id}/contact", roles=FRONT_DESK, requires_if_match=False)
def put_contact(clinic: Clinic, id: str, update: ContactUpdate) -> ContactChoices:
    """Record whether the patient allows messages on appointments, by mail and by SMS: without If-Match the first time.

    Who has replied STOP to a text message and allows them again must also send START to the number.
    """
    return contact.put(clinic, id, update)


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


@api.post("/search", roles=FRONT_DESK, requires_idempotency_key=False)
def search(clinic: Clinic, query: PatientSearch) -> SearchPage[ShownPatient]:
    """Search patients: by a name or its beginning, a telephone number, a date of birth …

    Best matches first: exact ones, then beginnings of words, then similar names. A beginning has three letters or more;
    `notice` says so when the text has fewer. The text is neither kept nor logged.
    """
    return patient_search.find(clinic, query)


@api.get("/{id}/versions", roles=FRONT_DESK)
def versions(clinic: Clinic, id: str, page: PageQuery) -> Page[Version]:
    """List who changed what of a patient, newest change first, with the values before.

    Changes of clinical fields alone are left out for callers who do not see clinical fields. Registration, deleting
    and restoring are in the audit trail only.
    """
    return kept_versions.of_patient(clinic, id, page)


@api.get("/{id}/sessions", roles=CLINICIANS)
def sessions(clinic: Clinic, id: str, page: PageQuery) -> Page[LinkedSession]:
    """List a patient's sessions, newest first."""
    return visits.of_patient(clinic, id, page)


@api.get("/{id}/appointments", roles=FRONT_DESK)
def appointments(clinic: Clinic, id: str, page: PageQuery) -> Page[Detailed[Appointment, Named]]:
    """List a patient's appointments, most recently booked first."""
    return history.of_patient(clinic, Appointment, id, page)


@api.get("/{id}/bills", roles=FRONT_DESK)
def bills(clinic: Clinic, id: str, page: PageQuery) -> Page[Detailed[Bill, Named]]:
    """List a patient's bills, newest first."""
    return history.of_patient(clinic, Bill, id, page)


@api.get("/{id}/statement", roles=FRONT_DESK)
def statement(clinic: Clinic, id: str, query: StatementQuery) -> AccountStatement:
    """Get a patient's statement of account: what was billed, paid and credited in a period, and what is owed.

    Balances are the patient's: what an insurer is to pay is none of them, and a credit is less than 0. 409
    `statement_too_long` for a patient with more than 1,000 entries or 300 bills.
    """
    return statements.get(clinic, id, query)


@api.get("/{id}/statement/pdf", roles=FRONT_DESK)
def statement_pdf(clinic: Clinic, id: str, query: StatementQuery) -> Document:
    """Get a patient's statement of account as PDF, in the patient's language."""
    printed = statements.pdf(clinic, id, query)
    return Document(printed.content, "application/pdf", printed.filename, printed.revision)


@api.get("/{id}/reports", roles=CLINICIANS, problems=UNVERIFIED)
def reports(clinic: Clinic, id: str, page: ReportsOfPatient) -> Page[Detailed[Report, Named]]:
    """List a patient's reports, newest first, without their content.

    Of a report with new versions the newest signed one, unless `with_superseded`. An unsigned new version is listed
    beside the report that it will supersede.
    """
    return listing.of_patient(clinic, id, page)


@api.get("/{id}/last-visit", roles=CLINICIANS, problems=UNVERIFIED)
def last_visit(clinic: Clinic, id: str) -> LastVisitFound:
    """Get the patient's last visit at a glance, when a session starts: date, plan, orders and scores.

    From the last signed report, after its signature was verified; null without one.
    """
    return of_last_visit(clinic, id)


@all_versions.get("/", roles=CLINICIANS)
def list_versions(clinic: Clinic, query: VersionList) -> Page[Detailed[Version, Changed]]:
    """List who changed what, of all patients and sessions that the caller may read, newest change first.

    With the values before. A doctor gets the changes of their own patients and of those shared with them; admins get
    all. A page may be short.
    """
    return kept_versions.of_clinic(clinic, query)


main = api.function(all_versions)
