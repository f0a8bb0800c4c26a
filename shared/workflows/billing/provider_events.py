"""Events of the payment provider: verified by the clinic's webhook secret, and booked."""

from __future__ import annotations

import logging

from shared.gateways.razorpay import is_signed
from shared.records.billing.provider import PaymentProvider
from shared.records.billing.provider_event import read_event
from shared.records.problems import BadRequest, Forbidden
from shared.store.clinic import Clinic
from shared.workflows.billing import online
from shared.workflows.billing.providers import PROVIDER

_log = logging.getLogger("synapse.jobs")
_security = logging.getLogger("synapse.security")
REFUSED = "payment event refused"
"""The log line that is alerted (infra/alerts.tf)."""
_NO_SECRET = "-" * 32
"""Signs nothing: a clinic without a provider is refused in the same way as a wrong signature."""


def accept(clinic: Clinic, body: bytes, signature: str, event_id: str) -> None:
    """Book what a signed event says. Returns also for one that changes nothing, and for one that cannot be read: the
    provider would repeat it in vain.

    Raises BadRequest for an unknown clinic, one without a provider and a wrong signature alike, and Unavailable for
    what is worth a repetition.
    """
    provider = _provider(clinic)
    secrets = provider.webhook_secrets(clinic.now()) if provider else [_NO_SECRET]
    if not is_signed(body, signature, secrets) or provider is None:
        if provider is not None:
            _security.warning(REFUSED, extra={"clinic_id": clinic.id, "reason": "signature"})
        raise BadRequest
    try:
        news = read_event(body)
    except ValueError:
        extra = {"reason": "event_unreadable", "id": event_id, "clinic_id": clinic.id}
        _log.warning(online.NEEDS_PERSON, extra=extra)
        return
    if news is not None:
        online.book(clinic, news)


def _provider(clinic: Clinic) -> PaymentProvider | None:
    try:
        return clinic.peek(lambda work: work.get_or_none(PROVIDER))
    except Forbidden:  # there is no such clinic
        return None
