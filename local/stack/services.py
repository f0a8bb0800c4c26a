"""The services of the stack, started, asked and stopped as one.

To add a service, add its package below local/services and one line to `SERVICES`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack

from local.services.auth.service import AuthService
from local.services.eventarc.service import EventarcService
from local.services.firestore.service import FirestoreService
from local.services.functions.service import FunctionsService
from local.services.gemini.service import GeminiService
from local.services.iam.service import IamService
from local.services.kit.service import LocalService, ServiceContext
from local.services.kms.service import KmsService
from local.services.messaging.service import MessagingService
from local.services.outbox.service import OutboxService
from local.services.razorpay.service import RazorpayService
from local.services.scheduler.service import SchedulerService
from local.services.smtp.service import SmtpService
from local.services.speech.service import SpeechService
from local.services.storage.service import StorageService
from local.services.tasks.service import TasksService
from local.services.twilio.service import TwilioService

SERVICES: tuple[type[LocalService], ...] = (
    FirestoreService,  # first: Java, if used, starts while the services after it import Google's clients
    SmtpService,
    TwilioService,
    RazorpayService,
    OutboxService,  # before Auth, as the next
    MessagingService,  # before Auth, which serves all other paths below /emulator/
    AuthService,
    IamService,
    StorageService,
    GeminiService,
    KmsService,
    SpeechService,
    EventarcService,  # before the functions: it stops after them, so that no delivery is pending
    FunctionsService,
    TasksService,  # after the functions: it stops before them, so that their end is no failed attempt
    SchedulerService,
)
"""In the order of their start; they stop in reverse order."""


class Services:
    """All services of one stack."""

    def __init__(self, context: ServiceContext, kinds: Sequence[type[LocalService]] = SERVICES) -> None:
        for kind in kinds:
            context.services[kind] = kind(context)
        self._all = list(context.services.values())

    def start(self, running: ExitStack) -> None:
        """Start all; closing `running` stops those that began to start, in reverse order."""
        for service in self._all:
            running.callback(service.stop)
            service.start()

    def connect(self) -> None:
        for service in self._all:
            service.connect()

    def variables(self, function: str = "") -> Mapping[str, str]:
        """The variables of all services; without a function, those of the platform's operator.

        Raises ValueError when two services set the same variable.
        """
        union: dict[str, str] = {}
        for service in self._all:
            variables = service.variables(function)
            if twice := sorted(union.keys() & variables.keys()):
                raise ValueError(f"{service.name} sets variables of another service: {', '.join(twice)}")
            union.update(variables)
        return union

    def idle(self) -> bool:
        return all(service.idle() for service in self._all)

    def flush(self) -> None:
        for service in self._all:
            service.flush()
