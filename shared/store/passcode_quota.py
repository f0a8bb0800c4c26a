"""The quota of wrong passcodes of a clinic in an hour: bounds guessing over many links.

The links of a clinic are divided into shards by their ids, each with a counter of its own: no document is written by
all of them, and guessing at one link makes only some others wait. A counter is not written any more once it is full.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

SHARDS = 8
MOST_IN_HOUR = 25
"""Wrong passcodes of one shard: five links that are locked. Of a clinic eight times as many."""
COUNT = "wrong_passcodes"
_WINDOW = timedelta(hours=1)
_RETENTION = timedelta(hours=24)


@dataclass(frozen=True)
class PasscodeQuota:
    """The wrong passcodes at one shard of links in one clock hour (UTC)."""

    link_id: str
    now: datetime

    @property
    def path(self) -> str:
        """The path of the counter below its clinic."""
        shard = int(self.link_id[-1], 16) % SHARDS  # the id of a link is a hash in hexadecimal
        return f"quotas/links-{shard}-{self._start:%Y%m%dT%H}"

    @property
    def expires_at(self) -> datetime:
        """When the counter may be deleted."""
        return self._start + _WINDOW + _RETENTION

    @property
    def seconds_left(self) -> int:
        """Seconds until the next hour, rounded up."""
        return max(1, math.ceil((self._start + _WINDOW - self.now).total_seconds()))

    @property
    def _start(self) -> datetime:
        return self.now.replace(minute=0, second=0, microsecond=0)
