"""The links to a bill that were sent: their list, and what revoking one of them does."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from local.services.kit.recorder import Fault
from shared.records.messages.kinds import MessageKind
from shared.workflows.messages import recovering
from tests.api.billing.helpers import act, issued, pay
from tests.api.billing.test_sending import LINK, act_get, mails, of_patient, person, send
from tests.api.links.test_pages import says
from tests.journeys.sweep.stalled_jobs import sweep
from tests.support import crashes
from tests.support.audit import audit_of, new_trace
from tests.support.call_counts import calls_during, commit, query, reads
from tests.support.client import Reply
from tests.support.clinics import TestClinic
from tests.support.database import alter
from tests.support.links import BORN, enter, share_bill, visit


def path_of(bill: Reply) -> str:
    return f"/bills/{bill.body['id']}/shares"


def shares(clinic: TestClinic, bill: Reply) -> list[dict[str, Any]]:
    return list(clinic.receptionist.get(path_of(bill)).ok().body["items"])


def test_each_link_is_listed_with_its_openings(clinic: TestClinic) -> None:
    patient = person(clinic)
    bill = issued(clinic, patient=patient)
    assert shares(clinic, bill) == []
    first = send(clinic, bill).ok()
    reminded = act(clinic.receptionist, first, "send-reminder", {"channel": "sms"}).ok()
    url = LINK.findall(mails(clinic, patient)[0])[0]
    enter(url, {**BORN, "day": "1"})
    enter(url, BORN).ok()

    newest, oldest = shares(clinic, bill)

    assert oldest["id"] == first.body["sent_to"]["id"]
    assert (oldest["message_kind"], oldest["channel"], oldest["sent_to"]) == ("bill", "mail", "z…@home.example")
    assert (oldest["state"], len(oldest["openings"]), oldest["wrong_passcodes"]) == ("open", 1, 1)
    assert (oldest["shared_by"], oldest["revoked_at"]) == (clinic.receptionist.user_id, None)
    assert oldest["expires_at"] == first.body["sent_to"]["expires_at"]
    assert newest["id"] == reminded.body["sent_to"]["id"]
    assert (newest["message_kind"], newest["channel"], newest["openings"]) == ("payment_reminder", "sms", [])
    page = clinic.receptionist.get(f"/bills/{bill.body['number']}/shares?page_size=1").ok().body
    more = clinic.receptionist.get(f"{path_of(bill)}?page_size=1&page_token={page['next_page_token']}").ok().body
    assert [page["items"], more["items"]] == [[newest], [oldest]]


def test_a_revoked_link_opens_nothing_and_the_others_stay(clinic: TestClinic) -> None:
    patient = person(clinic)
    bill = send(clinic, send(clinic, issued(clinic, patient=patient)).ok()).ok()
    urls = [LINK.findall(mail)[0] for mail in mails(clinic, patient)]
    opened = [says(enter(url, BORN), 200, "Your bill") for url in urls]
    path = f"{path_of(bill)}/{bill.body['sent_to']['id']}"

    revoked = clinic.receptionist.delete(path).ok().body
    again = clinic.admin.delete(path).ok().body

    assert len(opened) == 2
    assert (revoked["state"], revoked["revoked_by"]) == ("revoked", clinic.receptionist.user_id)
    assert again == revoked
    assert [one["state"] for one in shares(clinic, bill)] == ["revoked", "open"]
    assert sorted(visit(url).status for url in urls) == [200, 410]
    assert act_get(clinic, bill.body["id"]).etag == bill.etag, "the bill stays as it is"


def test_a_message_that_was_not_sent_yet_is_not_sent(clinic: TestClinic) -> None:
    patient = person(clinic)
    bill = issued(clinic, patient=patient)
    shared = [share_bill(clinic, bill.body["id"], kind) for kind in (MessageKind.BILL, MessageKind.PAYMENT_REMINDER)]
    newest, oldest = shares(clinic, bill)

    clinic.receptionist.delete(f"{path_of(bill)}/{oldest['id']}").ok()

    for message in of_patient(clinic, "messages", patient):
        alter(clinic, f"messages/{message['id']}", {"updated_at": datetime.now(UTC) - recovering.STALLED_AFTER})
    assert sweep(clinic.stack) == 204
    (mail,) = mails(clinic, patient)
    assert LINK.findall(mail) == [shared[1].url], "the other one is sent"
    states = {one["message_kind"]: one["status"] for one in of_patient(clinic, "messages", patient)}
    assert states == {"bill": "cancelled", "payment_reminder": "sent"}
    says(visit(shared[0].url), 410, "This link was withdrawn")
    assert newest["state"] == "open"


def test_what_is_refused(clinic: TestClinic, other_clinic: TestClinic) -> None:
    bill, other = (send(clinic, issued(clinic, patient=person(clinic))).ok() for _ in range(2))
    share = bill.body["sent_to"]["id"]

    clinic.receptionist.delete(f"{path_of(other)}/{share}").refused(404, "not-found")
    clinic.receptionist.delete(f"{path_of(bill)}/{share}x").refused(404, "not-found")
    for stranger in (clinic.other_doctor, other_clinic.admin):
        stranger.get(path_of(bill)).refused(404, "not-found")
        stranger.delete(f"{path_of(bill)}/{share}").refused(404, "not-found")

    assert [one["state"] for one in shares(clinic, bill)] == ["open"]


def test_the_links_of_a_paid_bill_can_be_revoked(clinic: TestClinic) -> None:
    sent = send(clinic, issued(clinic, 100, patient=person(clinic))).ok()
    pay(clinic, sent, 100).ok(201)

    clinic.doctor.delete(f"{path_of(sent)}/{sent.body['sent_to']['id']}").ok()

    assert [one["state"] for one in shares(clinic, sent)] == ["revoked"]


def test_a_process_that_dies_after_its_commit_has_revoked(clinic: TestClinic) -> None:
    bill = send(clinic, issued(clinic, patient=person(clinic))).ok()
    path = f"{path_of(bill)}/{bill.body['sent_to']['id']}"
    with crashes.quiet(clinic.stack):
        death = clinic.stack.recorder.plant(Fault("firestore", "Commit", "bills", "kill"))
        killed = clinic.receptionist.delete(path)
        assert death.fired.wait(10), killed

        again = clinic.receptionist.delete(path).ok().body

    assert again["state"] == "revoked"


def test_the_calls_of_listing_and_revoking(clinic: TestClinic) -> None:
    """A list reads bill, patient, keys and caller, then the shares, then their links. Revoking reads the share with the
    bill, then its link and message, which is sent by then; it writes the link and the audit entry."""
    patient = person(clinic)
    bill = send(clinic, send(clinic, issued(clinic, patient=patient)).ok()).ok()
    clinic.stack.wait_idle(60)
    path = path_of(bill)
    clinic.receptionist.get(path).ok()
    trace, header = new_trace()

    listing = calls_during(clinic, "bills", lambda: clinic.receptionist.get(f"{path}?page_size=1").ok())
    revoking = calls_during(
        clinic,
        "bills",
        lambda: clinic.receptionist.send("DELETE", f"{path}/{bill.body['sent_to']['id']}", **header).ok(),
    )

    assert listing == [reads(3), query(2), reads(1), commit(2)], listing
    assert revoking == [reads(4), reads(2), commit(2)], revoking
    (entry,) = audit_of(clinic, trace)
    assert (entry["action"], entry["patient_ids"]) == ("bill.unshare", [patient])
