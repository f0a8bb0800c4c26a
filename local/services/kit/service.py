"""The interface of a local service, and what the stack provides to each of them.

A new service is a package below local/services with a subclass of `LocalService`, and one line in `SERVICES` of
local/stack/services.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, TypeVar

from infra.catalogue import Catalogue
from local.services.kit.api_server import ApiServer
from local.services.kit.http1 import Answer
from local.services.kit.recorder import Recorder
from local.services.kit.servers import GrpcServer, HttpServer, certificate

if TYPE_CHECKING:
    import grpc
    from _typeshed.wsgi import WSGIApplication

Service = TypeVar("Service", bound="LocalService")


FUNCTIONS = "/_functions"
"""Path prefix of the functions that events, tasks and schedules call, on the gateway."""


class MissingPrerequisite(Exception):
    """A program or port that the stack needs is not available on this machine; the message says what to do."""


@dataclass(frozen=True)
class Options:
    """Choices of whoever starts the stack."""

    firestore: str = "embedded"
    """`embedded`, `google` to start Google's emulator, or the address (host:port) of a running emulator."""
    events_port: int = 0
    """Port on which events of the Firestore emulator are received; 0 is any free port."""
    backoff_scale: float = 0.05
    """Factor for the waits between the attempts of a task."""
    ticking: bool = False
    """True to call scheduled functions by the clock; otherwise only `Schedules.tick` calls them."""
    preloading: bool = True
    """False to start each function without the packages and modules that nearly all need, as the cloud does."""


@dataclass(frozen=True)
class Preloaded:
    """The modules that the functions have before they start, besides common packages."""

    folder: Path
    """A staged function that has these modules."""
    modules: Sequence[str]


@dataclass
class ServiceContext:
    """What the stack provides to its services."""

    state: Path
    """Folder of all data that is kept between runs."""
    catalogue: Catalogue
    recorder: Recorder
    names: Mapping[str, str]
    """Names of the deployment's resources by environment variable, such as AUDIO_BUCKET."""
    url: str
    """The gateway's address."""
    mount: Callable[[Sequence[str], WSGIApplication], None]
    """Serve these path prefixes of the gateway by a WSGI application."""
    stage: Callable[[str], Path]
    """Stage a function; returns its folder."""
    preloaded: Callable[[], Preloaded]
    """Called when the first function starts."""
    environment: Callable[[str], Mapping[str, str]]
    """All environment variables of a function's process."""
    died: Callable[[str, int], None]
    """Report a process that ended unexpectedly: its name and exit code."""
    options: Options
    public_url: str
    """The gateway's address for clients; differs from `url` if the gateway listens to other machines."""
    services: dict[type[LocalService], LocalService] = field(default_factory=dict)

    def function_url(self, function: str) -> str:
        """The address of a function that a trigger calls; its identity tokens have this audience."""
        return f"{self.url}{FUNCTIONS}/{self.catalogue.functions[function].service}"

    def service(self, kind: type[Service]) -> Service:
        """The stack's service of this class. Raises KeyError when the stack has none."""
        found = self.services[kind]
        assert isinstance(found, kind)
        return found

    @property
    def certificate_file(self) -> Path:
        """The certificate that verifies the servers of Google's APIs."""
        return self.state / "tls" / "tls.crt"

    def certificate(self) -> tuple[bytes, bytes]:
        """Key and certificate of the servers of Google's APIs, in PEM."""
        return certificate(self.certificate_file.parent)


class LocalService:
    """A service of Google, or another part of a deployment, on this machine.

    The stack constructs all services, calls `start` on each in order, then `connect` on each in order, and at the end
    `stop` in reverse order. A constructor has no effect outside the object. Subclasses import Google's clients in
    `start`, not at the top of the module: Google's Firestore emulator needs that time to start.
    """

    name: ClassVar[str]
    """Unique in a stack; also the name of the service's folder in the state."""

    def __init__(self, context: ServiceContext) -> None:
        self.context = context
        self._resources = ExitStack()

    @property
    def state(self) -> Path:
        """The folder of this service's data."""
        return self.context.state / self.name

    def start(self) -> None:
        """Start the servers. Services earlier in the list have started. Raises MissingPrerequisite."""

    def connect(self) -> None:
        """Wait until ready, and begin to call other services. All services have started."""

    def variables(self, function: str = "") -> Mapping[str, str]:
        """The environment variables that clients of this service need; may differ by function.

        Without a function: the variables of the platform's operator.
        """
        del function
        return {}

    def idle(self) -> bool:
        """True if the service does nothing now and will do nothing unless called or at a later time."""
        return True

    def flush(self) -> None:
        """Return when the events of all calls so far have left this service. Raises TimeoutError."""

    def stop(self) -> None:
        """Stop everything that `start` and `connect` started, also after only a part of them ran."""
        self._resources.close()

    def serve_http(self, app: WSGIApplication) -> str:
        """Serve a WSGI application until `stop`; returns its URL."""
        server = HttpServer(app)
        self._resources.callback(server.stop)
        return server.url

    def serve_grpc(self, handlers: Iterable[grpc.GenericRpcHandler]) -> str:
        """Serve gRPC with TLS until `stop`; returns host:port."""
        server = GrpcServer(handlers, self.context.certificate())
        self._resources.callback(server.stop)
        return server.address

    def serve_api(self, handlers: Iterable[grpc.GenericRpcHandler], answer: Answer) -> str:
        """Serve gRPC, and REST by `answer`, with TLS until `stop`; returns host:port."""
        server = ApiServer(handlers, answer, self.context.certificate())
        self._resources.callback(server.stop)
        return server.address
