"""Scenarios of accounts: the steps that the two compared servers must answer alike, and the deliberate differences."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import urllib3
from firebase_admin import auth, exceptions

from local.services.kit.identity import PROJECT

EMAIL = "desk@clinic.example"
PASSWORD = "horse battery"
RESET = "PASSWORD_RESET"
FUTURE = 2**33
KEY = "key=any"
OWNER = {"Authorization": "Bearer owner"}


@dataclass(frozen=True)
class Side:
    """One of the two compared servers."""

    url: str
    app: Any

    def request(self, path: str, body: object = None, headers: dict[str, str] | None = None, query: str = KEY) -> Any:
        """Status and JSON body of the response to a POST, or to a GET if there is no body."""
        method = "GET" if body is None else "POST"
        url = f"{self.url}/identitytoolkit.googleapis.com/v1/{path}?{query}"
        response = urllib3.request(method, url, json=body, headers=headers, retries=False, timeout=30)
        return {"status": response.status, **response.json()}

    def accounts(self, method: str, **body: object) -> Any:
        """Call a method of `accounts` as a client."""
        return self.request(f"accounts:{method}", body)

    def sign_in(self, password: str = PASSWORD, email: str = EMAIL) -> Any:
        return self.accounts("signInWithPassword", email=email, password=password, returnSecureToken=True)

    def refresh(self, **fields: str) -> Any:
        url = f"{self.url}/securetoken.googleapis.com/v1/token?{KEY}"
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        response = urllib3.request("POST", url, body=urlencode(fields), headers=headers, retries=False, timeout=30)
        return {"status": response.status, **response.json()}

    def renew(self, refresh_token: str) -> Any:
        return self.refresh(grant_type="refresh_token", refresh_token=refresh_token)

    def codes(self) -> Any:
        """The codes of unused links."""
        return urllib3.request("GET", f"{self.url}/emulator/v1/projects/{PROJECT}/oobCodes").json()["oobCodes"]

    def admin(self, call: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """The result of a function of firebase-admin, or the type and code of its error."""
        try:
            return call(*arguments, **options, app=self.app)
        except exceptions.FirebaseError as error:
            return [type(error).__name__, error.code]

    def create(self, **fields: Any) -> Any:
        return self.admin(auth.create_user, **{"uid": "u1", "email": EMAIL, "password": PASSWORD, **fields})


Steps = Iterator[tuple[str, Any]]


def creating(side: Side) -> Steps:
    yield "create", side.create(email="Desk@Clinic.Example", display_name="Desk")
    yield "create without a password", side.create(uid="u2", email="other@clinic.example", password=None)
    yield "create disabled and verified", side.create(uid="u3", email="c@c.example", disabled=True, email_verified=True)
    yield "the uid is taken", side.create(email="new@clinic.example")
    yield "the address is taken", side.create(uid="u4")
    yield "get by uid", side.admin(auth.get_user, "u1")
    yield "get by address", side.admin(auth.get_user_by_email, "DESK@clinic.example")
    yield "no such uid", side.admin(auth.get_user, "u9")
    yield "no such address", side.admin(auth.get_user_by_email, "who@clinic.example")
    several = side.admin(auth.get_users, [auth.UidIdentifier("u2"), auth.EmailIdentifier("who@clinic.example")])
    yield "get several", several.users
    yield "get several, some missing", [identifier.email for identifier in several.not_found]


def changing(side: Side) -> Steps:
    side.create(display_name="Desk", email_verified=True)
    side.create(uid="u2", email="other@clinic.example")
    yield "rename", side.admin(auth.update_user, "u1", display_name="Front desk")
    yield "remove the name", side.admin(auth.update_user, "u1", display_name=auth.DELETE_ATTRIBUTE)
    yield "another address", side.admin(auth.update_user, "u1", email="Front@clinic.example")
    yield "an address that is taken", side.admin(auth.update_user, "u1", email="other@clinic.example")
    yield "verify", side.admin(auth.update_user, "u1", email_verified=True)
    yield "disable", side.admin(auth.update_user, "u1", disabled=True)
    yield "re-enable", side.admin(auth.update_user, "u1", disabled=False)
    yield "no such account", side.admin(auth.update_user, "u9", disabled=True)
    yield "another password", side.admin(auth.update_user, "u1", password="chosen later")
    yield "sign in", side.sign_in("chosen later", "front@clinic.example")
    yield (
        "look up the own account",
        side.accounts("lookup", idToken=side.sign_in("chosen later", "front@clinic.example")["idToken"]),
    )


def claims(side: Side) -> Steps:
    side.create(display_name="Desk")
    first = side.sign_in()
    yield "before", first
    yield "set", side.admin(auth.set_custom_user_claims, "u1", {"clinic": "aster", "name": "Claimed"})
    yield "get", side.admin(auth.get_user, "u1")
    yield "in the next token", side.sign_in()
    yield "in a renewed token", side.renew(first["refreshToken"])
    yield "clear", side.admin(auth.set_custom_user_claims, "u1", None)
    yield "cleared", side.sign_in()
    yield "no such account", side.admin(auth.set_custom_user_claims, "u9", {"clinic": "aster"})


def listing_and_deleting(side: Side) -> Steps:
    for number in range(5):
        side.create(uid=f"u{number}", email=f"{number}@clinic.example", disabled=number == 4)
    page = side.admin(auth.list_users, max_results=3)
    yield "first page", page.users
    yield "next page", page.get_next_page().users
    yield "after the last page", page.get_next_page().has_next_page
    yield "delete", side.admin(auth.delete_user, "u0")
    yield "delete again", side.admin(auth.delete_user, "u0")
    unforced = {"localIds": ["u0", "u1", "u4"]}
    yield (
        "delete disabled ones only",
        side.request(f"projects/{PROJECT}/accounts:batchDelete", unforced, OWNER, ""),
    )
    deleted = side.admin(auth.delete_users, ["u1", "u2", "u9"])
    yield "delete several", (deleted.success_count, deleted.failure_count, deleted.errors)
    yield "remaining accounts", [user.uid for user in side.admin(auth.list_users).iterate_all()]
    yield "the address is free", side.create(uid="u7", email="1@clinic.example")


def signing_in(side: Side) -> Steps:
    side.create(display_name="Desk")
    yield "correct password", side.sign_in()
    yield "address in capitals", side.sign_in(email=EMAIL.upper())
    yield "account after sign-in", side.admin(auth.get_user, "u1")
    yield "wrong password", side.sign_in("other")
    yield "unknown address", side.sign_in(email="who@clinic.example")
    yield "not an address", side.sign_in(email="nobody")
    yield "without an address", side.accounts("signInWithPassword", password=PASSWORD)
    yield "without a password", side.accounts("signInWithPassword", email=EMAIL)
    yield "without a key", side.request("accounts:signInWithPassword", {"email": EMAIL, "password": PASSWORD}, query="")
    side.create(uid="u2", email="new@clinic.example", password=None)
    yield "account without a password", side.sign_in(email="new@clinic.example")
    ways = {"identifier": EMAIL, "continueUri": "http://localhost:3000/"}
    yield "ways to sign in", side.accounts("createAuthUri", **ways)


def disabled(side: Side) -> Steps:
    side.create()
    signed_in = side.sign_in()
    side.admin(auth.update_user, "u1", disabled=True)
    yield "sign in", side.sign_in()
    yield "wrong password", side.sign_in("other")
    yield "look up", side.accounts("lookup", idToken=signed_in["idToken"])
    yield "refresh", side.renew(signed_in["refreshToken"])
    side.admin(auth.update_user, "u1", disabled=False)
    yield "re-enabled", side.sign_in()
    yield "refresh again", side.renew(signed_in["refreshToken"])


def refreshing(side: Side) -> Steps:
    side.create()
    token = side.sign_in()["refreshToken"]
    yield "renewed", side.renew(token)
    yield "renewed with the returned refresh token", side.renew(side.renew(token)["refresh_token"])
    yield "unknown token", side.renew("never given")
    yield "no grant type", side.refresh(refresh_token=token)
    yield "another grant type", side.refresh(grant_type="password", refresh_token=token)
    yield "no token", side.refresh(grant_type="refresh_token")
    yield "revoke", side.admin(auth.revoke_refresh_tokens, "u1")
    side.admin(auth.update_user, "u1", valid_since=FUTURE)
    yield "revoked", side.renew(token)
    yield "the revoked account", side.admin(auth.get_user, "u1")
    side.admin(auth.delete_user, "u1")
    yield "deleted", side.renew(token)


def own_account(side: Side) -> Steps:
    side.create()
    token = side.sign_in()["idToken"]
    yield "look up", side.accounts("lookup", idToken=token)
    yield "look up without a token", side.accounts("lookup")
    yield "look up with a malformed token", side.accounts("lookup", idToken="none")
    yield "rename", side.accounts("update", idToken=token, displayName="Desk", returnSecureToken=True)
    yield "renamed", side.accounts("lookup", idToken=token)
    yield "remove the name", side.accounts("update", idToken=token, deleteAttribute=["DISPLAY_NAME"])
    yield "short password", side.accounts("update", idToken=token, password="short")
    yield "another password", side.accounts("update", idToken=token, password="chosen by me", returnSecureToken=True)
    yield "sign in with the old one", side.sign_in()
    yield "sign in with the new one", side.sign_in("chosen by me")
    fresh = side.sign_in("chosen by me")["idToken"]
    yield "own claims", side.accounts("update", idToken=fresh, customAttributes="{}")
    yield "disable the own account", side.accounts("update", idToken=fresh, disableUser=True)
    yield "change without a token", side.accounts("update", displayName="Desk")
    side.admin(auth.delete_user, "u1")
    yield "look up a deleted account", side.accounts("lookup", idToken=fresh)


def left_to_admins(side: Side) -> Steps:
    side.create()
    token = side.sign_in()["idToken"]
    yield "delete the own account", side.accounts("delete", idToken=token)
    side.create(uid="u2", email="other@clinic.example")
    token = side.sign_in(email="other@clinic.example")["idToken"]
    yield "another address", side.accounts("update", idToken=token, email="front@clinic.example")
    yield "sign up", side.accounts("signUp", email="self@clinic.example", password=PASSWORD)["status"]
    yield "sign up without an address", side.accounts("signUp")["status"]


def revoked(side: Side) -> Steps:
    side.create()
    token = side.sign_in()["idToken"]
    side.admin(auth.update_user, "u1", valid_since=FUTURE)
    yield "look up", side.accounts("lookup", idToken=token)
    yield "rename", side.accounts("update", idToken=token, displayName="Desk")


def links(side: Side) -> Steps:
    side.create(email="links@clinic.example")  # the codes of other scenarios stay in the emulator's list
    yield "link of firebase-admin", side.admin(auth.generate_password_reset_link, "links@clinic.example")
    yield "link for an unknown address", side.admin(auth.generate_password_reset_link, "who@clinic.example")
    yield "requested by a client", side.accounts("sendOobCode", requestType=RESET, email="Links@clinic.example")
    yield (
        "requested for an unknown one",
        side.accounts("sendOobCode", requestType=RESET, email="who@clinic.example"),
    )
    yield "requested without an address", side.accounts("sendOobCode", requestType=RESET)
    yield "requested without a type", side.accounts("sendOobCode", email=EMAIL)
    yield "codes", [code for code in side.codes() if code["email"] == "links@clinic.example"]
    settings = auth.ActionCodeSettings("http://localhost:3000/done?a=1")
    yield "link with a continue URL", side.admin(auth.generate_password_reset_link, "links@clinic.example", settings)
    yield "link to sign in", side.accounts("sendOobCode", requestType="EMAIL_SIGNIN", email="links@clinic.example")


def new_password(side: Side) -> Steps:
    side.create()
    link = side.admin(auth.generate_password_reset_link, EMAIL)
    code = dict(parse_qsl(urlsplit(link).query))["oobCode"]
    yield "address of a code", side.accounts("resetPassword", oobCode=code)
    yield "short password", side.accounts("resetPassword", oobCode=code, newPassword="short")
    yield "reset", side.accounts("resetPassword", oobCode=code, newPassword="chosen by me")
    yield "used code", side.accounts("resetPassword", oobCode=code, newPassword="chosen again")
    yield "no such code", side.accounts("resetPassword", oobCode="none", newPassword=PASSWORD)
    yield "no code", side.accounts("resetPassword", newPassword=PASSWORD)
    yield "sign in with the old one", side.sign_in()
    yield "sign in with the new one", side.sign_in("chosen by me")
    yield "the account", side.admin(auth.get_user, "u1")


def not_an_admin(side: Side) -> Steps:
    yield "create", side.request(f"projects/{PROJECT}/accounts:update", {"localId": "u1"}, query="")
    yield "list", side.request(f"projects/{PROJECT}/accounts:batchGet", query="")
    yield "project", side.request("projects")
    yield "unknown method", side.request("accounts:nothing", {})["status"]
    yield "token that is not a string", side.accounts("lookup", idToken=["a"])["status"]


SCENARIOS = (
    creating,
    changing,
    claims,
    listing_and_deleting,
    signing_in,
    disabled,
    refreshing,
    own_account,
    left_to_admins,
    revoked,
    links,
    new_password,
    not_an_admin,
)
DELIBERATE = {
    "refreshing": {
        "revoked": "the emulator renews every refresh token; Firebase and the local accounts refuse a revoked one",
        "deleted": "the REST reference of Firebase Auth says USER_NOT_FOUND for it",
    },
    "left_to_admins": {
        "delete the own account": "infra/auth.tf disables it (disabled_user_deletion); the emulator cannot",
        "another address": "with e-mail enumeration protection Firebase requires verification of the new address first",
        "sign up": "infra/auth.tf disables it (disabled_user_signup); the emulator cannot",
        "sign up without an address": "infra/auth.tf disables it; the emulator signs in anonymously",
    },
    "links": {
        "link to sign in": "infra/auth.tf requires passwords (password_required); the emulator accepts links",
    },
}
"""The steps in which the local accounts respond differently, by scenario, with reasons."""
