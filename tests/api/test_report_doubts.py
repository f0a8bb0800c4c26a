"""The doubts and omissions of a report, over HTTP: listed, resolved by doctors, and in the way of the signature."""

from __future__ import annotations

from typing import Any

import pytest

from shared.records.claims.doubt import Doubt, DoubtKind
from shared.records.claims.omission import Omission, OmissionKind
from shared.records.drugs.names import medicines
from shared.records.reports.report import ReportStatus
from shared.records.templates.instruments import InstrumentRef
from shared.records.templates.sections import Section, SectionType
from tests.journeys.visit.pdf_text import printed_text
from tests.support.audit import audit_of, new_trace
from tests.support.client import ApiClient, Reply
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once, statuses
from tests.support.database import alter, end_session, plant_report, plant_transcription
from tests.support.problems import pointers
from tests.support.proofs import stored_proof
from tests.support.resolutions import decisions, resolve_all
from tools.openapi import factories

DOSE = Doubt.of(DoubtKind.DOSE_NOT_OF_DRUG, words=["850 mg"], segments=[1])
UNSURE = Doubt.of(DoubtKind.HEARD_UNCERTAINLY, words=["metformin"], segments=[1])
ALLERGY = Omission.of(OmissionKind.ALLERGY, 1, "penicillin")
DRUGS = sorted({drug: name for name, drug in medicines().items() if name.isascii() and name.isalpha()}.values())[:53]
PHQ9 = Section(id="phq9", title="PHQ-9", type=SectionType.INSTRUMENT, instrument=InstrumentRef(id="phq-9"))
NOTES = Section(id="chief_complaint", title="Chief Complaint")


@pytest.fixture
def report(clinic: TestClinic) -> str:
    """A drafted report of a completed visit, with two doubts, an omission and an answer that is a risk."""
    session = str(clinic.session().body["id"])
    statements = [
        factories.statement(1, "chief_complaint", "Takes metformin 850 mg.", doubts=[DOSE, UNSURE]),
        factories.statement(2, "phq9.q9", "Several days", segments=[1]),
    ]
    report = plant_report(
        clinic,
        session,
        statements=statements,
        generated=statements,
        sections=[NOTES, PHQ9],
        omissions=[ALLERGY],
    )
    end_session(clinic, session)
    return report


def findings(user: ApiClient, report: str) -> Reply:
    return user.get(f"/reports/{report}/doubts")


def resolve(user: ApiClient, report: str, *resolutions: dict[str, Any], etag: str = '"1"', **options: Any) -> Reply:
    body = {"resolutions": list(resolutions)}
    return user.post(f"/reports/{report}/doubts", body, etag=etag, **{"key": "", **options})


def sign(clinic: TestClinic, report: str, etag: str) -> Reply:
    clinic.doctor.sign_in()
    return clinic.doctor.post(f"/reports/{report}/sign", {}, key="", etag=etag)


def test_a_report_with_major_findings_is_signed_only_when_all_are_resolved(clinic: TestClinic, report: str) -> None:
    listed = findings(clinic.doctor, report).ok()
    dose, unsure, risk, allergy = listed.body["findings"]

    refused = sign(clinic, report, listed.etag).refused(409, "doubts-unresolved")
    partly = resolve(clinic.doctor, report, decisions([dose])[0]).ok()
    still = sign(clinic, report, partly.etag).refused(409, "doubts-unresolved")
    resolved = resolve(clinic.doctor, report, *decisions([risk, allergy]), etag=partly.etag).ok()
    signed = sign(clinic, report, resolved.etag).ok()

    assert [one["must_be_resolved"] for one in (dose, unsure, risk, allergy)] == [True, False, True, True]
    assert (dose["kind"], dose["words"], dose["segments"]) == ("dose_not_of_drug", ["850 mg"], [1])
    assert [one["id"] for one in refused.body["findings"]] == [dose["id"], risk["id"], allergy["id"]]
    assert "850" not in refused.content.decode()
    assert [one["id"] for one in still.body["findings"]] == [risk["id"], allergy["id"]]
    assert (listed.body["unresolved_findings"], resolved.body["unresolved_findings"]) == (3, 0)
    assert (signed.body["status"], signed.body["version"]) == ("signed", 1)


def test_what_was_resolved_by_whom_how_and_why_is_signed_and_shown(clinic: TestClinic, report: str) -> None:
    resolved = resolve_all(clinic.doctor, report, reason="I asked her again.")
    signed = sign(clinic, report, resolved.etag).ok()

    shown = findings(clinic.doctor, report).ok().body["findings"]
    read = clinic.doctor.get(f"/reports/{report}").ok().body
    canonical = stored_proof(clinic, report).canonical

    reasons = [(one["how"], one["reason"], one["author_id"]) for one in signed.body["resolutions"]]
    assert reasons == [
        ("confirmed", "I asked her again.", clinic.doctor.user_id),
        ("confirmed", "I asked her again.", clinic.doctor.user_id),
        ("not_relevant", "I asked her again.", clinic.doctor.user_id),
    ]
    assert [one["resolution"] and one["resolution"]["how"] for one in shown] == [
        *("confirmed", None, "confirmed", "not_relevant"),
    ]
    assert read["resolutions"] == signed.body["resolutions"]
    assert [one["kind"] for one in read["omissions"]] == ["allergy"]
    assert canonical.count("I asked her again.") == 3
    assert '"omissions":[{"kind":"allergy"' in canonical
    resolve(clinic.doctor, report, *decisions(shown), etag=signed.etag).refused(409, "conflict")


