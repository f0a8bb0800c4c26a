"""Cloud Tasks as a service of the stack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from local.services.iam.service import IamService
from local.services.kit.service import LocalService

if TYPE_CHECKING:
    from local.services.tasks.endpoint import TasksEndpoint


class TasksService(LocalService):
    """Serves Cloud Tasks over gRPC and REST.

    It stops before the functions, so that their end does not count as a failed attempt.
    """

    name = "tasks"
    endpoint: TasksEndpoint

    def start(self) -> None:
        from local.services.tasks.endpoint import TasksEndpoint

        self.endpoint = TasksEndpoint(
            self.state,
            self.context.recorder,
            self.context.options.backoff_scale,
            self.context.service(IamService).endpoint.identity_token,
        )
        self._address = self.serve_api(self.endpoint.handlers(), self.endpoint.rest())
        self._resources.callback(self.endpoint.stop)

    def variables(self, function: str = "") -> Mapping[str, str]:
        del function
        return {"TASKS_ENDPOINT": self._address}

    def idle(self) -> bool:
        return self.endpoint.idle()
