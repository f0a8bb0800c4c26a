"""The steps of one consultation, as the apps of a doctor and a receptionist do them: over HTTP only."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from infra.catalogue import ROOT
from local.demo import show
from local.demo.client import App, DemoError, Reply
from local.demo.consent import CONSENT
from local.demo.people import PATIENT, PROFILE
from local.demo.proofreading import Correction, corrections
from local.demo.show import Note, Stages
from local.samples import Sample

_MISSPELT = "anania rau"
"""A name as it is heard on the telephone."""
_FAILED_STATES = frozenset({"failed", "no_speech", "draft"})
"""Final states of a failure; a bill stays a draft if the clinic has no fee for the visit."""
_STAGE_TIMEOUT = 240.0
"""Seconds; a slow machine transcribes a minute of speech in a minute."""


@dataclass(frozen=True)
class Draft:
    """A draft report, and the transcription on which it is based."""

    report: Reply
    transcription: Mapping[str, Any]


@dataclass(frozen=True)
class People:
    """The people of the demo, each with an app."""

    doctor: App
    desk: App
    admin: App


class Visit:
    """A visit. The steps are called in the order of their definition."""

    def __init__(self, people: People, stages: Stages, out: Path) -> None:
        """Files go to the folder `out`."""
        self._doctor, self._desk, self._admin = people.doctor, people.desk, people.admin
        self._stages = stages
        self._out = out

    def register(self) -> str:
        """The doctor and a new patient are registered; returns the patient's id."""
        with self._stages.stage("The doctor signs in and writes her profile") as note:
            profile = self._doctor.put("/profile", PROFILE).body
            note(f"{profile['first_name']} {profile['last_name']}, {profile['licence_number']}")
        with self._stages.stage("The clinic's admin confirms her name and licence number") as note:
            confirmed = self._confirm(str(profile["id"]))
            note(f"{confirmed['full_name']}, {confirmed['licence_number']}")
        with self._stages.stage("She registers a patient") as note:
            patient = self._doctor.post("/patients", PATIENT).body
            note(f"{patient['first_name']} {patient['last_name']}, {patient['age']} years, {patient['number']}")
        with self._stages.stage(f"The receptionist finds her as {_MISSPELT!r}") as note:
            [found] = self._desk.post("/patients/search", {"text": _MISSPELT}).body["items"]
            note(found["number"])
        return str(patient["id"])

    def consent(self, patient: str) -> None:
        """The patient is asked, and the answer is recorded: without it no upload can be opened."""
        with self._stages.stage("She asks for the patient's consent") as note:
            [consent] = self._doctor.post(f"/patients/{patient}/consents", CONSENT).body["consents"]
            note(f"{consent['method']}, to {' and '.join(consent['live_purposes']).replace('_', ' ')}")

    def begin(self, patient: str, lasted: float) -> str:
        """The doctor starts a session, which began `lasted` seconds ago as its recording did; returns its id."""
        with self._stages.stage("She starts a session") as note:
            channels = {"channels": ["practitioner", "patient"]}
            new = {"patient_id": patient, "type": "followup", "recording_settings": channels}
            new |= {"chief_complaint": "Follow-up: mood and sleep."}
            new |= {"started_at": (datetime.now(UTC) - timedelta(seconds=lasted)).isoformat()}
            session = self._doctor.post("/sessions", new)
            note(session.body["number"])
        with self._stages.stage("She cancels it by mistake, and undoes that") as note:
            path = f"/sessions/{session.body['id']}"
            cancelled = self._doctor.delete(path, etag=session.etag)
            note(cancelled.body["status"])
            note(self._doctor.post(f"{path}/reopen", etag=cancelled.etag).body["status"])
        return str(session.body["id"])

    def record(self, session: str, sample: Sample) -> None:
        """The recording of the visit is uploaded."""
        audio = sample.audio.read_bytes()
        with self._stages.stage("Her app uploads the recording") as note:
            body = {"content_type": sample.content_type, "size_bytes": len(audio)}
            opened = self._doctor.post(f"/sessions/{session}/recordings", body).body
            chunks = self._doctor.upload(opened["upload_url"], audio)
            note(f"{len(audio) / 1e6:.1f} MB in {chunks} chunks, resumable")

    def wait_for_draft(self, session: str) -> Draft:
        """Wait for the background work: speech to text, then text to report."""
        with self._stages.stage("The upload starts the transcription") as note:
            self._follow(session, "transcription", "completed", note)
            transcription = self._doctor.get(f"/sessions/{session}/transcription").body
            note(f"{transcription['word_count']} words in {len(transcription['segments'])} segments")
        with self._stages.stage("The transcription starts the report") as note:
            self._follow(session, "report", "completed", note)
            report = self._doctor.get(f"/reports/{session}-r1")
            note(f"{len(report.body['statements'])} statements by {report.body['ai_model']}")
        return Draft(report, transcription)

    def refuse(self, draft: Draft) -> None:
        """The report is clinical: the front desk is refused it."""
        with self._stages.stage("The receptionist may not read the report") as note:
            problem = self._desk.refusal(f"/reports/{draft.report.body['id']}")
            note(f"{problem['status']}: {problem['title']}")

    def check(self, draft: Draft) -> None:
        """The doctor looks at a doubted statement and at the words behind it, before she signs."""
        with self._stages.stage("She checks a statement that the report doubts") as note:
            doubted = [one for one in draft.report.body["statements"] if one["doubts"] and one["segments"]]
            if not doubted:
                note("none is doubted")
                return
            plans = [one for one in doubted if one["section"].startswith("plan")]
            checked = (plans or doubted)[0]
            said = {segment["number"]: segment["text"] for segment in draft.transcription["segments"]}
            note(f"“{checked['text']}” {', '.join(doubt['kind'] for doubt in checked['doubts']).replace('_', ' ')}")
            note(f"heard: “{' '.join(said[number] for number in checked['segments'])}”")
            note(self._played(draft, checked["segments"][0]))

    def correct(self, draft: Draft, said: str) -> tuple[list[Correction], Reply]:
        """The doctor, who knows the spoken text `said`, corrects misheard words."""
        with self._stages.stage("She corrects what was misheard") as note:
            made = corrections(draft.report.body["statements"], said, draft.transcription["transcript_text"])
            if not made:
                raise DemoError("the report has no statements to correct")
            body = {"edits": [correction.as_edit() for correction in made]}
            path = f"/reports/{draft.report.body['id']}/corrections"
            report = self._doctor.post(path, body, etag=draft.report.etag)
            note(f"{len(made)} of {len(report.body['statements'])} statements, now version {report.body['version']}")
        return made, report

    def sign(self, report: Reply, email: str, password: str) -> Reply:
        """The doctor reviews the report, signs in again and signs it; it cannot change afterwards."""
        path = f"/reports/{report.body['id']}"
        with self._stages.stage("She reviews the report") as note:
            reviewed = self._doctor.post(f"{path}/review", etag=report.etag)
            note(f"at {show.clock(reviewed.body['reviewed_at'], self.zone()):%H:%M:%S %Z}")
        with self._stages.stage("She signs in again, and signs it") as note:
            self._doctor.sign_in(email, password)
            signed = self._doctor.post(f"{path}/sign", {}, etag=reviewed.etag)
            note(f"KMS key version {signed.body['signature']['key_version'].rpartition('/')[2]}")
        return signed

    def add(self, report: Reply) -> None:
        with self._stages.stage("She adds a result to the signed report") as note:
            path, text = f"/reports/{report.body['id']}/addenda", "TSH, reported after the visit: normal."
            note(f"{len(self._doctor.post(path, {'text': text}, etag=report.etag).body['addenda'])} addendum, signed")

    def verify(self, report: Reply) -> Path:
        """Anybody verifies the signature offline, from the signed copy."""
        with self._stages.stage("Her signature is verified offline") as note:
            content = self._doctor.get(f"/reports/{report.body['id']}/signed").content
            path = self._save(f"signed-{report.body['id']}.json", content, note)
            command = [sys.executable, str(ROOT / "tools" / "verify_report.py"), str(path)]
            verified = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
            if verified.returncode != 0:
                raise DemoError(f"the signature does not verify: {verified.stdout}{verified.stderr}")
            note(verified.stdout.split()[0].lower())
        return path

    def complete(self, session: str) -> None:
        """The visit is over: its bill follows, and its report can be signed."""
        with self._stages.stage("She completes the session") as note:
            seen = self._doctor.get(f"/sessions/{session}")
            completed = self._doctor.post(f"/sessions/{session}/complete", etag=seen.etag).body
            note(f"{completed['total_duration_minutes']} min")

    def bill(self, session: str) -> Reply:
        """Completing the session issues its bill."""
        with self._stages.stage("The end of the session issues the bill") as note:
            self._follow(session, "bill", "pending", note)
            bill = self._desk.get(f"/bills/{session}-bill")
            note(bill.body["number"])
        return bill

    def pay(self, bill: Reply) -> Reply:
        """The patient pays a part in cash, and the rest by UPI; each payment has a receipt."""
        path = f"/bills/{bill.body['id']}/payment"
        with self._stages.stage("The receptionist records two payments") as note:
            cash = {"amount": bill.body["outstanding_amount"] // 3, "method": "cash"}
            part = self._desk.post(path, cash, etag=bill.etag)
            note(part.body["status"])
            rest = {"amount": part.body["outstanding_amount"], "method": "upi", "reference": "UPI demo"}
            paid = self._desk.post(path, rest, etag=part.etag)
            note(paid.body["status"])
        return paid

    def bill_pdf(self, bill: Reply) -> Path:
        with self._stages.stage("The bill is rendered as PDF") as note:
            content = self._desk.get(f"/bills/{bill.body['id']}/pdf").content
            return self._save(f"bill-{bill.body['number']}.pdf", content, note)

    def zone(self) -> ZoneInfo:
        """The clinic's time zone."""
        return ZoneInfo(self._doctor.get("/me").body["clinic"]["time_zone"])

    def _confirm(self, user_id: str) -> Mapping[str, Any]:
        """Confirm the name and licence number that the user's profile has."""
        seen = self._admin.get(f"/users/{user_id}/identity")
        checked = {name: seen.body[name] for name in ("full_name", "licence_number")}
        confirmed = self._admin.post(f"/users/{user_id}/confirm-identity", checked, etag=seen.etag)
        return dict(confirmed.body["identity_confirmation"])

    def _played(self, draft: Draft, number: int) -> str:
        """Play the recording from a segment on; returns what was played."""
        [segment] = [one for one in draft.transcription["segments"] if one["number"] == number]
        path = f"/sessions/{draft.transcription['session_id']}/recordings/{segment['recording_id']}/playback"
        played = self._doctor.get(f"{path}?from_ms={segment['start_ms']}").body
        return f"played from {segment['start_ms'] / 1000:.0f} s, {len(self._doctor.fetch(played['url'])) / 1e6:.1f} MB"

    def _follow(self, session: str, what: str, final: str, note: Note) -> None:
        """Follow a state of the session until it is `final`. Raises DemoError at another end, or after a timeout."""
        deadline = time.monotonic() + _STAGE_TIMEOUT
        state: str | None = None
        for now in self._doctor.follow(session):
            if "refused" in now.values():
                raise DemoError("the recording was refused")
            if now.get(what) != state:
                state = now[what]
                note(str(state))
            if state == final:
                return
            if state in _FAILED_STATES:
                break
            if time.monotonic() > deadline:
                raise DemoError(f"the {what} is still {state or 'not begun'} after {_STAGE_TIMEOUT:g} s")
        raise DemoError(f"the {what} ended as {state}")

    def _save(self, name: str, content: bytes, note: Note) -> Path:
        self._out.mkdir(parents=True, exist_ok=True)
        (path := self._out / name).write_bytes(content)
        note(f"{len(content) / 1000:.0f} kB")
        return path
