"""The border to Firestore: the client of this process."""

from __future__ import annotations

from shared import settings
from shared.singleton import singleton
from shared.store.firestore.client import Client
from shared.store.firestore.connection import open_channel


@singleton
def client() -> Client:
    project = settings.load(settings.Project)
    emulator = project.firestore_emulator_host
    channel = open_channel(emulator, project.firestore_endpoint)
    return Client(project.google_cloud_project, project.firestore_database, channel, emulated=emulator is not None)
