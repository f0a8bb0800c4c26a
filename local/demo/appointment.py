"""An appointment in the demo: booked by the front desk, told and reminded of by mail, and confirmed by the link.

`python -m local.demo.appointment APPOINTMENT START` does what the task of the reminder does two hours before the start.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import urllib3

from infra.catalogue import ROOT
from local.demo import seed
from local.demo.client import App, DemoError
from local.demo.people import PATIENT
from local.demo.show import Stages
from local.services.outbox.service import SENT
from local.stack.stack import Stack

_BEFORE = 120
"""Minutes."""
_POLICY = {"reminders": [_BEFORE], "channels": ["mail"], "quiet_time": None}
_LINK = re.compile(r"http://\S+/links/\S+")
_FORM = re.compile(r'name="form" value="([^"]+)"')
_ARRIVES_WITHIN = 60.0
"""Seconds."""
_http = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(30))


def keep(stack: Stack, desk: App, admin: App, stages: Stages, patient: str) -> None:
    """The visit is booked, told, reminded of and confirmed."""
    with stages.stage("The admin lets patients be reminded by mail") as note:
        admin.put("/clinic/reminders", _POLICY)
        note("two hours before the visit")
    start = (datetime.now(UTC) + timedelta(days=3)).replace(hour=11, minute=0, second=0, microsecond=0)
    with stages.stage("The receptionist books a visit") as note:
        new = {"patient_id": patient, "doctor_id": "demo-doctor", "type": "followup", "outside_schedule": True}
        booked = desk.post("/appointments", {**new, "scheduled_at": start.isoformat()}).body
        note(booked["local_time"].replace("T", " "))
        _mails(stack.url, 1)
        note("the patient is told by mail")
    with stages.stage("Two hours before, the patient is reminded") as note:
        command = [sys.executable, "-m", "local.demo.appointment", booked["id"], start.isoformat()]
        subprocess.run(command, env=stack.client_environment(), cwd=ROOT, check=True, timeout=60)
        reminder = _mails(stack.url, 2)[0]
        note(reminder.splitlines()[2])
    with stages.stage("The patient confirms by the link, with the year of birth") as note:
        _confirm(_LINK.findall(reminder)[0])
        now = desk.get(f"/appointments/{booked['id']}").body
        if (now["status"], now["reminder_sent"]) != ("confirmed", True):
            raise DemoError(f"the appointment is {now['status']}")
        note(now["status"])


def _mails(url: str, count: int) -> list[str]:
    """The texts of the mails to the patient, newest first, as soon as there are so many."""
    until = time.monotonic() + _ARRIVES_WITHIN
    while time.monotonic() < until:
        sent = _http.request("GET", f"{url}{SENT}", headers={"Accept": "application/json"}).json()
        found = [str(one["text"]) for one in sent["mails"] if one["to"] == PATIENT["email"]]
        if len(found) >= count:
            return found
        time.sleep(0.2)
    raise DemoError("the mail about the appointment did not arrive")


def _confirm(link: str) -> None:
    """Press the button of the page, and that of the page which asks whether it is meant."""
    first = {"form": _form(_http.request("GET", link).data), "answer": "confirm"}
    sure = _http.request("POST", link, fields=first, encode_multipart=False)
    time.sleep(1.1)  # a form that comes back sooner was filled in by a program
    year = str(PATIENT["date_of_birth"])[:4]
    fields = {"form": _form(sure.data), "answer": "confirm", "sure": "1", "year": year}
    done = _http.request("POST", link, fields=fields, encode_multipart=False)
    if done.status != 200:
        raise DemoError(f"the link was answered {done.status}")


def _form(page: bytes) -> str:
    return str(_FORM.findall(page.decode())[0])


def main(appointment_id: str, start: str) -> None:
    """Do what the task of the reminder does at its time."""
    from shared.records.reminders.notices import VisitNotice
    from shared.store.clinic import system_clinic
    from shared.workflows.reminders import telling

    visit_at = datetime.fromisoformat(start)
    due = telling.Due(appointment_id, visit_at, VisitNotice.REMINDER, _BEFORE)
    telling.tell(system_clinic(seed.CLINIC, "demo", lambda: visit_at - timedelta(minutes=_BEFORE)), due)


if __name__ == "__main__":
    main(*sys.argv[1:])
