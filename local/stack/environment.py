"""The environment of each local function: endpoints that are here, names that are as in a deployment."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from local.services.kit.identity import PROJECT

REGION = "asia-south1"
AUDIO_BUCKET = f"{PROJECT}-audio"
RESULTS_BUCKET = f"{PROJECT}-results"
KEY_RING = f"projects/{PROJECT}/locations/{REGION}/keyRings/synapse"
DATA_KEY = f"{KEY_RING}/cryptoKeys/clinics"
SIGNING_KEY = f"{KEY_RING}/cryptoKeys/report-signing"
QUEUES = f"projects/{PROJECT}/locations/{REGION}/queues"

NAMES = {
    "GOOGLE_CLOUD_PROJECT": PROJECT,
    "FIRESTORE_DATABASE": "(default)",
    "AUDIO_BUCKET": AUDIO_BUCKET,
    "RESULTS_BUCKET": RESULTS_BUCKET,
    "DATA_KEY": DATA_KEY,
    "SIGNING_KEY": SIGNING_KEY,
    "SIGNING_KEY_VERSION": "1",
    "TASKS_LOCATION": REGION,
    "TASKS_ACCOUNT": f"tasks@{PROJECT}.iam.gserviceaccount.com",
    "SPEECH_LOCATION": "global",
    "SPEECH_MODEL": "long",
    "WRITER_LOCATION": REGION,
    "WRITER_MODEL": "gemini-3.5-flash-lite",
    "CORS_ORIGINS": "http://localhost:3000",
    "CHECK_AFTER_SECONDS": "2",
    "LOG_LEVEL": "INFO",
}


@dataclass(frozen=True)
class Endpoints:
    """Where the endpoints listen: gRPC ones as host:port, the others as URLs."""

    storage: str
    kms: str
    speech: str
    tasks: str
    iam: str
    vertex: str
    accounts: str
    """host:port, as `FIREBASE_AUTH_EMULATOR_HOST` wants it."""
    functions: str
    """Where a task is sent, with `{function}` for the deployed name of the function."""
    certificate: Path
    """What the gRPC endpoints' TLS is verified by."""


def environment(endpoints: Endpoints, firestore: str, credentials: Path) -> dict[str, str]:
    """All variables of a program that sees `firestore` (host:port) and has these credentials."""
    return {
        **NAMES,
        "FUNCTION_URL": endpoints.functions,
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "GOOGLE_APPLICATION_CREDENTIALS": str(credentials.resolve()),
        "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": str(endpoints.certificate.resolve()),
        "FIRESTORE_EMULATOR_HOST": firestore,
        "FIREBASE_AUTH_EMULATOR_HOST": endpoints.accounts,  # it makes unsigned tokens welcome, too
        "STORAGE_ENDPOINT": endpoints.storage,
        "KMS_ENDPOINT": endpoints.kms,
        "SPEECH_ENDPOINT": endpoints.speech,
        "TASKS_ENDPOINT": endpoints.tasks,
        "IAM_ENDPOINT": endpoints.iam,
        "VERTEX_ENDPOINT": endpoints.vertex,
        # Nothing leaves this machine, whatever a client library looks up in the background.
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "NO_PROXY": "127.0.0.1,localhost",
        "DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA": "true",
    }


def only(deployed: Collection[str], everything: dict[str, str]) -> dict[str, str]:
    """Of the variables that a deployment sets, these alone; and what only a local run needs.

    So a variable that the catalogue forgets is missing here as it would be in the cloud.
    """
    hidden = {*NAMES, "FUNCTION_URL"}.difference(deployed)
    return {name: value for name, value in everything.items() if name not in hidden}
