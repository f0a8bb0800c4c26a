"""Google's own Firestore client, for what tests and benches read and write beside the product."""

from __future__ import annotations

from google.cloud import firestore

from shared import settings
from shared.singleton import singleton


@singleton
def client() -> firestore.Client:
    project = settings.load(settings.Project)
    return firestore.Client(project=project.google_cloud_project, database=project.firestore_database)
