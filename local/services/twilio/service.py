"""Twilio as a service of the stack."""

from __future__ import annotations

from collections.abc import Mapping

from local.services.kit.service import LocalService, ServiceContext
from local.services.twilio.endpoint import TwilioEndpoint
from local.services.twilio.messages import Messages


class TwilioService(LocalService):
    """No text message leaves this machine: the outbox shows them."""

    name = "twilio"

    def __init__(self, context: ServiceContext) -> None:
        super().__init__(context)
        self.messages = Messages()

    def start(self) -> None:
        self._url = self.serve_http(TwilioEndpoint(self.messages, self.context.recorder).app)

    def variables(self, function: str = "") -> Mapping[str, str]:
        del function
        return {"TWILIO_ENDPOINT": self._url}
