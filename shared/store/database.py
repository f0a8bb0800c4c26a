"""The border to Firestore: the client of this process."""

from __future__ import annotations

from shared import settings
from shared.singleton import singleton
from shared.store.firestore.client import Client
from shared.store.firestore.connection import open_firestore


@singleton
def client() -> Client:
    project = settings.load(settings.Project)
    database = f"projects/{project.google_cloud_project}/databases/{project.firestore_database}"
    return Client(database, open_firestore(database, project.firestore_emulator_host, project.firestore_endpoint))
