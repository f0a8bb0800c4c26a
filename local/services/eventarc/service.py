"""Eventarc as a service of the stack."""

from __future__ import annotations

from local.services.eventarc.triggers import Triggers
from local.services.functions.service import FunctionsService
from local.services.iam.service import IamService
from local.services.kit.service import LocalService


class EventarcService(LocalService):
    """Storage and Firestore put events into `triggers`; the functions get them."""

    name = "eventarc"
    triggers: Triggers

    def start(self) -> None:
        context = self.context
        functions = context.service(FunctionsService).processes
        authorization = context.service(IamService).authorization
        self.triggers = Triggers(context.catalogue, functions, context.names, self.state, authorization)
        self._resources.callback(self.triggers.stop)

    def connect(self) -> None:
        self.triggers.start()

    def idle(self) -> bool:
        return self.triggers.idle()
