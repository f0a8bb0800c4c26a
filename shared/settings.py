"""The configuration: one typed model a concern, read from the environment, and nothing else reads the environment.

A function reads only the groups of what it uses, so its environment can be exactly that: `infra/functions.yaml` lists
them. What a deployment sets has no default here. A missing variable stops the function at its first use with every
missing name.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

LOCAL_ENDPOINTS = (
    "FIRESTORE_EMULATOR_HOST",
    "FIREBASE_AUTH_EMULATOR_HOST",
    "STORAGE_EMULATOR_HOST",
    "STORAGE_ENDPOINT",
    "KMS_ENDPOINT",
    "SPEECH_ENDPOINT",
    "TASKS_ENDPOINT",
    "VERTEX_ENDPOINT",
    "IAM_ENDPOINT",
)


# With its first validator Pydantic reads the metadata of every installed package, in search of plugins. There are none.
os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"


class ConfigurationError(Exception):
    """The environment does not hold what this function needs."""


class Settings(BaseModel):
    """A group of settings; a field `region` is the environment variable `REGION`."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class Project(Settings):
    """Where everything is."""

    google_cloud_project: str
    firestore_database: str


class KmsEndpoint(Settings):
    """Where Cloud KMS is, when it is not where Google has it."""

    kms_endpoint: str | None = None


class Keys(Settings):
    """The Cloud KMS key that wraps the clinics' keysets."""

    data_key: str
    """Resource name of the symmetric key."""


class Signing(Settings):
    """The Cloud KMS key that signs reports."""

    signing_key: str
    """Resource name of the EC P-256 key, without a version."""
    signing_key_version: str


class StorageEndpoint(Settings):
    """Where Cloud Storage is, when it is not where Google has it."""

    storage_endpoint: str | None = None


class Recordings(Settings):
    """The bucket of the recordings."""

    google_cloud_project: str
    audio_bucket: str
    max_recording_bytes: int = 2 * 1024**3


class Results(Settings):
    """The bucket that Speech-to-Text writes to; each object is deleted as soon as it is read."""

    google_cloud_project: str
    results_bucket: str


class Speech(Settings):
    """Speech-to-Text v2."""

    google_cloud_project: str
    speech_location: str
    speech_model: str
    speech_endpoint: str | None = None


class Polling(Settings):
    """When recognitions are polled."""

    check_after_seconds: int
    """Before the first poll of a recognition; each later gap is twice as long."""


class Tasks(Settings):
    """Cloud Tasks."""

    google_cloud_project: str
    tasks_location: str
    function_url: str
    """Where tasks are sent: an address in which `{function}` stands for the deployed name of the function."""
    tasks_account: str
    """E-mail address of the service account whose identity token the tasks carry."""
    tasks_endpoint: str | None = None

    @field_validator("function_url")
    @classmethod
    def _names_the_function(cls, value: str) -> str:
        if "{function}" not in value:
            raise ValueError("without {function} every task goes to the same function")
        return value


class Writer(Settings):
    """Gemini on Vertex AI."""

    google_cloud_project: str
    writer_location: str
    writer_model: str
    vertex_endpoint: str | None = None


class Web(Settings):
    """What the HTTP functions need besides."""

    google_cloud_project: str
    cors_origins: str
    """Comma-separated origins that browsers may call from."""


class Logs(Settings):
    """What is logged, and to which project's traces it belongs."""

    google_cloud_project: str
    log_level: str


Group = TypeVar("Group", bound=Settings)


@cache
def load(group: type[Group]) -> Group:
    """The settings of one group. Raises ConfigurationError naming every variable that is missing or wrong."""
    refuse_local_endpoints_in_the_cloud()
    environment = {name.lower(): value for name, value in os.environ.items()}
    try:
        return group.model_validate({name: environment[name] for name in group.model_fields if name in environment})
    except ValidationError as error:
        wrong = ", ".join(str(problem["loc"][0]).upper() for problem in error.errors())
        raise ConfigurationError(f"environment variables missing or wrong: {wrong}") from None


def refuse_local_endpoints_in_the_cloud() -> None:
    """Raises ConfigurationError: a deployed function on a local endpoint would trust forged tokens and lose data."""
    if "K_SERVICE" in os.environ and (present := [name for name in LOCAL_ENDPOINTS if os.environ.get(name)]):
        raise ConfigurationError(f"local endpoints are set on a deployed function: {', '.join(present)}")
