"""Links to signed reports, and a visitor of their pages who has a browser without scripts."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import urllib3

from shared.records.billing.bill import Bill
from shared.records.links.form import TYPING_TAKES
from shared.records.messages.kinds import Channel, MessageKind
from shared.records.patients.patient import Patient
from shared.records.reports.report import Report
from shared.records.reports.sharing import ShareReport
from shared.records.scheduling.appointment import Appointment
from shared.store.audit import Origin
from shared.store.clinic import Clinic, system_clinic
from shared.store.context import SYSTEM_CALLER, RequestContext
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.billing import sharing
from shared.workflows.links.issuing import IssuedLink
from shared.workflows.messages import reach
from shared.workflows.reports import disclosing
from shared.workflows.reports.disclosing import Disclosed
from shared.workflows.reports.final_pdfs import FinalPdfs
from shared.workflows.scheduling.invitations import link_for
from tests.support.client import Reply
from tests.support.clinics import PATIENT, TestClinic

_http = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(60), maxsize=128)
FORM = re.compile(r'name="form" value="([^"]+)"')
BORN = dict(zip(("year", "month", "day"), PATIENT["date_of_birth"].split("-"), strict=True))
"""The date of birth of the patients of test clinics, as it is typed."""
PROVIDER = {"kind": "provider", "name": "Dr Osei", "email": "osei@hospital.example", "phone": "+919845012399"}


@dataclass(frozen=True)
class Shared:
    """A share with its secrets, which the API does not answer."""

    id: str
    link_id: str
    url: str
    code: str | None

    @property
    def token(self) -> str:
        return self.url.rpartition("/")[2]


def share(clinic: TestClinic, report_id: str, **values: Any) -> Shared:
    """Share a signed report by a link, by default with the patient, in this process: the messages, which have the
    secrets, stay queued. Its signed PDF is made before, if a task for it runs."""
    clinic.stack.wait_idle(60)
    asked = {"recipient": {"kind": "patient"}, "purpose": "patient_request", "channel": "sms", **values}
    request = ShareReport.model_validate(asked)
    system = system_clinic(clinic.id, "share")
    revision = system.perform("report.read", lambda work: work.get(Report.ref(report_id))).revision
    by_system = Clinic(RequestContext(clinic.id, SYSTEM_CALLER, Origin("share"), if_match=revision))
    pdfs = FinalPdfs()
    made: Disclosed = pdfs.perform(
        by_system, "report.share", lambda work: disclosing.disclose(work, report_id, request, pdfs)
    )
    clinic.stack.wait_idle(60)
    slots = [message.slots for message in made.messages]
    code = slots[1].code if len(slots) > 1 else made.share.code
    return Shared(made.share.id, made.link_id, str(slots[0].url), code)


@dataclass(frozen=True)
class SharedBill:
    """A link to a bill, with its secret."""

    url: str
    link_id: str


def share_bill(clinic: TestClinic, bill_id: str, kind: MessageKind = MessageKind.BILL) -> SharedBill:
    """A new link to a bill, in this process: the message, which has the secret, stays queued."""

    def transaction(work: UnitOfWork) -> SharedBill:
        bill = work.get(Bill.ref(bill_id))
        way = reach.first_way(work, work.get(Patient.ref(bill.patient_id)), tuple(Channel))
        _, link, message = sharing.shared(work, bill, way, kind)
        return SharedBill(str(message.slots.url), link.id)

    return system_clinic(clinic.id, "share").perform("bill.send", transaction)


def visit(url: str, method: str = "GET", fields: Mapping[str, str] | None = None, **headers: str) -> Reply:
    """Open a page, or post fields to it; in the names of headers, underscores stand for hyphens."""
    encoded: dict[str, Any] = {"fields": fields, "encode_multipart": False} if fields is not None else {}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    response = _http.request(method, url, headers=named, **encoded)
    return Reply(response.status, response.headers, response.data)


def form_of(reply: Reply) -> str:
    """The hidden value of a page's form."""
    found = FORM.search(reply.content.decode())
    assert found, reply.content[:2000]
    return found[1]


def enter(url: str, fields: Mapping[str, str], form: str = "") -> Reply:
    """Open the page, type for a while, and post."""
    form = form or form_of(visit(url))
    typing_time()
    return visit(url, "POST", {"form": form, **fields})


def typing_time() -> None:
    """Wait as long as a person needs at least."""
    time.sleep(TYPING_TAKES.total_seconds() + 0.05)


@dataclass(frozen=True)
class Invited:
    """An appointment and the link to its page."""

    appointment: Reply
    """The answer to the booking."""
    url: str
    link_id: str

    @property
    def id(self) -> str:
        return str(self.appointment.body["id"])


def invite(clinic: TestClinic, appointment: Reply) -> Invited:
    """A new link to the page of an appointment, as a message would have it."""
    system = system_clinic(clinic.id, "invite")

    def transaction(work: UnitOfWork) -> IssuedLink:
        return link_for(work, work.get(Appointment.ref(appointment.body["id"])))

    issued = system.perform("appointment.remind", transaction)
    return Invited(appointment, issued.url, issued.link.id)


def choose(url: str, answer: str) -> Reply:
    """Press a button of an appointment's page."""
    return visit(url, "POST", {"form": form_of(visit(url)), "answer": answer})


def answer(url: str, answer: str, year: str = BORN["year"], **fields: str) -> Reply:
    """Press a button, type the year of birth on the page that follows, and press its button."""
    form = form_of(choose(url, answer))
    typing_time()
    return visit(url, "POST", {"form": form, "answer": answer, "sure": "1", "year": year, **fields})
