"""Calls functions by the clock, as Cloud Scheduler does: at the times of a line of cron, in its time zone.

Not here: repetitions of a tick that failed (the next one makes up for it), and identity tokens, which nothing checks.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim

from infra.catalogue import Catalogue, ScheduleFunction
from local.services.functions.processes import FunctionDown, Functions

log = logging.getLogger(__name__)


def _now() -> datetime:
    return datetime.now(UTC)


class Schedules:
    """The schedules of a catalogue, kept from `start` to `stop`; `tick` calls a function whenever it is told."""

    def __init__(self, catalogue: Catalogue, functions: Functions, clock: Callable[[], datetime] = _now) -> None:
        """Raises cronsim.CronSimError or zoneinfo.ZoneInfoNotFoundError for a time that there is not."""
        self.all = {schedule.name: schedule for schedule in catalogue.of_kind(ScheduleFunction)}
        """The functions that have a schedule, by name."""
        self._functions = functions
        self._clock = clock
        self._stopped = threading.Event()
        for schedule in self.all.values():
            following(schedule, clock())

    def start(self) -> None:
        """Call each function at its times from now on."""
        for schedule in self.all.values():
            name = f"schedule {schedule.name}"
            threading.Thread(target=self._keep, args=(schedule,), name=name, daemon=True).start()

    def stop(self) -> None:
        """Begin no further tick; one that is under way ends with its function."""
        self._stopped.set()

    def tick(self, name: str, due: datetime | None = None) -> int:
        """Call the function now, for the time at which it was `due`; returns the status. Raises FunctionDown."""
        headers = [
            ("User-Agent", "Google-Cloud-Scheduler"),
            ("X-CloudScheduler", "true"),
            ("X-CloudScheduler-JobName", self.all[name].service),
            ("X-CloudScheduler-ScheduleTime", (due or self._clock()).isoformat(timespec="seconds")),
        ]
        return self._functions.request(name, "POST", "/", headers).status

    def _keep(self, schedule: ScheduleFunction) -> None:
        due = self._clock()
        while True:
            # From now, not from the last time: what was missed while the machine slept is not made up for.
            due = following(schedule, max(due, self._clock()))
            if self._stopped.wait((due - self._clock()).total_seconds()):
                return
            try:
                status = self.tick(schedule.name, due)
            except FunctionDown as error:
                log.error("%s: %s", schedule.name, error)
            else:
                log.log(logging.INFO if status < 300 else logging.ERROR, "%s: status %s", schedule.name, status)


def following(schedule: ScheduleFunction, after: datetime) -> datetime:
    """The first time of a schedule after a moment, in the schedule's own zone."""
    return next(CronSim(schedule.schedule, after.astimezone(ZoneInfo(schedule.zone))))
