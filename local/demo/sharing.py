"""Report and bill leave the house in the demo: the patient gets links by SMS and opens them with the date of birth."""

from __future__ import annotations

import re
import time
from pathlib import Path

import urllib3

from local.demo.client import App, DemoError, Reply
from local.demo.people import PATIENT
from local.demo.show import Stages
from local.services.outbox.service import SENT

_LINK = re.compile(r"http://\S+/links/\S+")
_FORM = re.compile(r'name="form" value="([^"]+)"')
_ARRIVES_WITHIN = 30.0
"""Seconds."""
_http = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(30))


def share_with_patient(doctor: App, stages: Stages, url: str, report: Reply, out: Path) -> Path:
    """The doctor shares the signed report; a mail scanner visits the link in vain, and the patient opens it."""
    path = f"/reports/{report.body['id']}"
    with stages.stage("She shares it with the patient by a link") as note:
        asked = {"recipient": {"kind": "patient"}, "purpose": "patient_request", "channel": "sms"}
        before = _links(url)
        shared = doctor.post(f"{path}/share", asked, etag=doctor.get(path).etag).body["share"]
        link = _received(url, before)
        note(f"to {shared['sent_to']}")
    with stages.stage("The patient opens it with the date of birth") as note:
        content = _opened(link)
        file = out / f"shared-{report.body['report_number']}.pdf"
        file.write_bytes(content)
        (listed, *_) = doctor.get(f"{path}/shares").body["items"]
        note(f"{len(listed['openings'])} opening is recorded")
    return file


def bill_patient(desk: App, stages: Stages, url: str, bill: Reply) -> Reply:
    """The receptionist sends the bill, the patient sees what is owed, and is reminded of it."""
    path = f"/bills/{bill.body['id']}"
    with stages.stage("The receptionist sends the bill by a link") as note:
        before = _links(url)
        sent = desk.post(f"{path}/send", {"channel": "sms"}, etag=bill.etag)
        link = _received(url, before)
        note(f"to {sent.body['sent_to']['address']}")
    with stages.stage("The patient sees what is owed with the date of birth") as note:
        if bill.body["number"] not in _opened(link).decode():
            raise DemoError("the page does not show the bill")
        note(bill.body["number"])
    with stages.stage("The receptionist reminds of the bill") as note:
        reminded = desk.post(f"{path}/send-reminder", {"channel": "sms"}, etag=sent.etag)
        note(f"{reminded.body['reminder_sent_count']} reminder, {reminded.body['collection_status']}")
    return reminded


def _links(url: str) -> set[str]:
    """The links in all text messages."""
    sent = _http.request("GET", f"{url}{SENT}", headers={"Accept": "application/json"}).json()
    return {link for one in sent["text_messages"] for link in _LINK.findall(one["text"])}


def _received(url: str, before: set[str]) -> str:
    """The link that was in no message before, as soon as it arrived."""
    until = time.monotonic() + _ARRIVES_WITHIN
    while time.monotonic() < until:
        if new := _links(url) - before:
            return new.pop()
        time.sleep(0.2)
    raise DemoError("the message with the link did not arrive")


def _opened(link: str) -> bytes:
    """The PDF or the page behind the link, after a scanner posted the form without a passcode."""
    if _http.request("POST", link, fields={"form": "", "day": "x"}, encode_multipart=False).status != 422:
        raise DemoError("a form without a passcode must open nothing")
    form = _FORM.findall(_http.request("GET", link).data.decode())[0]
    time.sleep(1.1)  # a form that comes back sooner was filled in by a program
    year, month, day = str(PATIENT["date_of_birth"]).split("-")
    fields = {"form": form, "day": day, "month": month, "year": year}
    answer = _http.request("POST", link, fields=fields, encode_multipart=False)
    if answer.status != 200:
        raise DemoError(f"the link was answered {answer.status}")
    return bytes(answer.data)
