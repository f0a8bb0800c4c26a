"""Cloud Functions as a service of the stack."""

from __future__ import annotations

from local.services.functions.processes import Functions
from local.services.kit.service import LocalService, ServiceContext


class FunctionsService(LocalService):
    """The functions' processes. A function starts at its first request."""

    name = "functions"

    def __init__(self, context: ServiceContext) -> None:
        super().__init__(context)
        self.logs = context.state / "logs"
        """One log file per function."""
        self.processes = Functions(
            context.catalogue,
            context.stage,
            context.environment,
            self.logs,
            context.died,
            preloading=context.options.preloading and context.preloaded,
        )

    def start(self) -> None:
        self.context.recorder.kill = self.processes.kill
        self._resources.callback(self.processes.stop)
