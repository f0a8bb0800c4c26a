"""The configuration: one class per concern, read from the environment. No other code reads the environment.

A function loads only the groups that it uses, so its environment contains only those; `infra/functions.yaml` lists
them. Deployed variables have no defaults. The first `load()` of a group raises ConfigurationError listing every missing
one.
"""

from __future__ import annotations

import os
from functools import cache
from typing import Annotated, TypeVar

from shared.variables import Secret, Settings, variables_of

LOCAL_ENDPOINTS = (
    *("FIRESTORE_EMULATOR_HOST", "FIREBASE_AUTH_EMULATOR_HOST", "STORAGE_EMULATOR_HOST", "MESSAGING_ENDPOINT"),
    "FIRESTORE_ENDPOINT",
    *("STORAGE_ENDPOINT", "STORAGE_PUBLIC_ENDPOINT", "CERTIFICATES_ENDPOINT", "RAZORPAY_ENDPOINT", "KMS_ENDPOINT"),
    *("SPEECH_ENDPOINT", "TASKS_ENDPOINT", "VERTEX_ENDPOINT", "IAM_ENDPOINT", "SMTP_CA_FILE", "TWILIO_ENDPOINT"),
)

# Building its first validator, Pydantic reads the metadata of every installed package to find plugins. There are none.
os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"


class ConfigurationError(Exception):
    """Environment variables are missing, invalid or not allowed."""


Positive = Annotated[int, lambda number: number >= 1]
Port = Annotated[int, lambda number: 1 <= number <= 65535]
AddressOfEach = Annotated[str, lambda url: "{function}" in url]
"""A URL with a placeholder, without which every task would go to the same function."""
UpToAMinute = Annotated[float, lambda seconds: 0 <= seconds <= 60]


class Project(Settings):
    """The Google Cloud project and its Firestore database."""

    google_cloud_project: str
    firestore_database: str
    firestore_emulator_host: str | None = None  # only locally; is called without TLS and credentials
    firestore_endpoint: str | None = None  # of a Firestore that is called as Google's, if it is not Google's


class KmsEndpoint(Settings):
    """The endpoint of Cloud KMS, if it is not Google's."""

    kms_endpoint: str | None = None


class Keys(Settings):
    """The Cloud KMS key that wraps the clinics' keysets."""

    data_key: str  # resource name of the symmetric key


class SigningKey(Settings):
    """The Cloud KMS key whose versions sign reports. Only signatures of its versions are accepted."""

    signing_key: str  # resource name of the EC P-256 key, without a version


class SigningVersion(Settings):
    """The version of the signing key that signs now."""

    signing_key_version: str


class StorageEndpoint(Settings):
    """The endpoint of Cloud Storage, if it is not Google's."""

    storage_endpoint: str | None = None
    storage_public_endpoint: str | None = None  # the address in signed URLs, which clients open


class IamEndpoint(Settings):
    """The endpoint of the IAM Credentials API, if it is not Google's."""

    iam_endpoint: str | None = None


class Recordings(Settings):
    """The bucket of the recordings."""

    google_cloud_project: str
    audio_bucket: str
    max_recording_bytes: int = 2 * 1024**3


class Results(Settings):
    """The bucket that Speech-to-Text writes to; each object is deleted once it has been read."""

    google_cloud_project: str
    results_bucket: str


class Pieces(Settings):
    """The bucket of the pieces of live recordings; its rule deletes each object after days."""

    google_cloud_project: str
    pieces_bucket: str


class Exports(Settings):
    """The bucket of exported reports; its rule deletes each object after days."""

    google_cloud_project: str
    exports_bucket: str


class Speech(Settings):
    """Speech-to-Text v2."""

    google_cloud_project: str
    speech_location: str
    speech_model: str
    speech_languages: str  # comma-separated languages that the model has there; empty: those of the table of models
    speech_endpoint: str | None = None


class Polling(Settings):
    """When recognitions are polled."""

    check_after_seconds: int  # before the first poll of a recognition; each later gap is twice as long


