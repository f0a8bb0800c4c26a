"""The catalogue of functions, `infra/functions.yaml`, as typed values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

ROOT = Path(__file__).resolve().parent.parent
"""The folder that contains `functions/`, `shared/` and `infra/`."""


def _seconds(value: Any) -> Any:
    return value.removesuffix("s") if isinstance(value, str) else value


Seconds = Annotated[float, BeforeValidator(_seconds)]
"""A duration in seconds, written like `5s`."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Queue(_Entry):
    """A Cloud Tasks queue, with its rates and retries."""

    name: str
    max_attempts: int
    min_backoff: Seconds
    max_backoff: Seconds
    max_doublings: int
    max_dispatches_per_second: float
    max_concurrent_dispatches: int


class _Deployable(_Entry):
    name: str
    target: str
    """The entry point in main.py."""
    memory: str
    cpu: float
    timeout: int
    """Seconds."""
    concurrency: int
    min_instances: int
    max_instances: int | None = None
    """None: as many as the deployment allows."""
    settings: tuple[str, ...] = ()
    """The groups of `shared/settings.py` that the function reads."""
    uses: tuple[str, ...] = ()
    """The resources that it may use, by the names in `infra/grants.tf`."""
    secrets: tuple[str, ...] = ()
    prints: bool = False
    """True if it makes PDFs: its archive has the fonts."""

    @property
    def service(self) -> str:
        """Its deployed name."""
        return self.name.replace("_", "-")


class HttpFunction(_Deployable):
    """A resource of the API."""

    kind: Literal["http"]
    path: str | None = Field(default=None, pattern=r"^/[a-z-]+$")
    """Its path prefix below /api/v1; None for a function that only has paths below another's."""
    more_paths: tuple[Annotated[str, Field(pattern=r"^/[a-z-]+$")], ...] = ()
    """Further prefixes that it serves."""
    sub_paths: tuple[Annotated[str, Field(pattern=r"^/[a-z-]+(/(\*|[a-z-]+))+$")], ...] = ()
    """Paths below the prefix of another function, `*` for an id, which it serves with all that is below them."""

    @property
    def paths(self) -> tuple[str, ...]:
        """All path prefixes."""
        return (*((self.path,) if self.path else ()), *self.more_paths)

    @model_validator(mode="after")
    def _has_paths(self) -> HttpFunction:
        if not (self.paths or self.sub_paths):
            raise ValueError("an HTTP function has a path or paths below another's")
        return self


class EventFunction(_Deployable):
    """A receiver of CloudEvents, from a bucket or from Firestore."""

    kind: Literal["event"]
    event: str
    """The type of its CloudEvents."""
    bucket: str | None = None
    """The setting that names the bucket."""
    document: str | None = None
    """The path pattern of the documents, such as `clinics/{clinic}/sessions/{session}`."""

    @model_validator(mode="after")
    def _one_source(self) -> EventFunction:
        if (self.bucket is None) == (self.document is None):
            raise ValueError("an event function has either a bucket or a document pattern")
        return self


class TaskFunction(_Deployable):
    """A receiver of Cloud Tasks."""

    kind: Literal["task"]
    queue: str


class ScheduleFunction(_Deployable):
    """A function that Cloud Scheduler calls."""

    kind: Literal["schedule"]
    schedule: str
    """The times, in cron format: minute, hour, day, month, weekday."""
    zone: str
    """The IANA time zone of `schedule`."""


Function = Annotated[HttpFunction | EventFunction | TaskFunction | ScheduleFunction, Field(discriminator="kind")]
OF_EVERY_FUNCTION = frozenset({"THREADS"})
"""Variables that belong to no group of settings: the Functions Framework reads them."""
_Kind = TypeVar("_Kind", HttpFunction, EventFunction, TaskFunction, ScheduleFunction)


class Catalogue(_Entry):
    """All functions and queues, by name."""

    fallback: str
    """The HTTP function for paths that belong to no other function."""
    settings: dict[str, tuple[str, ...]] = {}
    """The environment variables of each group of settings."""
    secrets: dict[str, Any] = {}
    queues: dict[str, Queue]
    functions: dict[str, Function]

    @model_validator(mode="before")
    @classmethod
    def _apply_defaults(cls, data: Any) -> Any:
        """Add its name to every entry, and the defaults to every function."""
        defaults = data.get("defaults", {})
        others = {name: value for name, value in data.items() if name != "defaults"}
        return {
            **others,
            "queues": {name: {"name": name, **queue} for name, queue in data.get("queues", {}).items()},
            "functions": {name: {**defaults, "name": name, **entry} for name, entry in data["functions"].items()},
        }

    @model_validator(mode="after")
    def _references_exist(self) -> Catalogue:
        if self.fallback not in [function.name for function in self.of_kind(HttpFunction)]:
            raise ValueError(f"fallback: there is no HTTP function {self.fallback}")
        prefixes = {path for function in self.of_kind(HttpFunction) for path in function.paths}
        for http in self.of_kind(HttpFunction):
            if strange := [path for path in http.sub_paths if f"/{path.split('/')[1]}" not in prefixes]:
                raise ValueError(f"{http.name}: there is no function above {', '.join(strange)}")
        for function in self.functions.values():
            for kind, references, known in _references(function, self):
                if missing := sorted(set(references) - set(known)):
                    raise ValueError(f"{function.name}: there is no {kind} {', '.join(missing)}")
        return self

    def variables(self, function: str) -> frozenset[str]:
        """The environment variables of a deployed function: those of its settings, its secrets, and those of all."""
        entry = self.functions[function]
        of_settings = (name for group in entry.settings for name in self.settings[group])
        return OF_EVERY_FUNCTION.union(of_settings, entry.secrets)

    def of_kind(self, kind: type[_Kind]) -> list[_Kind]:
        """The functions of one kind, in file order."""
        return [function for function in self.functions.values() if isinstance(function, kind)]


def _references(function: Function, catalogue: Catalogue) -> Iterator[tuple[str, Iterable[str], Iterable[str]]]:
    """The references of a function to other parts of the catalogue: their kind, their names, and the known names."""
    yield "group of settings", function.settings, catalogue.settings
    yield "secret", function.secrets, catalogue.secrets
    if isinstance(function, TaskFunction):
        yield "queue", [function.queue], catalogue.queues


def load(path: Path = ROOT / "infra" / "functions.yaml") -> Catalogue:
    """Read a catalogue. Raises pydantic.ValidationError, which names the invalid entry."""
    return Catalogue.model_validate(yaml.safe_load(path.read_text()))
