"""`open-clinic` creates a clinic and its staff, who can then set a password, sign in and work."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest
from flask import Response

from infra.catalogue import ROOT
from local.demo.seed import SETTINGS
from local.services.kit.servers import HttpServer
from local.stack.stack import Stack
from shared import cli
from shared.gateways import accounts
from shared.records.types import Role, new_id
from shared.workflows.clinic import opening
from tests.support.clinics import PATIENT
from tests.support.mails import choose_password, mails_to
from tests.support.password_sign_in import sign_in


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    file = tmp_path / "clinic.json"
    file.write_text(json.dumps(SETTINGS))
    return file


def open_clinic(
    stack: Stack, clinic: str, settings: Path, *people: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, with other variables."""
    command = [sys.executable, "-m", "shared.cli", "open-clinic", clinic, str(settings), *people]
    environment = {**stack.client_environment(), **variables}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)


def open_here(clinic: str, settings: Path, *people: str) -> subprocess.CompletedProcess[str]:
    """Run the command in this process, which has the environment of the operator: a second less."""
    stdout, stderr = StringIO(), StringIO()
    with redirect_stdout(stdout), redirect_stderr(stderr):
        code = cli.main(["open-clinic", clinic, str(settings), *people])
    return subprocess.CompletedProcess([], code, stdout.getvalue(), stderr.getvalue())


def test_staff_set_a_password_sign_in_and_have_their_roles(stack: Stack, settings: Path) -> None:
    clinic = new_id()
    head, desk = f"head@{clinic}.example", f"desk@{clinic}.example"

    opened = open_clinic(stack, clinic, settings, "--admin", head, "--doctor", head, "--receptionist", desk)

    assert opened.returncode == 0, opened.stderr
    assert f"{head} (admin, doctor) gets a mail" in opened.stdout
    assert "oobCode" not in opened.stdout
    for person in (head, desk):
        choose_password(stack, person)
    patient = sign_in(stack, head).post("/patients", PATIENT).ok(201)
    read = sign_in(stack, desk).get(f"/patients/{patient.body['id']}").ok()
    assert read.body["first_name"] == PATIENT["first_name"]
    assert sign_in(stack, desk).post("/sessions", {"patient_id": patient.body["id"], "type": "followup"}).status == 403


def test_repeated_open_clinic_changes_nothing_and_sends_no_second_mail(stack: Stack, settings: Path) -> None:
    clinic = new_id()
    head = f"head@{clinic}.example"
    first = open_here(clinic, settings, "--admin", head, "--doctor", head)
    settings.write_text(json.dumps({**SETTINGS, "name": "Another name"}))

    second = open_here(clinic, settings, "--admin", head)

    assert second.returncode == 0, second.stderr
    assert "gets a mail" in first.stdout
    assert "was invited less than ten minutes ago" in second.stdout
    choose_password(stack, head)
    assert len(mails_to(stack, head)) == 1
    assert sign_in(stack, head).post("/patients", PATIENT).status == 201, "the first command made the admin a doctor"


def test_new_address_in_an_open_clinic_is_refused_without_account_or_mail(stack: Stack, settings: Path) -> None:
    clinic = new_id()
    head, desk = f"head@{clinic}.example", f"desk@{clinic}.example"
    assert open_here(clinic, settings, "--admin", head).returncode == 0

    for _ in range(2):
        refused = open_here(clinic, settings, "--admin", head, "--receptionist", desk)
        assert refused.returncode == 2
        assert f"not of this clinic yet: {desk}; its admin invites them" in refused.stderr
        assert refused.stdout == ""
    assert open_here(new_id(), settings, "--admin", desk).returncode == 0, "the refused commands created no account"


def test_address_with_an_account_but_no_user_record_is_refused_too(stack: Stack, settings: Path) -> None:
    clinic = new_id()
    head, desk = f"head@{clinic}.example", f"desk@{clinic}.example"
    assert open_here(clinic, settings, "--admin", head).returncode == 0
    accounts.account_of(desk, clinic)

    refused = open_here(clinic, settings, "--admin", head, "--receptionist", desk)

    assert (refused.returncode, desk in refused.stderr, refused.stdout) == (2, True, "")


def test_repeated_open_clinic_sends_the_mails_of_an_interrupted_one(stack: Stack, settings: Path) -> None:
    clinic = new_id()
    head = f"head@{clinic}.example"
    user_id = accounts.account_of(head, clinic)
    opening.open_clinic(clinic, SETTINGS, {user_id: (head, [Role.ADMIN])})

    again = open_here(clinic, settings, "--admin", head)

    assert again.returncode == 0, again.stderr
    choose_password(stack, head)
    assert sign_in(stack, head).get("/users").ok().body["items"][0]["email"] == head


def test_address_that_firebase_refuses_is_reported(stack: Stack, settings: Path) -> None:
    refusing = HttpServer(Response('{"error": {"code": 400, "message": "INVALID_EMAIL"}}', 400))
    environment = {"FIREBASE_AUTH_EMULATOR_HOST": refusing.url.removeprefix("http://")}
    try:
        refused = open_clinic(stack, new_id(), settings, "--admin", "a..b@clinic.example", **environment)
    finally:
        refusing.stop()

    assert refused.returncode == 2
    assert refused.stderr == "Firebase takes no such address: a..b@clinic.example; nothing was opened\n"


def test_address_of_another_clinic_is_reported_and_nothing_is_opened(stack: Stack, settings: Path) -> None:
    clinic, other = new_id(), new_id()
    head, stranger = f"head@{clinic}.example", f"head@{other}.example"
    assert open_here(other, settings, "--admin", stranger).returncode == 0

    refused = open_here(clinic, settings, "--admin", head, "--doctor", stranger)

    assert refused.returncode == 2
    assert stranger in refused.stderr
    assert head not in refused.stderr
    assert open_here(clinic, settings, "--admin", head).returncode == 0
