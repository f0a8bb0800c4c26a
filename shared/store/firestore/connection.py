"""The connection to Firestore: its address, deadlines and retries, as in Google's client."""

from __future__ import annotations

from shared.rest.api import Api
from shared.rest.errors import DeadlineExceeded, Internal, ResourceExhausted, Unavailable
from shared.rest.opening import open_api, open_plain_api

READ_SECONDS = 300.0
"""How long one read may take with its retries: as in google-cloud-firestore 2.34."""
RETRIED_READS = (DeadlineExceeded, Internal, Unavailable)
RETRIED_WRITES = (ResourceExhausted, Unavailable)
"""Errors after which a write of a document that must not exist is sent again."""
WRITE_SECONDS = 60.0
_HOST = "firestore.googleapis.com"
_SCOPES = "cloud-platform", "datastore"


def open_firestore(database: str, emulator: str | None, endpoint: str | None = None) -> Api:
    """Firestore, or the Firestore at another endpoint, with the application's default credentials; or an emulator at
    this address. `database` is the resource name of the one that is called.

    Raises google.auth.exceptions.DefaultCredentialsError when there are no credentials.
    """
    headers = {"google-cloud-resource-prefix": database}
    if emulator is not None:
        return open_plain_api(emulator, {**headers, "authorization": "Bearer owner"})
    return open_api(_HOST, _SCOPES, endpoint=endpoint, headers=headers)
