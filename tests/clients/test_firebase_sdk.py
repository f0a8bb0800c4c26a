"""A web app with Firebase's JavaScript SDK, in a browser, signs in against the local stack and calls the API."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import firebase_admin
import pytest
import urllib3
from firebase_admin import auth

from infra.catalogue import ROOT
from local.services.kit.identity import PROJECT
from local.stack.environment import NAMES
from local.stack.stack import Stack
from tests.support.clinics import PROFILE, TestClinic
from tests.support.prerequisites import needs_packages

CLIENTS = ROOT / "tests" / "clients"
ORIGIN = NAMES["CORS_ORIGINS"]
STRANGER = "http://localhost:3001"
PASSWORD = "horse battery"
NODE = shutil.which("node")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

pytestmark = [
    pytest.mark.long,
    needs_packages(CLIENTS),
    pytest.mark.skipif(CHROMIUM is None, reason="install Chromium: apt-get install chromium"),
]


class AppError(Exception):
    """What the SDK, or the browser, threw in the app; the argument is its code."""


class Browser:
    """The app of tests/clients/web in a browser; it ends with `close`."""

    def __init__(self, folder: Path) -> None:
        environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": str(folder)}
        self._log = folder / "log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [NODE or "node", str(CLIENTS / "web" / "browser.js"), CHROMIUM or "chromium"],
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self._read()

    def call(self, call: str, *parameters: object) -> Any:
        """What a function of the app returns. Raises AppError."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps([call, *parameters]) + "\n")
        self._process.stdin.flush()
        answer = self._read()
        if "error" in answer:
            raise AppError(answer["error"])
        return answer.get("value")

    def close(self) -> None:
        """It ends when nothing more can be asked."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(30)

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, self._log.read_text()[-2000:]
        answer: dict[str, Any] = json.loads(line)
        return answer


@dataclass(frozen=True)
class App:
    """The app, used by somebody of a clinic who has an account."""

    browser: Browser
    url: str
    admin: Any
    uid: str
    email: str

    def open(self, origin: str = ORIGIN) -> App:
        """Open it anew, with nobody signed in."""
        self.browser.call("open", origin)
        self.browser.call("start", self.url)
        return self

    def sign_in(self, password: str = PASSWORD, email: str = "") -> Any:
        """Sign in; returns the uid."""
        return self.browser.call("signIn", email or self.email, password)

    def profile(self, method: str = "GET", body: object = None, **headers: str) -> Any:
        return self.browser.call("fetch", f"{self.url}/api/v1/profile", method, headers, body)


@pytest.fixture(scope="module")
def running(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Browser, Any]]:
    """The browser, and an app of firebase-admin for the stack."""
    with ExitStack() as ending:
        admin = firebase_admin.initialize_app(options={"projectId": PROJECT}, name="firebase-sdk")
        ending.callback(firebase_admin.delete_app, admin)
        browser = Browser(tmp_path_factory.mktemp("browser"))
        ending.callback(browser.close)
        yield browser, admin


@pytest.fixture
def app(running: tuple[Browser, Any], clinic: TestClinic) -> App:
    browser, admin = running
    uid, email = clinic.doctor.user_id, f"{clinic.id}@clinic.example"
    auth.create_user(uid=uid, email=email, password=PASSWORD, app=admin)
    auth.set_custom_user_claims(uid, {"clinic": clinic.id}, app=admin)
    return App(browser, clinic.stack.url, admin, uid, email).open()


def refusal(call: Any, *arguments: object) -> str:
    with pytest.raises(AppError) as refused:
        call(*arguments)
    return str(refused.value)


def test_whoever_signs_in_reads_and_writes_their_profile(app: App) -> None:
    assert app.sign_in() == app.uid
    read = app.profile()
    assert (read["status"], read["body"]["first_name"]) == (200, PROFILE["first_name"])
    written = app.profile("PUT", {**PROFILE, "first_name": "Mīrā"}, **{"If-Match": read["etag"]})
    assert (written["status"], written["body"]["first_name"]) == (200, "Mīrā")
    assert written["etag"] != read["etag"]


def test_a_problem_reaches_the_page(app: App) -> None:
    app.sign_in()
    stale = app.profile("PUT", PROFILE, **{"If-Match": '"999"'})
    assert (stale["status"], stale["body"]["type"]) == (412, "urn:synapseai:problem:stale")


def test_a_page_of_another_origin_may_sign_in_and_gets_no_answer_of_the_api(app: App) -> None:
    app.open(STRANGER).sign_in()
    assert "Failed to fetch" in refusal(app.profile)


def test_a_wrong_password_and_an_unknown_address_look_alike(app: App) -> None:
    assert refusal(app.sign_in, "another") == "auth/invalid-credential"
    assert refusal(app.sign_in, PASSWORD, "who@clinic.example") == "auth/invalid-credential"
    assert refusal(app.sign_in, PASSWORD, "nobody") == "auth/invalid-email"


def test_a_disabled_account_neither_signs_in_nor_renews_its_token(app: App) -> None:
    app.sign_in()
    auth.update_user(app.uid, disabled=True, app=app.admin)
    assert refusal(app.browser.call, "renew") == "auth/user-disabled"
    assert refusal(app.sign_in) == "auth/user-disabled"


def test_a_renewed_token_has_the_claims_of_now(app: App) -> None:
    app.sign_in()
    auth.set_custom_user_claims(app.uid, {"clinic": "aster"}, app=app.admin)
    assert app.browser.call("claim", "clinic") != "aster"
    assert app.browser.call("renew") is True
    assert app.browser.call("claim", "clinic") == "aster"


def test_a_revoked_token_is_not_renewed(app: App) -> None:
    app.sign_in()
    auth.update_user(app.uid, valid_since=2**33, app=app.admin)
    assert refusal(app.browser.call, "renew") == "auth/user-token-expired"


def test_people_give_themselves_a_name_and_a_password(app: App) -> None:
    app.sign_in()
    assert app.browser.call("rename", "Meera") == "Meera"
    app.browser.call("choosePassword", "chosen by me")
    assert app.profile()["status"] == 200
    assert refusal(app.sign_in) == "auth/invalid-credential"
    assert app.sign_in("chosen by me") == app.uid


def test_a_forgotten_password_is_asked_for(app: App) -> None:
    app.browser.call("forgetPassword", app.email)
    codes = urllib3.request("GET", f"{app.url}/emulator/v1/projects/{PROJECT}/oobCodes").json()["oobCodes"]
    assert app.email in [sent["email"] for sent in codes]
