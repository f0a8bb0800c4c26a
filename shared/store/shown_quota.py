"""The quota of patient records that a person is shown in an hour: bounds what a stolen sign-in can copy.

Each read adds the number of its records to a counter in the commit of its audit entry. Firestore answers with the sum,
so the check costs no further call, and of two concurrent reads at the bound one is refused.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.records.conflict_codes import LimitCode
from shared.records.problems import TooManyRequests

_log = logging.getLogger("synapse.security")

WINDOW = timedelta(hours=1)
RETENTION = timedelta(hours=24)
"""How long a counter is kept after its hour, for an investigation."""
COUNT = "shown"


@dataclass(frozen=True)
class ShownQuota:
    """The quota of one person in one clock hour (UTC)."""

    user_id: str
    now: datetime
    limit: int
    """Records in an hour."""

    @property
    def path(self) -> str:
        """The path of the counter below its clinic."""
        return f"quotas/{self.user_id}-{self._start:%Y%m%dT%H}"

    @property
    def seconds_left(self) -> int:
        """Seconds until the next hour, rounded up."""
        return max(1, math.ceil((self._start + WINDOW - self.now).total_seconds()))

    @property
    def expires_at(self) -> datetime:
        """When the counter may be deleted."""
        return self._start + WINDOW + RETENTION

    def require(self, total: int, clinic_id: str) -> None:
        """Raises TooManyRequests, after a security event, when this hour's total is above the limit."""
        if total <= self.limit:
            return
        _log.error("quota of shown records exceeded", extra={"clinic_id": clinic_id, "user_id": self.user_id})
        raise TooManyRequests(
            LimitCode.RECORDS_SHOWN,
            f"at most {self.limit} patient records are shown to one person in an hour",
            retry_after=self.seconds_left,
        )

    @property
    def _start(self) -> datetime:
        return self.now.replace(minute=0, second=0, microsecond=0)
