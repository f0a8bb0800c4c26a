"""The baseline: a function without product code that makes the configured calls to Google and responds.

`calls.json` beside it lists the calls: service and method, and for Firestore and KMS the request as bytes (base64), for
Storage the bucket and the object. A created document gets a new name each time.
"""

from __future__ import annotations

import base64
import json
import os
import uuid
from pathlib import Path
from typing import Any


def main(request: Any) -> str:
    """Verify the user's token, if the request has one; then make the calls. Cloud Run verifies the other tokens."""
    authorization = getattr(request, "headers", {}).get("Authorization")
    if authorization and request.path.startswith("/api/"):
        _verify(authorization.removeprefix("Bearer "))
    firestore: Any = None
    for call in json.loads(Path(__file__).with_name("calls.json").read_text()):
        if call["service"] == "firestore":
            firestore = firestore or _firestore()
            _call_firestore(firestore, call["method"], base64.b64decode(call["request"]))
        elif call["service"] == "kms":
            _decrypt(base64.b64decode(call["request"]))
        else:
            _get_metadata(*call["object"])
    return "done"


def _verify(token: str) -> None:
    import firebase_admin
    from firebase_admin import auth

    app = firebase_admin.initialize_app(options={"projectId": os.environ["GOOGLE_CLOUD_PROJECT"]})
    auth.verify_id_token(token, app=app)


def _firestore() -> Any:
    from google.cloud import firestore

    endpoint = os.environ.get("FIRESTORE_ENDPOINT")
    return firestore.Client(os.environ["GOOGLE_CLOUD_PROJECT"], client_options={"api_endpoint": endpoint})


def _call_firestore(client: Any, method: str, request: bytes) -> None:
    from google.cloud.firestore_v1 import types

    api = client._firestore_api
    metadata = client._rpc_metadata
    if method == "Commit":
        commit = types.CommitRequest.deserialize(request)
        for write in commit.writes:
            if "exists" in write.current_document:
                write.update.name += uuid.uuid4().hex
        api.commit(request=commit, metadata=metadata)
    elif method == "BatchGetDocuments":
        list(api.batch_get_documents(request=types.BatchGetDocumentsRequest.deserialize(request), metadata=metadata))
    else:
        list(api.run_query(request=types.RunQueryRequest.deserialize(request), metadata=metadata))


def _decrypt(request: bytes) -> None:
    from google.cloud import kms_v1

    client = kms_v1.KeyManagementServiceClient(client_options={"api_endpoint": os.environ["KMS_ENDPOINT"]})
    client.decrypt(request=kms_v1.DecryptRequest.deserialize(request))


def _get_metadata(bucket: str, name: str) -> None:
    from google.cloud import storage

    client = storage.Client(client_options={"api_endpoint": os.environ["STORAGE_ENDPOINT"]})
    client.bucket(bucket).get_blob(name)
