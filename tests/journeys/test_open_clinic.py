"""The operator's command opens a clinic whose people can then sign in and work."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import urllib3
from flask import Response

from infra.catalogue import ROOT
from local.demo.seed import SETTINGS
from local.services.kit.servers import HttpServer
from local.stack.stack import Stack
from shared.gateways import accounts
from shared.records.types import Role, new_id
from shared.workflows.clinic import opening
from tests.support.client import ApiClient
from tests.support.clinics import PATIENT
from tests.support.mails import PASSWORD, choose_password, mails_to


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    file = tmp_path / "clinic.json"
    file.write_text(json.dumps(SETTINGS))
    return file


def open_clinic(
    stack: Stack, clinic: str, settings: Path, *people: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "shared.cli", "open-clinic", clinic, str(settings), *people]
    environment = {**stack.client_environment(), **variables}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)


def toolkit(stack: Stack, method: str, body: object) -> urllib3.BaseHTTPResponse:
    url = f"{stack.url}/identitytoolkit.googleapis.com/v1/accounts:{method}?key=any"
    return urllib3.request("POST", url, json=body, retries=False)


def sign_in(stack: Stack, email: str) -> ApiClient:
    answer = toolkit(stack, "signInWithPassword", {"email": email, "password": PASSWORD})
    assert answer.status == 200, answer.data
    client = ApiClient(stack.url, answer.json()["localId"], "")
    client.token = answer.json()["idToken"]
    return client


def test_whoever_was_named_chooses_a_password_signs_in_and_has_their_roles(stack: Stack, settings: Path) -> None:
    clinic = new_id()
    head, desk = f"head@{clinic}.example", f"desk@{clinic}.example"

    opened = open_clinic(stack, clinic, settings, "--admin", head, "--doctor", head, "--receptionist", desk)

    assert opened.returncode == 0, opened.stderr
    assert f"{head} (admin, doctor) gets a mail" in opened.stdout
    assert "oobCode" not in opened.stdout
    for person in (head, desk):
        choose_password(stack, person)
    patient = sign_in(stack, head).post("/patients", PATIENT).ok(201)
    seen = sign_in(stack, desk).get(f"/patients/{patient.body['id']}").ok()
    assert seen.body["first_name"] == PATIENT["first_name"]
    assert sign_in(stack, desk).post("/sessions", {"patient_id": patient.body["id"], "type": "followup"}).status == 403


def test_opening_again_opens_nothing_twice_and_sends_no_second_mail_at_once(stack: Stack, settings: Path) -> None:
    clinic = new_id()
    head = f"head@{clinic}.example"
    first = open_clinic(stack, clinic, settings, "--admin", head, "--doctor", head)
    settings.write_text(json.dumps({**SETTINGS, "name": "Another name"}))

    second = open_clinic(stack, clinic, settings, "--admin", head)

    assert second.returncode == 0, second.stderr
    assert "gets a mail" in first.stdout
    assert "was invited less than ten minutes ago" in second.stdout
    choose_password(stack, head)
    assert len(mails_to(stack, head)) == 1
    assert sign_in(stack, head).post("/patients", PATIENT).status == 201, "still a doctor"


def test_who_is_new_to_an_open_clinic_is_named_and_gets_neither_an_account_nor_a_mail(
    stack: Stack, settings: Path
) -> None:
    clinic = new_id()
    head, desk = f"head@{clinic}.example", f"desk@{clinic}.example"
    assert open_clinic(stack, clinic, settings, "--admin", head).returncode == 0

    for _ in range(2):
        refused = open_clinic(stack, clinic, settings, "--admin", head, "--receptionist", desk)
        assert refused.returncode == 2
        assert f"not of this clinic yet: {desk}; its admin invites them" in refused.stderr
        assert refused.stdout == ""
    assert open_clinic(stack, new_id(), settings, "--admin", desk).returncode == 0, "nobody had made the account"


def test_somebody_whose_account_is_there_is_new_to_an_open_clinic_all_the_same(stack: Stack, settings: Path) -> None:
    clinic = new_id()
    head, desk = f"head@{clinic}.example", f"desk@{clinic}.example"
    assert open_clinic(stack, clinic, settings, "--admin", head).returncode == 0
    accounts.account_of(desk, clinic)

    refused = open_clinic(stack, clinic, settings, "--admin", head, "--receptionist", desk)

    assert (refused.returncode, desk in refused.stderr, refused.stdout) == (2, True, "")


def test_an_opening_that_ended_before_its_mails_is_finished_by_doing_it_again(stack: Stack, settings: Path) -> None:
    clinic = new_id()
    head = f"head@{clinic}.example"
    user_id = accounts.account_of(head, clinic)
    opening.open_clinic(clinic, SETTINGS, {user_id: (head, [Role.ADMIN])})

    again = open_clinic(stack, clinic, settings, "--admin", head)

    assert again.returncode == 0, again.stderr
    choose_password(stack, head)
    assert sign_in(stack, head).get("/users").ok().body["items"][0]["email"] == head


def test_an_address_that_firebase_does_not_take_is_named(stack: Stack, settings: Path) -> None:
    refusing = HttpServer(Response('{"error": {"code": 400, "message": "INVALID_EMAIL"}}', 400))
    environment = {"FIREBASE_AUTH_EMULATOR_HOST": refusing.url.removeprefix("http://")}
    try:
        refused = open_clinic(stack, new_id(), settings, "--admin", "a..b@clinic.example", **environment)
    finally:
        refusing.stop()

    assert refused.returncode == 2
    assert refused.stderr == "Firebase takes no such address: a..b@clinic.example; nothing was opened\n"


def test_who_belongs_to_another_clinic_is_named_and_nothing_is_opened(stack: Stack, settings: Path) -> None:
    clinic, other = new_id(), new_id()
    head, stranger = f"head@{clinic}.example", f"head@{other}.example"
    assert open_clinic(stack, other, settings, "--admin", stranger).returncode == 0

    refused = open_clinic(stack, clinic, settings, "--admin", head, "--doctor", stranger)

    assert refused.returncode == 2
    assert stranger in refused.stderr
    assert head not in refused.stderr
    assert open_clinic(stack, clinic, settings, "--admin", head).returncode == 0