class Tasks(Settings):
    """Cloud Tasks."""

    google_cloud_project: str
    tasks_location: str
    function_url: AddressOfEach  # URL of task handlers; `{function}` is replaced by the deployed name of the function
    tasks_account: str  # e-mail address of the service account in the tasks' identity token
    tasks_endpoint: str | None = None


class Invoker(Settings):
    """The caller of a function that events, tasks or a schedule invoke."""

    invoker_account: str
    """E-mail address of the service account in the identity token of each delivery."""
    invoker_audience: str  # the function's own URL, for which the token is issued
    certificates_endpoint: str | None = None
    """Where the certificates of identity tokens are, if not at Google."""


class Writer(Settings):
    """Gemini on Vertex AI."""

    google_cloud_project: str
    writer_location: str
    writer_model: str
    vertex_endpoint: str | None = None


class AccountsEndpoint(Settings):
    """The endpoint of Identity Platform, if it is not Google's; firebase-admin reads the same variable."""

    firebase_auth_emulator_host: str | None = None


class MessagingEndpoint(Settings):
    """The endpoint of Firebase Cloud Messaging, if it is not Google's."""

    messaging_endpoint: str | None = None


class Mail(Settings):
    """The SMTP relay, which must speak STARTTLS. Without a host there is none, and no mail is sent."""

    smtp_host: str
    smtp_port: Port
    smtp_user: str  # empty for a relay that asks for none
    smtp_password: Secret
    mail_from: str  # the address in From; the clinic's name stands before it
    mail_bounces: str  # the address to which mail that could not be delivered returns
    smtp_ca_file: str | None = None  # verifies the relay, if no public authority does


class Sms(Settings):
    """Twilio. Without an account there is none, and no text message is sent."""

    twilio_account_sid: str
    twilio_auth_token: Secret
    sms_sender: str  # a messaging service (MG…), a telephone number or a sender id
    twilio_region: str  # such as `ie1`, with the edge `dublin`; both empty for Twilio's default
    twilio_edge: str
    twilio_endpoint: str | None = None


class RazorpayEndpoint(Settings):
    """The endpoint of Razorpay, if it is not theirs. Each clinic has its own keys."""

    razorpay_endpoint: str | None = None


class Web(Settings):
    """Additional settings of the HTTP functions."""

    google_cloud_project: str
    threads: Positive  # requests that an instance serves at once; the Functions Framework reads it too
    cors_origins: str  # comma-separated origins of web clients (CORS)
    shown_records_per_hour: Positive  # how many patient records one person may be shown
    firebase_auth_emulator_host: str | None = None  # only locally: its tokens are not signed
    account_cache_seconds: UpToAMinute = 60  # for which an account's state is remembered


class Links(Settings):
    """The address of the pages that links open."""

    public_url: str  # the scheme and host that everybody reaches, without a closing slash


class Logs(Settings):
    """The log level, and the project of the traces."""

    google_cloud_project: str
    log_level: str


Group = TypeVar("Group", bound=Settings)


@cache
def load(group: type[Group]) -> Group:
    """The settings of one group. Raises ConfigurationError listing every variable that is missing or invalid."""
    refuse_local_endpoints_in_the_cloud()
    values, wrong = {}, []
    for name, variable in variables_of(group).items():
        text = os.environ.get(name)
        if text is not None and variable.takes(text):
            values[name.lower()] = variable.value_of(text)
        elif text is not None or variable.is_required:
            wrong.append(name)
    if wrong:
        raise ConfigurationError(f"environment variables missing or wrong: {', '.join(wrong)}")
    return group(values)


def refuse_local_endpoints_in_the_cloud() -> None:
    """Raises ConfigurationError: a deployed function with a local endpoint would trust forged tokens and lose data."""
    if on_cloud_run() and (present := [name for name in LOCAL_ENDPOINTS if os.environ.get(name)]):
        raise ConfigurationError(f"local endpoints are set on a deployed function: {', '.join(present)}")


def on_cloud_run() -> bool:
    """True in a deployed function. Cloud Run sets `K_SERVICE` (cloud.google.com/run/docs/container-contract)."""
    return "K_SERVICE" in os.environ
