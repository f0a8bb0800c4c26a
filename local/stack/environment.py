"""The environment variables that do not belong to one service: names as in a deployment, and a base."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from infra.catalogue import Function, HttpFunction
from local.services.kit.identity import PROJECT, trigger_account
from local.services.smtp.relay import PASSWORD as SMTP_PASSWORD
from local.services.smtp.relay import USER as SMTP_USER
from local.services.twilio.messages import ACCOUNT_SID as TWILIO_ACCOUNT_SID
from local.services.twilio.messages import AUTH_TOKEN as TWILIO_AUTH_TOKEN

REGION = "asia-south1"
AUDIO_BUCKET = f"{PROJECT}-audio"
RESULTS_BUCKET = f"{PROJECT}-results"
EXPORTS_BUCKET = f"{PROJECT}-exports"
PIECES_BUCKET = f"{PROJECT}-pieces"
KEY_RING = f"projects/{PROJECT}/locations/{REGION}/keyRings/synapse"
DATA_KEY = f"{KEY_RING}/cryptoKeys/clinics"
SIGNING_KEY = f"{KEY_RING}/cryptoKeys/report-signing"
QUEUES = f"projects/{PROJECT}/locations/{REGION}/queues"

NAMES = {
    "GOOGLE_CLOUD_PROJECT": PROJECT,
    "FIRESTORE_DATABASE": "(default)",
    "AUDIO_BUCKET": AUDIO_BUCKET,
    "RESULTS_BUCKET": RESULTS_BUCKET,
    "EXPORTS_BUCKET": EXPORTS_BUCKET,
    "PIECES_BUCKET": PIECES_BUCKET,
    "DATA_KEY": DATA_KEY,
    "SIGNING_KEY": SIGNING_KEY,
    "SIGNING_KEY_VERSION": "1",
    "TASKS_LOCATION": REGION,
    "TASKS_ACCOUNT": trigger_account("task"),
    "SPEECH_LOCATION": "global",
    "SPEECH_MODEL": "long",
    "SPEECH_LANGUAGES": "",  # any, to see what the local recogniser makes of it
    "WRITER_LOCATION": REGION,
    "WRITER_MODEL": "local-extractive-1",  # the model that answers, as the product requires
    "CORS_ORIGINS": "http://localhost:3000",
    "SHOWN_RECORDS_PER_HOUR": "5000",
    "CHECK_AFTER_SECONDS": "2",
    "SMTP_USER": SMTP_USER,
    "SMTP_PASSWORD": SMTP_PASSWORD,
    "MAIL_FROM": "messages@synapse.example",
    "MAIL_BOUNCES": "bounces@synapse.example",
    "TWILIO_ACCOUNT_SID": TWILIO_ACCOUNT_SID,
    "TWILIO_AUTH_TOKEN": TWILIO_AUTH_TOKEN,
    "TWILIO_REGION": "",
    "TWILIO_EDGE": "",
    "SMS_SENDER": "MG00000000000000000000000000000001",
    "LOG_LEVEL": "INFO",
}


BASE = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    # Client libraries look things up in the background: no connection may leave this machine.
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "NO_PROXY": "127.0.0.1,localhost",
}
"""Variables of every local process."""


TRUSTED = ("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", "SSL_CERT_FILE")
"""The variables that name the certificates which gRPC and Python's `ssl` trust."""


def trusting(certificate: Path) -> dict[str, str]:
    """The variables of a process that trusts this certificate, and no others."""
    return dict.fromkeys(TRUSTED, str(certificate.resolve()))


DERIVED = ("FUNCTION_URL", "PUBLIC_URL", "INVOKER_ACCOUNT", "INVOKER_AUDIENCE", "SMTP_HOST", "SMTP_PORT", "THREADS")
"""Deployed variables that contain an address of this machine or depend on the function."""


def own(function: Function, url: str) -> dict[str, str]:
    """The variables that differ between functions: the threads of an instance; and for a function of a trigger, the
    account that calls it and the audience of its identity tokens.

    Here one process stands for all instances, so it serves more requests at once than THREADS.
    """
    threads = {"THREADS": str(function.concurrency)}
    if isinstance(function, HttpFunction):
        return threads
    return {**threads, "INVOKER_ACCOUNT": trigger_account(function.kind), "INVOKER_AUDIENCE": url}


def only(deployed: Collection[str], variables: Mapping[str, str]) -> dict[str, str]:
    """Remove the variables that a deployment would set, except those in `deployed`.

    So a variable that the catalogue forgets is missing here as it would be in the cloud. Variables that only a local
    run needs are kept.
    """
    hidden = {*NAMES, *DERIVED}.difference(deployed)
    return {name: value for name, value in variables.items() if name not in hidden}
