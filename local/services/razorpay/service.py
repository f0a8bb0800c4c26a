"""Razorpay as a service of the stack."""

from __future__ import annotations

from collections.abc import Mapping

from local.services.kit.service import LocalService, ServiceContext
from local.services.razorpay.accounts import Accounts
from local.services.razorpay.endpoint import RazorpayEndpoint


class RazorpayService(LocalService):
    """No money moves: tests pay a link by delivering an event."""

    name = "razorpay"

    def __init__(self, context: ServiceContext) -> None:
        super().__init__(context)
        self.accounts = Accounts()

    def start(self) -> None:
        self._url = self.serve_http(RazorpayEndpoint(self.accounts, self.context.recorder).app)

    def variables(self, function: str = "") -> Mapping[str, str]:
        del function
        return {"RAZORPAY_ENDPOINT": self._url}
