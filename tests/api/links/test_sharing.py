"""Sharing a report by a link: who may, with whom, what is recorded, and what is sent."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pypdf import PdfReader

from local.services.kit.recorder import Fault
from local.services.smtp.service import SmtpService
from local.services.twilio.service import TwilioService
from shared.records.types import new_id
from shared.render.annexes import PART_2_NOTICE
from shared.workflows.messages import recovering
from tests.api.links.test_pages import stored
from tests.journeys.sweep.stalled_jobs import sweep
from tests.support import crashes
from tests.support.call_counts import TASK, calls_during, commit, query, reads
from tests.support.client import Reply
from tests.support.clinics import TestClinic, consent_to
from tests.support.database import alter, plant_report
from tests.support.links import BORN, PROVIDER, Shared, enter, share, visit
from tests.support.problems import pointers
from tests.support.proofs import raw, signed_report
from tools import google_firestore

LINK = re.compile(r"https?://\S+/links/\S+")
TO_PATIENT = {"recipient": {"kind": "patient"}, "purpose": "patient_request", "channel": "sms"}
TO_PROVIDER = {"recipient": PROVIDER, "purpose": "treatment"}


@pytest.fixture(scope="module")
def report(clinic: TestClinic) -> str:
    """A signed report of a patient with a telephone number and no mail address."""
    return signed_report(clinic)


def later(**duration: int) -> str:
    """The time in so long, as a client writes it."""
    return (datetime.now(UTC) + timedelta(**duration)).isoformat()


def post(clinic: TestClinic, report: str, body: Any, **more: Any) -> Reply:
    path = f"/reports/{report}"
    etag = more.pop("etag", None) or clinic.doctor.get(path).etag
    return clinic.doctor.post(f"{path}/share", body, etag=etag, **more)


def provider(number: str = "") -> dict[str, str]:
    """A provider whom nothing else was sent to."""
    return {**PROVIDER, "email": f"osei-{new_id(8)}{number}@hospital.example"}


def mails(clinic: TestClinic, address: str) -> list[str]:
    """What arrived at an address."""
    clinic.stack.wait_idle(60)
    sent = clinic.stack.service(SmtpService).relay.mails(address)
    return [f"{mail['Subject']}\n{mail.get_body(('plain',)).get_content()}" for mail in sent]  # type: ignore[union-attr]


def texts(clinic: TestClinic, number: str) -> list[str]:
    clinic.stack.wait_idle(60)
    return [one.body for one in clinic.stack.service(TwilioService).messages.to(number)]


def shares(clinic: TestClinic, report: str) -> list[dict[str, Any]]:
    return list(clinic.doctor.get(f"/reports/{report}/shares").ok().body["items"])


def test_the_patient_gets_a_link_and_opens_the_report_with_the_date_of_birth(clinic: TestClinic, report: str) -> None:
    made = post(clinic, report, TO_PATIENT).ok().body["share"]

    assert (made["recipient_kind"], made["sent_to"], made["state"], made["code"]) == ("patient", "+91…45", "open", None)
    text = texts(clinic, "+919845012345")[-1]
    url = LINK.findall(text)[0]
    enter(url, BORN).ok()
    (first, *_) = shares(clinic, report)
    assert first["id"] == made["id"]
    assert len(first["openings"]) == 1
    assert "Zoë" not in text
    token = url.rpartition("/")[2]
    everything = str(raw(clinic, f"disclosures/{made['id']}")) + str(raw(clinic, f"reports/{report}"))
    assert token not in everything


def test_a_provider_gets_a_mail_without_content_and_the_code_by_sms(clinic: TestClinic, report: str) -> None:
    consent_to(clinic.doctor, report.partition("-")[0], purposes=["data_sharing"])
    to = {**provider(), "phone": f"+9198451{datetime.now(UTC).microsecond:05}"[:13]}

    made = post(clinic, report, {**TO_PROVIDER, "recipient": to, "passcode": "sent_code"}).ok().body["share"]

    (mail,), (text,) = mails(clinic, to["email"]), texts(clinic, to["phone"])
    assert made["code"] is None
    assert made["recipient_name"] == "Dr Osei"
    assert not re.search("Zoë|Fernandes|Sleeps|report|psychiat", mail, re.IGNORECASE)
    (code,) = re.findall(r"\b\d{6}\b", text)
    enter(LINK.findall(mail)[0], {"code": code}).ok()


def test_a_code_is_told_only_in_the_answer_of_the_share(clinic: TestClinic, report: str) -> None:
    key = new_id()
    etag = clinic.doctor.get(f"/reports/{report}").etag
    body = {**TO_PATIENT, "passcode": "told_code", "most_openings": 1, "expires_at": later(hours=2)}
    made = post(clinic, report, body, key=key, etag=etag).ok()
    again = post(clinic, report, body, key=key, etag=etag).ok()

    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.body == made.body
    assert re.fullmatch(r"\d{6}", made.body["share"]["code"])
    (first, *_) = shares(clinic, report)
    assert first["id"] == made.body["share"]["id"]
    assert "code" not in first
    left = datetime.fromisoformat(first["expires_at"]) - datetime.now(UTC)
    assert timedelta(minutes=119) < left < timedelta(hours=2)


def test_what_is_refused(clinic: TestClinic, other_clinic: TestClinic, report: str) -> None:
    before = shares(clinic, report)
    without = [
        ({"recipient": {"kind": "patient"}}, {"/purpose"}),
        ({}, {"/recipient"}),
        ({"doctor_id": clinic.other_doctor.user_id, **TO_PATIENT}, {"/recipient"}),
        ({**TO_PATIENT, "level": "read"}, {"/level"}),
        ({**TO_PATIENT, "channel": "mail"}, {"/channel"}),
        ({**TO_PATIENT, "passcode": "sent_code"}, {"/channel"}),
        ({**TO_PROVIDER, "recipient": {"kind": "address", "phone": PROVIDER["phone"]}}, {"/recipient/email"}),
        ({**TO_PATIENT, "most_openings": 0}, {"/most_openings"}),
        ({**TO_PATIENT, "expires_at": later(days=31)}, {"/expires_at"}),
        ({**TO_PATIENT, "expires_at": later(minutes=50)}, {"/expires_at"}),
        ({**TO_PATIENT, "recipient": {"kind": "nobody"}}, {"/recipient"}),
    ]
    for body, expected in without:
        assert pointers(post(clinic, report, body).refused(422, "invalid")) == expected, body
    etag = clinic.doctor.get(f"/reports/{report}").etag
    for user, status, name in (
        (clinic.receptionist, 403, "forbidden"),
        (clinic.other_doctor, 404, "not-found"),
        (other_clinic.admin, 404, "not-found"),
    ):
        user.post(f"/reports/{report}/share", TO_PATIENT, etag=etag).refused(status, name)
        user.get(f"/reports/{report}/shares").refused(status, name)
        user.delete(f"/reports/{report}/shares/x").refused(status, name)
    post(clinic, report, TO_PATIENT, etag='"99"').refused(412, "stale")
    clinic.doctor.delete(f"/reports/{report}/shares/{report}-none").refused(404, "not-found")
    draft = plant_report(clinic, str(clinic.session().body["id"]))
    assert post(clinic, draft, TO_PATIENT).refused(409, "conflict").body["code"] == "report_not_signed"

    assert shares(clinic, report) == before


def test_others_need_the_patients_consent_as_the_policy_has_it(own_clinic: TestClinic) -> None:
    report = signed_report(own_clinic)
    patient = report.partition("-")[0]

    def attempt() -> Reply:
        return post(own_clinic, report, {**TO_PROVIDER, "recipient": provider()})

    missing = attempt().refused(403, "consent-missing")
    assert missing.body["missing_consents"] == [{"purpose": "data_sharing", "reason": "missing"}]
    given = consent_to(own_clinic.doctor, patient, purposes=["data_sharing"]).body["consents"][0]["id"]
    attempt().ok()
    own_clinic.doctor.post(f"/patients/{patient}/consents/{given}/withdraw", {"requested_by": "patient"}).ok()
    google_firestore.client().document("clinics", own_clinic.id).update({"consent_policy": "not_required"})
    assert attempt().refused(403, "consent-missing").body["missing_consents"][0]["reason"] == "withdrawn"
    other = signed_report(own_clinic)
    post(own_clinic, other, {**TO_PROVIDER, "recipient": provider()}).ok()
    post(own_clinic, report, TO_PATIENT).ok()


def test_a_revoked_share_sends_nothing_and_opens_nothing(clinic: TestClinic, report: str) -> None:
    shared: Shared = share(clinic, report)  # its message is still queued
    path = f"/reports/{report}/shares/{shared.id}"

    revoked = clinic.doctor.delete(path).ok().body
    again = clinic.admin.delete(path).ok().body

    assert (revoked["state"], revoked["revoked_by"]) == ("revoked", clinic.doctor.user_id)
    assert again == revoked
    assert b"This link was withdrawn" in visit(shared.url).content
    messages = google_firestore.client().collection("clinics", clinic.id, "messages").stream()
    states = [one.get("status") for one in messages if one.get("created_at") == stored(clinic, shared)["created_at"]]
    assert states == ["cancelled"]
    another = signed_report(clinic)
    clinic.doctor.delete(f"/reports/{another}/shares/{shared.id}").refused(404, "not-found")


def test_a_report_about_substance_use_carries_the_notice(clinic: TestClinic, report: str) -> None:
    consent_to(clinic.doctor, report.partition("-")[0], purposes=["data_sharing"])
    plain, marked = share(clinic, report), share(clinic, report, substance_use=True)

    printed = [text_of(enter(one.url, BORN).ok()) for one in (plain, marked)]

    assert [PART_2_NOTICE in text for text in printed] == [False, True]
    assert "42 CFR" not in visit(marked.url).content.decode(), "the page says nothing of the content"
    assert [one["substance_use"] for one in shares(clinic, report)[:2]] == [True, False]


def text_of(reply: Reply) -> str:
    import io

    return " ".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(reply.content)).pages).split())


@pytest.mark.parametrize(
    ("service", "method"),
    [("firestore", "BatchGetDocuments"), ("firestore", "Commit"), ("tasks", "CreateTask")],
)
def test_a_process_that_dies_at_any_step_makes_one_share_and_one_message(
    clinic: TestClinic, service: str, method: str
) -> None:
    report, to, key = signed_report(clinic), provider(), new_id()
    consent_to(clinic.doctor, report.partition("-")[0], purposes=["data_sharing"])
    etag = clinic.doctor.get(f"/reports/{report}").etag
    body = {**TO_PROVIDER, "recipient": to}
    with crashes.quiet(clinic.stack):
        death = clinic.stack.recorder.plant(Fault(service, method, "reports", "kill"))
        killed = post(clinic, report, body, key=key, etag=etag)
        assert death.fired.wait(10), killed

        made = post(clinic, report, body, key=key, etag=etag).ok().body["share"]

    (message,) = [
        one
        for one in google_firestore.client().collection("clinics", clinic.id, "messages").stream()
        if one.id.startswith(report.partition("-")[0])
    ]
    alter(clinic, f"messages/{message.id}", {"updated_at": datetime.now(UTC) - recovering.STALLED_AFTER})
    assert sweep(clinic.stack) == 204
    assert len(mails(clinic, to["email"])) == 1
    assert [one["id"] for one in shares(clinic, report)] == [made["id"]]


def test_the_calls_of_sharing_listing_and_revoking(clinic: TestClinic, report: str) -> None:
    """Sharing reads the report with content and proof, settings and consents, then the message and whether its
    address takes any; it writes share, link, message, stored answer and audit entry, and enqueues the message."""
    path = f"/reports/{report}"
    etag = clinic.doctor.get(path).etag
    post(clinic, report, TO_PATIENT, etag=etag)
    sharing = calls_during(clinic, "reports", lambda: post(clinic, report, TO_PATIENT, etag=etag).ok())
    (first, *_) = shares(clinic, report)
    listing = calls_during(clinic, "reports", lambda: clinic.doctor.get(f"{path}/shares?page_size=1").ok())
    revoking = calls_during(clinic, "reports", lambda: clinic.doctor.delete(f"{path}/shares/{first['id']}").ok())

    assert sharing == [reads(8), reads(2), commit(5), TASK]
    assert listing == [reads(3), query(2), reads(1), commit(2)]
    assert revoking == [reads(6), reads(1), commit(2)], "the message is sent by then"
