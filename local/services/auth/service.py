"""Firebase Authentication as a service of the stack."""

from __future__ import annotations

from collections.abc import Mapping

from local.services.auth.endpoint import PATHS, AccountsEndpoint
from local.services.kit.service import LocalService


class AuthService(LocalService):
    """Served at the gateway's address, so that clients need one address for the API and for sign-in."""

    name = "auth"

    def start(self) -> None:
        endpoint = AccountsEndpoint(self.context.state / "accounts", self.context.recorder)
        self._resources.callback(endpoint.close)
        self.context.mount(PATHS, endpoint.app)

    def variables(self, function: str = "") -> Mapping[str, str]:
        """With this variable firebase-admin accepts unsigned tokens."""
        del function
        return {"FIREBASE_AUTH_EMULATOR_HOST": self.context.url.removeprefix("http://")}
