"""The clinic's account at its payment provider. Its secrets are written by an admin and answered to nobody."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Self

from pydantic import StringConstraints

from shared.records.privacy import Encrypted, Internal, Plain
from shared.records.record import Keyset, Record, Stamp, Value
from shared.records.types import Moment

PROVIDER_ID = "online"
"""The id of the one account of a clinic."""
OLD_SECRET_COUNTS_FOR = timedelta(days=2)
"""Razorpay signs repetitions of an event, for 24 hours, with the secret that held when the event arose
(razorpay.com/docs/webhooks/faqs)."""


class ProviderName(StrEnum):
    """The payment providers that the product knows."""

    RAZORPAY = "razorpay"


KeyId = Annotated[str, StringConstraints(pattern=r"^rzp_(live|test)_[A-Za-z0-9]{8,40}$")]
"""The public half of an API key; it says whether money moves (`live`)."""
Secret = Annotated[str, StringConstraints(pattern=r"^[!-~]{8,200}$")]
WebhookSecret = Annotated[str, StringConstraints(pattern=r"^[!-~]{16,200}$")]
"""Long enough that nobody guesses it: who knows it can say that a bill is paid."""


class ProviderUpdate(Value):
    """The clinic's account at a payment provider. The secrets are written and never answered."""

    provider: ProviderName = ProviderName.RAZORPAY
    enabled: bool = True
    """False: no new links are made. Events of earlier ones are still booked."""
    key_id: KeyId
    key_secret: Secret
    webhook_secret: WebhookSecret
    """Your own choice of at least 16 characters; the same one is entered at the provider."""


class PaymentProvider(Record):
    """The clinic's account at a payment provider, without its secrets."""

    kind: ClassVar[str] = "PaymentProvider"
    collection: ClassVar[str] = "payment_providers"
    keyset: ClassVar[Keyset] = Keyset.CLINIC

    provider: Plain[ProviderName]
    enabled: Plain[bool]
    key_id: Encrypted[KeyId]
    stored_key_secret: Internal[Encrypted[Secret]]
    stored_webhook_secret: Internal[Encrypted[WebhookSecret]]
    earlier_webhook_secret: Internal[Encrypted[WebhookSecret | None]] = None
    webhook_secret_changed_at: Plain[Moment | None] = None

    @classmethod
    def connected(cls, update: ProviderUpdate, stamp: Stamp) -> Self:
        """The account when an admin enters it for the first time."""
        return cls.new(PROVIDER_ID, stamp, **_fields(update))

    def updated(self, update: ProviderUpdate, stamp: Stamp) -> Self:
        """The account after an admin changed it; the webhook secret before counts for two days more."""
        changed = update.webhook_secret != self.stored_webhook_secret
        earlier = {"earlier_webhook_secret": self.stored_webhook_secret, "webhook_secret_changed_at": stamp.at}
        return self.edited(stamp, **_fields(update), **(earlier if changed else {}))

    def webhook_secrets(self, now: datetime) -> list[str]:
        """The secrets with which an event may be signed now."""
        changed_at, earlier = self.webhook_secret_changed_at, self.earlier_webhook_secret
        if earlier is None or changed_at is None or now >= changed_at + OLD_SECRET_COUNTS_FOR:
            return [self.stored_webhook_secret]
        return [self.stored_webhook_secret, earlier]


def _fields(update: ProviderUpdate) -> dict[str, Any]:
    """The fields of an account that an update sets. The secrets have other names: no answer may have theirs."""
    same = {name: getattr(update, name) for name in ("provider", "enabled", "key_id")}
    return {**same, "stored_key_secret": update.key_secret, "stored_webhook_secret": update.webhook_secret}
