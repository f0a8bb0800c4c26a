"""The look-up of an account: what is asked of Identity Toolkit, and what its answers mean; beside firebase-admin."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from firebase_admin import auth
from werkzeug import Request, Response

from local.services.kit.servers import HttpServer
from shared.gateways import accounts
from shared.gateways.accounts import Account
from shared.records.problems import Unavailable
from tests.shared.gateways.test_invitation_mail import identity_toolkit

USER = {"localId": "banyan-u1", "email": "asha@clinic.example", "createdAt": "1"}


@dataclass
class Toolkit:
    """Answers with the planned statuses and bodies in turn, then as it did last."""

    planned: list[tuple[int, Any]] = field(default_factory=list)
    asked: list[tuple[str, str, Any, str]] = field(default_factory=list)

    def __call__(self, request: Request) -> Response:
        self.asked.append((request.method, request.path, request.get_json(), request.headers["Authorization"]))
        status, body = self.planned.pop(0) if len(self.planned) > 1 else self.planned[0]
        return Response(json.dumps(body), status, mimetype="application/json")


@pytest.fixture
def toolkit(monkeypatch: pytest.MonkeyPatch) -> Iterator[Toolkit]:
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    served = Toolkit()
    server = HttpServer(Request.application(served))
    with identity_toolkit(f"127.0.0.1:{server.port}"):
        yield served
    server.stop()


@pytest.mark.parametrize(
    ("user", "account"),
    [
        (USER, Account("banyan", {}, False, 0)),
        ({**USER, "localId": "u1"}, Account("", {}, False, 0)),
        (
            {**USER, "customAttributes": '{"clinic": "aster"}', "disabled": True, "validSince": "1760000000"},
            Account("aster", {"clinic": "aster"}, True, 1_760_000_000),
        ),
        ({**USER, "customAttributes": '{"clinic": ""}', "validSince": "0"}, Account("", {"clinic": ""}, False, 0)),
    ],
)
def test_an_account_is_read_as_firebase_admin_reads_it(toolkit: Toolkit, user: Any, account: Account) -> None:
    toolkit.planned = [(200, {"users": [user]})]

    assert accounts.state("banyan-u1") == accounts.find("banyan-u1") == account
    theirs = auth.get_user("banyan-u1", app=accounts._app())
    assert theirs.custom_claims in (account.claims, None)
    assert (theirs.disabled, theirs.tokens_valid_after_timestamp // 1000) == (account.disabled, account.valid_since)
    assert accounts.clinic_of("banyan-u1") == account.clinic_id
    path = "/identitytoolkit.googleapis.com/v1/projects/synapse-test/accounts:lookup"
    assert toolkit.asked == [("POST", path, {"localId": ["banyan-u1"]}, "Bearer owner")] * 4


@pytest.mark.parametrize("answer", [(200, {}), (200, {"users": []}), (400, {"error": {"message": "USER_NOT_FOUND"}})])
def test_an_account_that_does_not_exist_is_none(toolkit: Toolkit, answer: tuple[int, Any]) -> None:
    toolkit.planned = [answer]

    assert accounts.state("banyan-u1") is None


@pytest.mark.parametrize("status", [500, 503])
def test_a_look_up_that_fails_for_a_moment_is_made_again(toolkit: Toolkit, status: int) -> None:
    toolkit.planned = [(status, {}), (status, {}), (200, {"users": [USER]})]

    assert accounts.state("banyan-u1") is not None
    assert len(toolkit.asked) == 3


@pytest.mark.parametrize(("status", "calls"), [(429, 5), (500, 5), (502, 5), (503, 5), (504, 5)])
def test_an_outage_ends_within_its_bound(toolkit: Toolkit, status: int, calls: int) -> None:
    toolkit.planned = [(status, {})]

    with pytest.raises(Unavailable):
        accounts.state("banyan-u1")
    assert len(toolkit.asked) == calls


@pytest.mark.parametrize(("status", "reason"), [(403, "PERMISSION_DENIED"), (400, "CONFIGURATION_NOT_FOUND")])
def test_a_wrong_configuration_is_an_error_that_names_the_reason(toolkit: Toolkit, status: int, reason: str) -> None:
    toolkit.planned = [(status, {"error": {"message": f"{reason} : for banyan-u1"}})]

    with pytest.raises(RuntimeError, match=f"^{status} {reason}$"):
        accounts.state("banyan-u1")
    assert len(toolkit.asked) == 1
