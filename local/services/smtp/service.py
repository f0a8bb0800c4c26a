"""The SMTP relay as a service of the stack."""

from __future__ import annotations

from collections.abc import Mapping

from local.services.kit.service import LocalService, ServiceContext
from local.services.smtp.relay import Relay


class SmtpService(LocalService):
    """No mail leaves this machine: the outbox shows them."""

    name = "smtp"

    def __init__(self, context: ServiceContext) -> None:
        super().__init__(context)
        self.relay: Relay

    def start(self) -> None:
        self.context.certificate()
        chain = self.context.certificate_file
        self.relay = Relay((str(chain.with_name("tls.key")), str(chain)), self.context.recorder)
        self.relay.start()
        self._resources.callback(self.relay.stop)

    def variables(self, function: str = "") -> Mapping[str, str]:
        del function
        return {
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(self.relay.port),
            "SMTP_CA_FILE": str(self.context.certificate_file.resolve()),
        }
