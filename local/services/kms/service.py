"""Cloud KMS as a service of the stack."""

from __future__ import annotations

from collections.abc import Mapping

from local.services.kit.service import LocalService


class KmsService(LocalService):
    """Serves Cloud KMS over gRPC and REST."""

    name = "kms"

    def start(self) -> None:
        from local.services.kms.endpoint import KmsEndpoint

        endpoint = KmsEndpoint(self.state, self.context.recorder)
        self._address = self.serve_api(endpoint.handlers(), endpoint.rest())

    def variables(self, function: str = "") -> Mapping[str, str]:
        del function
        return {"KMS_ENDPOINT": self._address}
