"""The calls of the Firebase client SDKs: sign-in, and a person's own account."""

from __future__ import annotations

import secrets
from typing import Any

from local.services.auth.account import POLICY_LENGTH, Account
from local.services.auth.codes import mail_code
from local.services.auth.errors import IdentityToolkitError
from local.services.auth.messages import (
    TOKEN_SECONDS,
    JsonObject,
    apply,
    claims_of,
    email_of,
    new_id_token,
    required,
    response,
    updated,
    user_info,
)
from local.services.auth.register import Register
from local.services.kit.identity import PROJECT

_OWN_FIELDS = ("displayName", "password", "deleteAttribute")
"""The fields of their account that people may change."""


class ClientApi:
    """Each method takes the body of a request and returns the body of its response."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def admins_only(self, _body: JsonObject) -> JsonObject:
        raise IdentityToolkitError("ADMIN_ONLY_OPERATION")

    def sign_in_methods(self, _body: JsonObject) -> JsonObject:
        """Does not list the sign-in methods of an address: the list would show that it has an account."""
        return response("CreateAuthUri", sessionId=secrets.token_hex(14))

    def sign_in(self, body: JsonObject) -> JsonObject:
        account = self._register.sign_in(email_of(body), required(body, "password", "MISSING_PASSWORD"))
        answer = response("VerifyPassword", localId=account.uid, email=account.email, registered=True)
        return answer | self._tokens(account)

    def look_up(self, body: JsonObject) -> JsonObject:
        return response("GetAccountInfo", users=[user_info(self._caller(body))])

    def update(self, body: JsonObject) -> JsonObject:
        """Change the caller's name or password; a new password comes with new tokens."""
        if "idToken" not in body:
            raise IdentityToolkitError("INVALID_REQ_TYPE : Unsupported request parameters.")
        if "customAttributes" in body:
            raise IdentityToolkitError("INSUFFICIENT_PERMISSION")
        account = self._caller(body)
        if "disableUser" in body or "email" in body:
            raise IdentityToolkitError("OPERATION_NOT_ALLOWED")
        changes = {name: body[name] for name in _OWN_FIELDS if body.get(name) is not None}
        now = self._register.now()
        account = self._register.update(account.uid, lambda found: apply(found, changes, now, own=True))
        return updated(account) | (self._tokens(account) if "password" in changes else {})

    def send_link(self, body: JsonObject) -> JsonObject:
        """Mail a link to the address. The response is the same for an unknown address."""
        mail_code(self._register, body)
        return response("GetOobConfirmationCode", email=email_of(body))

    def reset_password(self, body: JsonObject) -> JsonObject:
        """Choose a password with a code; without a password, only check the code."""
        code, password = required(body, "oobCode", "MISSING_OOB_CODE"), body.get("newPassword")
        account = self._register.redeem(code, password) if password else self._register.owner_of(code)
        return response("ResetPassword", email=account.email, requestType="PASSWORD_RESET")

    def password_policy(self, _body: JsonObject) -> JsonObject:
        """The policy that the Firebase SDKs check a new password against."""
        return {
            "customStrengthOptions": {"minPasswordLength": POLICY_LENGTH},
            "enforcementState": "ENFORCE",
            "forceUpgradeOnSignin": False,
            "schemaVersion": 1,
        }

    def project(self, _body: JsonObject) -> JsonObject:
        return {"projectId": PROJECT, "authorizedDomains": ["localhost"]}

    def refresh(self, body: JsonObject) -> JsonObject:
        """Exchange a refresh token for an ID token."""
        if required(body, "grant_type", "MISSING_GRANT_TYPE") != "refresh_token":
            raise IdentityToolkitError("INVALID_GRANT_TYPE")
        token = required(body, "refresh_token", "MISSING_REFRESH_TOKEN")
        account = self._register.refresh(token)
        fresh = new_id_token(account)
        return {
            "id_token": fresh,
            "access_token": fresh,
            "refresh_token": token,
            "expires_in": str(TOKEN_SECONDS),
            "token_type": "Bearer",
            "user_id": account.uid,
            "project_id": PROJECT,
        }

    def _caller(self, body: JsonObject) -> Account:
        """The account of the request's ID token. Raises IdentityToolkitError when the token is not valid (any more)."""
        claims = claims_of(required(body, "idToken", "MISSING_ID_TOKEN"))
        account = self._register.find(uid=str(claims.get("sub", "")))
        if account is None:
            raise IdentityToolkitError("USER_NOT_FOUND")
        account.check(int(claims["iat"]))
        return account

    def _tokens(self, account: Account) -> dict[str, Any]:
        """The tokens of a new sign-in."""
        refresh_token = self._register.refresh_token(account.uid)
        return {"idToken": new_id_token(account), "refreshToken": refresh_token, "expiresIn": str(TOKEN_SECONDS)}
