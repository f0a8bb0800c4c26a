"""The connection to Firestore: its channel, deadlines and retries, as in Google's client."""

from __future__ import annotations

from google.api_core import exceptions
from grpc.experimental import ChannelOptions

from shared.rpc import channel as channels
from shared.rpc.channel import Channel
from shared.rpc.methods import Methods

READ_SECONDS = 300.0
"""How long one read may take with its retries: as in google-cloud-firestore 2.34."""
RETRIED_READS = (exceptions.DeadlineExceeded, exceptions.InternalServerError, exceptions.ServiceUnavailable)
RETRIED_WRITES = (exceptions.ResourceExhausted, exceptions.ServiceUnavailable)
"""Errors after which a write of a document that must not exist is sent again."""
WRITE_SECONDS = 60.0
_SERVICE = "google.firestore.v1.Firestore"
_HOST = "firestore.googleapis.com"
_SCOPES = "cloud-platform", "datastore"
# A stream of results is read by the thread that asks for it; otherwise each call starts a thread.
_UNTHREADED = (ChannelOptions.SingleThreadedUnaryStream, 1)
_KEEPALIVE = ("grpc.keepalive_time_ms", 30_000)


def open_channel(emulator: str | None, endpoint: str | None = None) -> Channel:
    """A channel to Firestore, or to the Firestore at another endpoint, with the application's default credentials; or
    to an emulator at this address.

    Raises google.auth.exceptions.DefaultCredentialsError when there are no credentials.
    """
    if emulator is not None:
        return channels.open_plain_channel(emulator, options=[_UNTHREADED])
    return channels.open_channel(_HOST, _SCOPES, endpoint=endpoint, options=[_UNTHREADED, _KEEPALIVE])


def methods_of(channel: Channel, database: str, *, emulated: bool) -> Methods:
    """The methods of the service; `database` is the resource name of the one that is called."""
    headers = [("google-cloud-resource-prefix", database)]
    if emulated:
        headers.append(("authorization", "Bearer owner"))
    return Methods(channel, _SERVICE, headers)
