"""The local accounts respond to firebase-admin and to requests of the client SDKs like Firebase's Auth emulator."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import firebase_admin
import pytest
import urllib3
from firebase_admin import auth
from google.auth import jwt

from local.services.auth.endpoint import AccountsEndpoint
from local.services.firestore.google import supervisor
from local.services.kit.identity import PROJECT
from local.services.kit.servers import HttpServer, free_port
from tests.clients.account_scenarios import DELIBERATE, OWNER, SCENARIOS, Side, Steps

EMULATOR = Path(__file__).with_name("emulator")
FIREBASE = EMULATOR / "node_modules" / ".bin" / "firebase"
READY_WITHIN = 120.0

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not FIREBASE.exists(), reason="Firebase's Auth emulator is not installed: make auth-emulator"),
]


@contextmanager
def administered(url: str) -> Iterator[Side]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("FIREBASE_AUTH_EMULATOR_HOST", url.removeprefix("http://"))
        app = firebase_admin.initialize_app(options={"projectId": PROJECT}, name=url)
        try:
            auth.get_users([], app=app)  # the address is read on first use
            yield Side(url, app)
        finally:
            firebase_admin.delete_app(app)


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Side]:
    server = HttpServer(AccountsEndpoint(tmp_path).app)
    try:
        with administered(server.url) as side:
            yield side
    finally:
        server.stop()


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of Firebase's Auth emulator, configured like the project of infra/auth.tf as far as possible."""
    folder = tmp_path_factory.mktemp("emulator")
    listening = {name: {"host": "127.0.0.1", "port": free_port()} for name in ("auth", "hub", "logging")}
    (folder / "firebase.json").write_text(json.dumps({"emulators": {**listening, "ui": {"enabled": False}}}))
    program = [str(FIREBASE), "emulators:start", "--only", "auth", "--project", PROJECT, "--non-interactive"]
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "HTTPS_PROXY": "http://127.0.0.1:9",  # no request leaves this machine
        "NO_PROXY": "127.0.0.1,localhost",
    }
    with ExitStack() as running, (folder / "log").open("wb") as log:
        command = [sys.executable, "-I", supervisor.__file__, *program]
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=log, stderr=log, process_group=0
        )
        running.callback(process.wait, 30)
        assert process.stdin
        running.callback(process.stdin.close)
        url = f"http://127.0.0.1:{listening['auth']['port']}"
        _wait_ready(url, process, folder / "log")
        privacy = {"emailPrivacyConfig": {"enableImprovedEmailPrivacy": True}}
        urllib3.request("PATCH", f"{url}/emulator/v1/projects/{PROJECT}/config", json=privacy, headers=OWNER)
        yield url


def _wait_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while True:
        with suppress(urllib3.exceptions.HTTPError):
            if urllib3.request("GET", url, retries=False, timeout=5).status == 200:
                return
        assert process.poll() is None and time.monotonic() < deadline, log.read_text()[-2000:]
        time.sleep(0.1)


@pytest.fixture
def reference(emulator: str) -> Iterator[Side]:
    urllib3.request("DELETE", f"{emulator}/emulator/v1/projects/{PROJECT}/accounts", headers=OWNER)
    with administered(emulator) as side:
        yield side


EMULATOR_ONLY = {"passwordHash", "salt", "passwordUpdatedAt", "lastRefreshAt", "initialEmail"}
"""Fields that only the emulator returns: stored passwords, and fields that no client SDK reads."""
TIMES = {"createdAt", "lastLoginAt", "validSince", "iat", "auth_time"}
OPAQUE = {"refreshToken", "refresh_token", "oobCode", "sessionId", "project_id", "projectId"}


def comparable(value: Any, name: str = "") -> Any:
    """The response without values that differ between calls, and without fields that have their default value."""
    if isinstance(value, auth.UserRecord):
        value = user(value)
    if isinstance(value, dict):
        fields = {key: comparable(field, key) for key, field in value.items() if key not in EMULATOR_ONLY}
        return {key: field for key, field in fields.items() if field not in (None, False, "", [], {})}
    if isinstance(value, list | tuple):
        return [comparable(item) for item in value]
    if name in OPAQUE:
        return type(value).__name__
    if name in TIMES:
        return "a time" if int(value) else None
    if name in ("idToken", "id_token", "access_token"):
        payload = jwt.decode(value, verify=False)
        return comparable({**payload, "exp": payload["exp"] - payload["iat"]})
    if isinstance(value, str) and value.startswith("http://127.0.0.1"):
        address = urlsplit(value)
        return address.path, {**dict(parse_qsl(address.query)), "oobCode": "a code"}
    return value


def user(record: auth.UserRecord) -> dict[str, Any]:
    """The fields of a user record of firebase-admin."""
    return {
        "uid": record.uid,
        "email": record.email,
        "verified": record.email_verified,
        "display_name": record.display_name,
        "disabled": record.disabled,
        "claims": record.custom_claims,
        "providers": [(provider.provider_id, provider.uid, provider.email) for provider in record.provider_data],
        "validSince": record.tokens_valid_after_timestamp,
        "createdAt": record.user_metadata.creation_timestamp,
    }


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_local_accounts_respond_like_the_emulator(
    scenario: Callable[[Side], Steps], local: Side, reference: Side
) -> None:
    actual = {step: comparable(response) for step, response in scenario(local)}
    expected = {step: comparable(response) for step, response in scenario(reference)}

    different = {step: (actual.get(step), expected[step]) for step in expected if actual.get(step) != expected[step]}
    assert different.keys() == DELIBERATE.get(scenario.__name__, {}).keys(), json.dumps(different, indent=1)
