"""The catalogue of functions, `infra/functions.yaml`, as typed values."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

ROOT = Path(__file__).resolve().parent.parent
"""The folder that holds `functions/`, `shared/` and `infra/`."""


def _seconds(value: Any) -> Any:
    return value.removesuffix("s") if isinstance(value, str) else value


Seconds = Annotated[float, BeforeValidator(_seconds)]
"""A duration such as `5s`, in seconds."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Queue(_Entry):
    """A Cloud Tasks queue and how it retries."""

    name: str
    max_attempts: int
    min_backoff: Seconds
    max_backoff: Seconds
    max_doublings: int


class _Deployable(_Entry):
    name: str
    target: str
    """The entry point in main.py."""
    memory: str
    timeout: int
    """Seconds."""
    concurrency: int
    settings: tuple[str, ...] = ()
    """The groups of `shared/settings.py` that the function reads."""
    roles: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()


class HttpFunction(_Deployable):
    """A resource of the API."""

    kind: Literal["http"]
    path: str = Field(pattern=r"^/[a-z-]+$")
    """Its prefix below /api/v1."""


class EventFunction(_Deployable):
    """A receiver of CloudEvents, from a bucket or from Firestore."""

    kind: Literal["event"]
    event: str
    """The type of its CloudEvents."""
    bucket: str | None = None
    """The setting that names the bucket."""
    document: str | None = None
    """The pattern of the documents' paths, such as `clinics/{clinic}/sessions/{session}`."""

    @model_validator(mode="after")
    def _one_source(self) -> EventFunction:
        if (self.bucket is None) == (self.document is None):
            raise ValueError("an event function has either a bucket or a document pattern")
        return self


class TaskFunction(_Deployable):
    """A receiver of Cloud Tasks."""

    kind: Literal["task"]
    queue: str


Function = Annotated[HttpFunction | EventFunction | TaskFunction, Field(discriminator="kind")]
_Kind = TypeVar("_Kind", HttpFunction, EventFunction, TaskFunction)


class Catalogue(_Entry):
    """All functions and queues, by name."""

    queues: dict[str, Queue]
    functions: dict[str, Function]

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, data: Any) -> Any:
        """Give every entry its name, and every function the defaults."""
        defaults = data.get("defaults", {})
        return {
            "queues": {name: {"name": name, **queue} for name, queue in data.get("queues", {}).items()},
            "functions": {name: {**defaults, "name": name, **entry} for name, entry in data["functions"].items()},
        }

    @model_validator(mode="after")
    def _queues_exist(self) -> Catalogue:
        for task in self.of_kind(TaskFunction):
            if task.queue not in self.queues:
                raise ValueError(f"{task.name}: there is no queue {task.queue}")
        return self

    def of_kind(self, kind: type[_Kind]) -> list[_Kind]:
        """The functions of one kind, in the order of the file."""
        return [function for function in self.functions.values() if isinstance(function, kind)]


def load(path: Path = ROOT / "infra" / "functions.yaml") -> Catalogue:
    """Read a catalogue. Raises pydantic.ValidationError, naming the entry, when it is not well formed."""
    return Catalogue.model_validate(yaml.safe_load(path.read_text()))
