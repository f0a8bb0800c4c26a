"""A web app in a browser signs in to the local stack with Firebase's JavaScript SDK and calls the API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import firebase_admin
import pytest
import urllib3
from firebase_admin import auth

from infra.catalogue import ROOT
from local.demo.people import PROFILE
from local.services.kit.identity import PROJECT
from local.stack.environment import NAMES
from local.stack.stack import Stack
from tests.support.browser import AppError, Browser, needs_chromium
from tests.support.clinics import TestClinic
from tests.support.prerequisites import needs_packages

CLIENTS = ROOT / "tests" / "clients"
ORIGIN = NAMES["CORS_ORIGINS"]
OTHER_ORIGIN = "http://localhost:3001"
PASSWORD = "horse battery"

pytestmark = [
    pytest.mark.long,
    needs_packages(CLIENTS),
    needs_chromium,
]


@dataclass(frozen=True)
class App:
    """The app, used by a member of a clinic's staff who has an account."""

    browser: Browser
    url: str
    admin: Any
    uid: str
    email: str

    def open(self, origin: str = ORIGIN) -> App:
        """Reload the app, without a signed-in user."""
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
        browser = Browser(tmp_path_factory.mktemp("browser"), CLIENTS / "web" / "browser.js")
        ending.callback(browser.close)
        yield browser, admin


@pytest.fixture
def app(running: tuple[Browser, Any], own_clinic: TestClinic) -> App:
    browser, admin = running
    own_clinic.stack.wait_idle(60)  # on_staff_changed makes a new user's account follow the record: not during the test
    uid, email = own_clinic.doctor.user_id, f"{own_clinic.id}@clinic.example"
    auth.update_user(uid, email=email, password=PASSWORD, app=admin)
    auth.set_custom_user_claims(uid, {"clinic": own_clinic.id}, app=admin)
    return App(browser, own_clinic.stack.url, admin, uid, email).open()


def error_code(call: Any, *arguments: object) -> str:
    with pytest.raises(AppError) as raised:
        call(*arguments)
    return str(raised.value)


def test_signed_in_user_reads_and_writes_the_own_profile(app: App) -> None:
    assert app.sign_in() == app.uid
    read = app.profile()
    assert (read["status"], read["body"]["first_name"]) == (200, PROFILE["first_name"])
    written = app.profile("PUT", {**PROFILE, "first_name": "Mīrā"}, **{"If-Match": read["etag"]})
    assert (written["status"], written["body"]["first_name"]) == (200, "Mīrā")
    assert written["etag"] != read["etag"]


def test_page_receives_a_problem_response(app: App) -> None:
    app.sign_in()
    stale = app.profile("PUT", PROFILE, **{"If-Match": '"999"'})
    assert (stale["status"], stale["body"]["type"]) == (412, "urn:synapseai:problem:stale")


def test_page_of_another_origin_can_sign_in_but_not_read_api_responses(app: App) -> None:
    app.open(OTHER_ORIGIN).sign_in()
    assert "Failed to fetch" in error_code(app.profile)


def test_wrong_password_and_unknown_address_have_the_same_error(app: App) -> None:
    assert error_code(app.sign_in, "another") == "auth/invalid-credential"
    assert error_code(app.sign_in, PASSWORD, "who@clinic.example") == "auth/invalid-credential"
    assert error_code(app.sign_in, PASSWORD, "nobody") == "auth/invalid-email"


def test_disabled_account_neither_signs_in_nor_renews_its_token(app: App) -> None:
    app.sign_in()
    auth.update_user(app.uid, disabled=True, app=app.admin)
    assert error_code(app.browser.call, "renew") == "auth/user-disabled"
    assert error_code(app.sign_in) == "auth/user-disabled"


def test_renewed_token_has_the_current_claims(app: App) -> None:
    app.sign_in()
    auth.set_custom_user_claims(app.uid, {"clinic": "aster"}, app=app.admin)
    assert app.browser.call("claim", "clinic") != "aster"
    assert app.browser.call("renew") is True
    assert app.browser.call("claim", "clinic") == "aster"


def test_revoked_token_is_not_renewed(app: App) -> None:
    app.sign_in()
    auth.update_user(app.uid, valid_since=2**33, app=app.admin)
    assert error_code(app.browser.call, "renew") == "auth/user-token-expired"


def test_user_changes_the_own_name_and_password(app: App) -> None:
    app.sign_in()
    assert app.browser.call("rename", "Meera") == "Meera"
    app.browser.call("choosePassword", "chosen by me")
    assert app.profile()["status"] == 200
    assert error_code(app.sign_in) == "auth/invalid-credential"
    assert app.sign_in("chosen by me") == app.uid


def test_user_requests_a_password_reset(app: App) -> None:
    app.browser.call("forgetPassword", app.email)
    codes = urllib3.request("GET", f"{app.url}/emulator/v1/projects/{PROJECT}/oobCodes").json()["oobCodes"]
    assert app.email in [sent["email"] for sent in codes]