def test_decisions_are_printed_on_request_of_drafts_and_of_signed_reports(clinic: TestClinic, report: str) -> None:
    path = f"/reports/{report}/pdf"
    draft = printed_text(clinic.doctor.get(f"{path}?findings=true").ok())
    sign(clinic, report, resolve_all(clinic.doctor, report, reason="I asked her again.").etag).ok()

    asked = printed_text(clinic.doctor.get(f"{path}?findings=true").ok())
    plain = printed_text(clinic.doctor.pdf(path).ok())

    assert draft.count("Notdecided.") == 4
    assert asked.count("Iaskedheragain.") == 3
    assert "thedosewasnotsaidofthisdrug(850mg).Confirmed:Iaskedheragain." in asked
    assert "Said,andinnoneofthestatements:penicillin" in asked
    assert "Iaskedheragain." not in plain
    assert clinic.doctor.get(f"{path}?findings=true").ok().content == clinic.doctor.get(f"{path}?findings=true").content
    assert pointers(clinic.doctor.get(f"{path}?findings=perhaps").refused(422, "invalid")) == {"findings"}
    clinic.receptionist.get(f"{path}?findings=true").refused(403, "forbidden")


def test_the_clinic_sees_how_much_was_changed_and_how_long_it_took(clinic: TestClinic, report: str) -> None:
    clinic.other_doctor.get(f"/reports/{report}")
    opened = clinic.doctor.get(f"/reports/{report}").ok()
    edit = {"edits": [{"statement_id": "s1", "text": "Takes metformin 500 mg."}]}
    clinic.doctor.post(f"/reports/{report}/corrections", edit, etag=opened.etag).ok()
    sign(clinic, report, resolve_all(clinic.doctor, report).etag).ok()

    query = f"/reports?status=signed&doctor_id={clinic.doctor.user_id}"
    [listed] = [one for one in clinic.admin.get(query).ok().body["items"] if one["id"] == report]

    assert opened.etag == '"1"'
    assert listed["edit_distance"] == 0.1667, "one of six words"
    assert 0 < listed["seconds_to_sign"] < 60


def test_every_impossible_decision_is_named_and_none_is_recorded(clinic: TestClinic, report: str) -> None:
    dose, _, _, allergy = findings(clinic.doctor, report).ok().body["findings"]
    wrong = [
        *({"finding_id": dose["id"], "how": "not_relevant", "reason": "No."}, *decisions([allergy])),
        *({"finding_id": "f1", "how": "confirmed", "reason": "I heard it."}, *decisions([allergy])),
    ]

    refused = resolve(clinic.doctor, report, *wrong).refused(422, "invalid")
    without = resolve(clinic.doctor, report, {"finding_id": dose["id"], "how": "confirmed"})
    empty = resolve(clinic.doctor, report, {"finding_id": dose["id"], "how": "confirmed", "reason": "?!"})
    many = resolve(clinic.doctor, report, *decisions([dose]) * 101)

    assert pointers(refused) == {f"/resolutions/{n}" for n in ("0/how", "2/finding_id", "3/finding_id")}
    assert pointers(without.refused(422, "invalid")) == {"/resolutions/0/reason"}
    assert pointers(empty.refused(422, "invalid")) == {"/resolutions/0/reason"}
    assert pointers(many.refused(422, "invalid")) == {"/resolutions"}
    assert findings(clinic.doctor, report).ok().etag == '"1"'


def test_a_stale_or_missing_etag_records_nothing_and_a_repetition_nothing_more(clinic: TestClinic, report: str) -> None:
    dose, *_ = findings(clinic.doctor, report).ok().body["findings"]
    made = decisions([dose])

    resolve(clinic.doctor, report, *made, etag='"9"').refused(412, "stale")
    resolve(clinic.doctor, report, *made, etag="").refused(428, "precondition-required")
    first = resolve(clinic.doctor, report, *made, key="resolve-once").ok()
    delivered_again = resolve(clinic.doctor, report, *made, key="resolve-once").ok()
    same = resolve(clinic.doctor, report, *made, etag=first.etag).ok()

    assert (first.etag, delivered_again.content) == ('"2"', first.content)
    assert (same.etag, same.body) == (first.etag, first.body)


