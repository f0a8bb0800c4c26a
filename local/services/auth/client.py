"""Creates accounts at the local Identity Platform, for tests and benchmarks."""

from __future__ import annotations

import json
import time

import urllib3

from local.services.kit.identity import PROJECT

_http = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(60), maxsize=16)


def create_account(url: str, user_id: str, clinic_id: str) -> None:
    """Create the account of a user at the gateway `url`, without a password, unless it exists.

    The API refuses the ID tokens of a user without an account. As for every new account, sign-ins before that are
    revoked, so a record of the same second needs no change of it.
    """
    body = {
        "localId": user_id,
        "email": f"{user_id}@accounts.example",
        "customAttributes": json.dumps({"clinic": clinic_id}),
        "validSince": str(int(time.time())),
    }
    path = f"{url}/identitytoolkit.googleapis.com/v1/projects/{PROJECT}/accounts"
    reply = _http.request("POST", path, json=body, headers={"Authorization": "Bearer owner"})
    if reply.status != 200 and b"DUPLICATE_LOCAL_ID" not in reply.data:
        raise RuntimeError(f"no account for {user_id}: {reply.data!r}")
