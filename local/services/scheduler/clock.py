"""Calls functions by the clock, as Cloud Scheduler does: by a cron expression in a time zone.

Not implemented: retries of a failed call (the next one replaces it).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim

from infra.catalogue import Catalogue, ScheduleFunction
from local.services.functions.processes import Functions
from local.services.functions.responses import FunctionDown

log = logging.getLogger(__name__)

BODY = b"{}"
"""Of each call, which means nothing: a POST has a length (infra/schedules.tf)."""


def _now() -> datetime:
    return datetime.now(UTC)


class Schedules:
    """The schedules of a catalogue, active from `start` to `stop`; `tick` calls a function at any time."""

    def __init__(
        self,
        catalogue: Catalogue,
        functions: Functions,
        authorization: Callable[[str], str] = lambda _function: "",
        clock: Callable[[], datetime] = _now,
    ) -> None:
        """`authorization` returns the header of each call of a function.

        Raises cronsim.CronSimError or zoneinfo.ZoneInfoNotFoundError for an invalid schedule."""
        self.all = {schedule.name: schedule for schedule in catalogue.of_kind(ScheduleFunction)}
        """The scheduled functions, by name."""
        self._functions = functions
        self._authorization = authorization
        self._clock = clock
        self._stopped = threading.Event()
        for schedule in self.all.values():
            next_time(schedule, clock())

    def start(self) -> None:
        """Call each function at its scheduled times from now on."""
        for schedule in self.all.values():
            name = f"schedule {schedule.name}"
            threading.Thread(target=self._run, args=(schedule,), name=name, daemon=True).start()

    def stop(self) -> None:
        """Start no more calls; a running call ends with its function."""
        self._stopped.set()

    def tick(self, name: str, due: datetime | None = None) -> int:
        """Call the function now, with its scheduled time `due`; returns the status. Raises FunctionDown."""
        headers = [
            ("User-Agent", "Google-Cloud-Scheduler"),
            ("Content-Type", "application/json"),
            ("Authorization", self._authorization(name)),
            ("X-CloudScheduler", "true"),
            ("X-CloudScheduler-JobName", self.all[name].service),
            ("X-CloudScheduler-ScheduleTime", (due or self._clock()).isoformat(timespec="seconds")),
        ]
        return self._functions.request(name, "POST", "/", headers, BODY).status

    def _run(self, schedule: ScheduleFunction) -> None:
        due = self._clock()
        while True:
            # From now, not from the last time: calls missed while the machine slept are not repeated.
            due = next_time(schedule, max(due, self._clock()))
            if self._stopped.wait((due - self._clock()).total_seconds()):
                return
            try:
                status = self.tick(schedule.name, due)
            except FunctionDown as error:
                log.error("%s: %s", schedule.name, error)
            else:
                log.log(logging.INFO if status < 300 else logging.ERROR, "%s: status %s", schedule.name, status)


def next_time(schedule: ScheduleFunction, after: datetime) -> datetime:
    """The first time of a schedule after `after`, in the schedule's time zone."""
    return next(CronSim(schedule.schedule, after.astimezone(ZoneInfo(schedule.zone))))