def test_of_two_doctors_at_once_one_resolves_and_the_other_reads_again(clinic: TestClinic, report: str) -> None:
    dose, *_ = findings(clinic.doctor, report).ok().body["findings"]

    replies = at_once(6, lambda n: resolve(clinic.doctor, report, *decisions([dose], reason=f"Reason {n}.")))

    assert statuses(replies) == {200: 1, 412: 5}
    assert len(clinic.doctor.get(f"/reports/{report}").ok().body["resolutions"]) == 1


def test_only_doctors_who_may_correct_the_report_resolve(
    clinic: TestClinic, other_clinic: TestClinic, report: str
) -> None:
    made = decisions(findings(clinic.doctor, report).ok().body["findings"])
    path = f"reports/{report}"

    findings(clinic.receptionist, report).refused(403, "forbidden")
    resolve(clinic.receptionist, report, *made).refused(403, "forbidden")
    findings(clinic.admin, report).ok()
    resolve(clinic.admin, report, *made).refused(403, "forbidden")
    findings(clinic.other_doctor, report).refused(404, "not-found")
    findings(other_clinic.doctor, report).refused(404, "not-found")
    resolve(other_clinic.doctor, report, *made).refused(404, "not-found")
    alter(clinic, path, {"shared_with": [clinic.other_doctor.user_id]})
    findings(clinic.other_doctor, report).ok()
    resolve(clinic.other_doctor, report, *made).refused(403, "forbidden")
    alter(clinic, path, {"writers": [clinic.other_doctor.user_id]})
    resolved = resolve(clinic.other_doctor, report, *made).ok()

    authors = {one["resolution"]["author_id"] for one in resolved.body["findings"] if one["resolution"]}
    assert authors == {clinic.other_doctor.user_id}


def test_a_resolution_leaves_an_audit_entry_without_its_text(clinic: TestClinic, report: str) -> None:
    made = decisions(findings(clinic.doctor, report).ok().body["findings"], reason="Klartext.")
    trace_id, headers = new_trace()

    resolve(clinic.doctor, report, *made, **headers).ok()

    [entry] = audit_of(clinic, trace_id)
    assert entry["action"] == "report.resolve"
    assert "Klartext" not in str(entry)


def test_editing_rechecks_at_once_and_a_new_doubt_must_be_resolved_again(clinic: TestClinic) -> None:
    session = str(clinic.session().body["id"])
    plant_transcription(clinic, session, text="I take metformin, five hundred milligrams. Penicillin gives me a rash.")
    report = plant_report(clinic, session, claim_check="done")
    end_session(clinic, session)

    def edited(text: str, etag: str) -> Reply:
        body = {"edits": [{"statement_id": "s1", "text": text}]}
        return clinic.doctor.post(f"/reports/{report}/corrections", body, key="", etag=etag).ok()

    wrong = edited("Takes metformin 850 mg.", '"1"')
    resolved = resolve_all(clinic.doctor, report)
    other = edited("Takes metformin 900 mg.", resolved.etag)
    sign(clinic, report, other.etag).refused(409, "doubts-unresolved")
    right = edited("Takes metformin 500 mg. Penicillin gives a rash.", other.etag)
    signed = sign(clinic, report, right.etag).ok()

    assert wrong.body["unresolved_findings"] > 0
    assert resolved.body["unresolved_findings"] == 0
    assert other.body["unresolved_findings"] == 1
    assert [one["lapsed_at"] is None for one in other.body["resolutions"] if one["statement_id"]] == [False]
    assert signed.body["resolutions"][0]["words"] == ["850 mg"], "what was decided before is kept"


def test_omissions_beyond_the_first_fifty_appear_when_those_are_resolved(clinic: TestClinic) -> None:
    session = str(clinic.session().body["id"])
    plant_transcription(clinic, session, text=f"I take {', '.join(DRUGS)}.")
    report = plant_report(clinic, session, claim_check="done")
    end_session(clinic, session)
    edit = {"edits": [{"statement_id": "s1", "text": "Sleeps badly since May."}]}
    clinic.doctor.put(f"/reports/{report}", edit, key="", etag='"1"').ok()

    before = findings(clinic.doctor, report).ok()
    first = resolve_all(clinic.doctor, report)
    refused = sign(clinic, report, first.etag).refused(409, "doubts-unresolved")
    second = resolve_all(clinic.doctor, report)
    signed = sign(clinic, report, second.etag).ok()

    left = len(DRUGS) - 50
    assert (before.body["omissions_left_out"], first.body["omissions_left_out"]) == (left, 0)
    assert (first.body["unresolved_findings"], len(refused.body["findings"])) == (left, left)
    assert (second.body["unresolved_findings"], len(signed.body["omissions"])) == (0, len(DRUGS))


def test_a_report_that_is_not_written_yet_has_no_findings(clinic: TestClinic) -> None:
    pending = plant_report(clinic, str(clinic.session().body["id"]), ReportStatus.PENDING)

    assert findings(clinic.doctor, pending).ok().body["findings"] == []
    resolve(clinic.doctor, pending, {"finding_id": "f1", "how": "confirmed", "reason": "Yes."}).refused(409, "conflict")
