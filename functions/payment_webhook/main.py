"""/api/v1/payment-webhook: events of the payment provider. Not part of the API's description."""

from __future__ import annotations

from shared.web import payment_webhook

main = payment_webhook.function()
