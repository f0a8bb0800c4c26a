"""Cloud Scheduler as a service of the stack."""

from __future__ import annotations

from local.services.functions.service import FunctionsService
from local.services.iam.service import IamService
from local.services.kit.service import LocalService
from local.services.scheduler.clock import Schedules


class SchedulerService(LocalService):
    """Calls functions by the clock only if the option `ticking` is set."""

    name = "scheduler"
    schedules: Schedules

    def start(self) -> None:
        functions = self.context.service(FunctionsService).processes
        self.schedules = Schedules(self.context.catalogue, functions, self.context.service(IamService).authorization)
        self._resources.callback(self.schedules.stop)

    def connect(self) -> None:
        if self.context.options.ticking:
            self.schedules.start()
