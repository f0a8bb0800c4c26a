"""Firebase Cloud Messaging as a service of the stack."""

from __future__ import annotations

from collections.abc import Mapping

from local.services.kit.service import LocalService, ServiceContext
from local.services.messaging.endpoint import MESSAGES, MessagingEndpoint
from local.services.messaging.outbox import Outbox


class MessagingService(LocalService):
    """No message leaves this machine: the outbox at the gateway's address shows them."""

    name = "messaging"

    def __init__(self, context: ServiceContext) -> None:
        super().__init__(context)
        self.outbox = Outbox()

    def start(self) -> None:
        endpoint = MessagingEndpoint(self.outbox, self.context.recorder)
        self._url = self.serve_http(endpoint.app)
        self.context.mount([MESSAGES], endpoint.app)

    def variables(self, function: str = "") -> Mapping[str, str]:
        del function
        return {"MESSAGING_ENDPOINT": self._url}
