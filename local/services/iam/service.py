"""IAM Credentials as a service of the stack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from local.services.kit.identity import CERTIFICATES, trigger_account
from local.services.kit.service import LocalService

if TYPE_CHECKING:
    from local.services.iam.endpoint import IamEndpoint


class IamService(LocalService):
    """Each function has a service account and a key file of its own."""

    name = "iam"
    endpoint: IamEndpoint

    def start(self) -> None:
        from local.services.iam.endpoint import IamEndpoint

        self.endpoint = IamEndpoint(self.state, self.context.recorder)
        self._url = self.serve_http(self.endpoint.app)

    def variables(self, function: str = "") -> Mapping[str, str]:
        """Without a function: the credentials of the platform's operator."""
        credentials = self.endpoint.credentials_file(function, f"{self._url}/token")
        return {
            "IAM_ENDPOINT": self._url,
            "GOOGLE_APPLICATION_CREDENTIALS": str(credentials.resolve()),
            "CERTIFICATES_ENDPOINT": f"{self._url}{CERTIFICATES}",
        }

    def authorization(self, function: str) -> str:
        """The value of `Authorization` with which the trigger of this function calls it."""
        account = trigger_account(self.context.catalogue.functions[function].kind)
        return f"Bearer {self.endpoint.identity_token(account, self.context.function_url(function))}"
