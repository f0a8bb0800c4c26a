"""The calls of firebase-admin: accounts of the whole project."""

from __future__ import annotations

from local.services.auth.codes import mail_code, new_code
from local.services.auth.messages import JsonObject, action_link, apply, email_of, response, updated, user_info
from local.services.auth.register import Register

_MAX_PAGE = 1000


class AdminApi:
    """Each method takes the body of a request and returns the body of its response."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def create(self, body: JsonObject) -> JsonObject:
        now = self._register.now()
        account = self._register.create(email_of(body), body.get("localId", ""), lambda made: apply(made, body, now))
        return response("SignupNewUser", localId=account.uid, email=account.email, displayName=account.display_name)

    def look_up(self, body: JsonObject) -> JsonObject:
        found = [self._register.find(uid=uid) for uid in body.get("localId", [])]
        found += [self._register.find(email=email) for email in body.get("email", [])]
        return response("GetAccountInfo", users=[user_info(account) for account in found if account])

    def update(self, body: JsonObject) -> JsonObject:
        now = self._register.now()
        return updated(self._register.update(body["localId"], lambda found: apply(found, body, now)))

    def delete(self, body: JsonObject) -> JsonObject:
        self._register.delete(body["localId"])
        return response("DeleteAccount")

    def delete_many(self, body: JsonObject) -> JsonObject:
        """Delete the accounts that exist; without `force`, only the disabled ones."""
        errors = []
        for index, uid in enumerate(body["localIds"]):
            account = self._register.find(uid=uid)
            if account and (account.disabled or body.get("force")):
                self._register.delete(uid)
            elif account:
                message = "NOT_DISABLED : Disable the account before batch deletion."
                errors.append({"index": index, "localId": uid, "message": message})
        return {"errors": errors} if errors else {}

    def list(self, body: JsonObject) -> JsonObject:
        size = min(int(body.get("maxResults", 20)), _MAX_PAGE)
        found = [account for account in self._register.all() if account.uid > body.get("nextPageToken", "")]
        more = {"nextPageToken": found[size - 1].uid} if len(found) >= size else {}
        return response("DownloadAccount", users=[user_info(account) for account in found[:size]]) | more

    def password_link(self, body: JsonObject) -> JsonObject:
        """Mail a link to choose a password or, with `returnOobLink`, return it; no link for an unknown address."""
        if not body.get("returnOobLink"):
            mail_code(self._register, body)
            return response("GetOobConfirmationCode", email=email_of(body))
        code = new_code(self._register, body)
        link = {"oobCode": code, "oobLink": action_link(body["host"], code, body.get("continueUrl", ""))}
        return response("GetOobConfirmationCode", email=email_of(body)) | (link if code else {})
