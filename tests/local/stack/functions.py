"""Small test functions and an operator's program, and a stack with these functions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from local.stack.stack import Stack
from tests.support.toy_functions import FINALIZED, WRITTEN, toy_catalogue, write_functions

NOTES = """
    import json, os, sys
    from pathlib import Path
    from google.cloud import firestore

    database = firestore.Client()

    def main(request):
        if request.path.endswith("/about"):
            return {
                "process": os.getpid(), "environment": dict(os.environ), "path": sys.path, "folder": os.getcwd(),
                "finds_the_repository": any((Path(place) / "local").exists() for place in sys.path),
            }
        if request.path.endswith("/echo"):
            body = request.get_data(as_text=True)
            seen = {"method": request.method, "url": request.environ["REQUEST_URI"], "body": body}
            return json.dumps(seen), 299, {"X-Seen": json.dumps(seen), "X-Headers": json.dumps(dict(request.headers))}
        note = database.document("clinics/c/notes/" + request.path.rpartition("/")[2])
        if request.method == "PUT":
            note.set(request.get_json())
            return ""
        return note.get().to_dict() or ("", 404)
"""
ON_NOTE = """
    import os
    from google.api_core.client_options import ClientOptions
    from google.cloud import tasks_v2

    tasks = tasks_v2.CloudTasksClient(client_options=ClientOptions(api_endpoint=os.environ["TASKS_ENDPOINT"]))
    parent = tasks.queue_path(os.environ["GOOGLE_CLOUD_PROJECT"], os.environ["TASKS_LOCATION"], "work")

    def main(event):
        url = os.environ["FUNCTION_URL"].format(function="count-note")
        url += "?note=" + event["document"].rpartition("/")[2]
        tasks.create_task(parent=parent, task={"http_request": {"url": url}})
"""
COUNT_NOTE = """
    from google.cloud import firestore

    database = firestore.Client()

    def main(request):
        counted = database.document("clinics/c/counted/" + request.args["note"])
        counted.set({"path": request.path, "times": firestore.Increment(1)}, merge=True)
        return ""
"""
ON_UPLOAD = """
    from google.cloud import firestore

    database = firestore.Client()

    def main(event):
        database.document("clinics/c/notes/upload").set({"name": event.data["name"], "size": event.data["size"]})
"""
BROKEN = """
    raise RuntimeError("this function does not load")
"""
LOST = """
    def main(request):
        return {"lost": request.environ["REQUEST_URI"]}, 404
"""
ON_THE_HOUR = """
    from google.cloud import firestore

    database = firestore.Client()

    def main(request):
        database.document("clinics/c/ticks/last").set({"headers": dict(request.headers), "method": request.method})
        return ""
"""
SOURCES = {
    "notes": NOTES,
    "on_note": ON_NOTE,
    "count_note": COUNT_NOTE,
    "on_upload": ON_UPLOAD,
    "broken": BROKEN,
    "lost": LOST,
    "on_the_hour": ON_THE_HOUR,
}
CATALOGUE = toy_catalogue(
    notes={"kind": "http", "path": "/notes", "settings": ["Project"]},
    broken={"kind": "http", "path": "/broken"},
    on_note={
        "kind": "event",
        "event": WRITTEN,
        "document": "clinics/{clinic}/notes/{note}",
        "settings": ["Project", "Tasks"],
    },
    on_upload={"kind": "event", "event": FINALIZED, "bucket": "AUDIO_BUCKET", "settings": ["Project"]},
    count_note={"kind": "task", "queue": "work", "settings": ["Project"]},
    on_the_hour={"kind": "schedule", "schedule": "0 * * * *", "zone": "Asia/Kolkata", "settings": ["Project"]},
)
OPERATOR = """
    import os
    from google.api_core.client_options import ClientOptions
    from google.cloud import firestore, kms_v1, storage

    kms = kms_v1.KeyManagementServiceClient(client_options=ClientOptions(api_endpoint=os.environ["KMS_ENDPOINT"]))
    sealed = kms.encrypt(name=os.environ["DATA_KEY"], plaintext=b"secret").ciphertext
    assert kms.decrypt(name=os.environ["DATA_KEY"], ciphertext=sealed).plaintext == b"secret"
    signing = os.environ["SIGNING_KEY"] + "/cryptoKeyVersions/" + os.environ["SIGNING_KEY_VERSION"]
    assert "BEGIN PUBLIC KEY" in kms.get_public_key(name=signing).pem
    buckets = storage.Client(client_options=ClientOptions(api_endpoint=os.environ["STORAGE_ENDPOINT"]))
    buckets.bucket(os.environ["AUDIO_BUCKET"]).blob("a/1.webm").upload_from_string(b"abc")
    buckets.get_bucket(os.environ["RESULTS_BUCKET"])
    firestore.Client().document("clinics/c").set({"name": "Aster"})
"""


def make_stack(folder: Path, **options: Any) -> Stack:
    root = write_functions(folder / "functions", SOURCES)
    return Stack(folder / "state", build=folder / "build", functions_root=root, catalogue=CATALOGUE, **options)
