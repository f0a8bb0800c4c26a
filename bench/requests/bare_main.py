"""The baseline: a warm handler without product code. It verifies the caller's token, makes the recorded calls to Google
by Google's clients, and answers.

`calls.json` beside it has the calls of each path, as `bench/visit.py` records them; `public.pem` is the key that
verifies the tokens. Requests are read once. Documents are written to a clinic that has no readers: a created one gets a
new name in each call, a changed one is written whatever its version.
"""

from __future__ import annotations

import base64
import json
import os
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from google.cloud import firestore, kms_v1, tasks_v2
from google.cloud.firestore_v1 import types

_FOLDER = Path(__file__).parent
_PROJECT = os.environ["GOOGLE_CLOUD_PROJECT"]
_KEY: Any = load_pem_public_key(_FOLDER.joinpath("public.pem").read_bytes())
_CLIENT: Any = firestore.Client(_PROJECT, client_options={"api_endpoint": os.environ.get("FIRESTORE_ENDPOINT")})
_ISSUER = f"https://securetoken.google.com/{_PROJECT}"


def main(request: Any) -> str:
    """Answer `done`. Raises for a token that is not valid."""
    token = request.headers["Authorization"].removeprefix("Bearer ")
    jwt.decode(token, _KEY, algorithms=["RS256"], audience=_PROJECT, issuer=_ISSUER)
    for call in _CALLS[request.path]:
        call()
    return "done"


def _read(method: Any, message: Any) -> None:
    for _ in method(request=message, metadata=_CLIENT._rpc_metadata):
        pass


def _commit(request: Any) -> None:
    """A handler makes the message of a commit anew for each request."""
    message = types.CommitRequest(request)
    for write in message.writes:
        if "current_document" in write:
            write.update.name += uuid.uuid4().hex
    _CLIENT._firestore_api.commit(request=message, metadata=_CLIENT._rpc_metadata, retry=None)


def _call(method: str, request: bytes) -> Callable[[], None]:
    api = _CLIENT._firestore_api
    if method == "BatchGetDocuments":
        return partial(_read, api.batch_get_documents, types.BatchGetDocumentsRequest.deserialize(request))
    if method == "RunQuery":
        return partial(_read, api.run_query, types.RunQueryRequest.deserialize(request))
    if method == "AsymmetricSign":
        return partial(_signer().asymmetric_sign, request=kms_v1.AsymmetricSignRequest.deserialize(request))
    if method == "CreateTask":
        return partial(_tasks().create_task, request=tasks_v2.CreateTaskRequest.deserialize(request), retry=None)
    message = types.CommitRequest.deserialize(request)
    for write in types.CommitRequest.pb(message).writes:
        write.update.name = write.update.name.replace("/documents/clinics/", "/documents/clinics/bare-", 1)
        if write.current_document.WhichOneof("condition_type") != "exists" or write.current_document.exists:
            write.ClearField("current_document")
    return partial(_commit, message)


def _signer() -> Any:
    return kms_v1.KeyManagementServiceClient(client_options={"api_endpoint": os.environ["KMS_ENDPOINT"]})


def _tasks() -> Any:
    return tasks_v2.CloudTasksClient(client_options={"api_endpoint": os.environ["TASKS_ENDPOINT"]})


_CALLS = {
    path: [_call(call["method"], base64.b64decode(call["request"])) for call in calls]
    for path, calls in json.loads(_FOLDER.joinpath("calls.json").read_text()).items()
}
