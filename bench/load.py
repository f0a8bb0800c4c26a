"""One instance under load: a function as it is deployed, by gunicorn, and requests that come whether it is ready or
not.

The capacity is what so many connections get through when each sends the next request at once. The delays are measured
at a share of that, in an open loop: request number n is due at n divided by the rate, and its delay counts from then,
so an answer that waits behind a slow one is not left out (coordinated omission). Database and generator share the
machine with the instance, so absolute numbers are those of this machine.
"""

from __future__ import annotations

import http.client
import itertools
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

import psutil

from bench.measure import Comparison
from bench.programs import served
from bench.requests.setting import Setting
from bench.stacks import embedded
from bench.tables import console, milliseconds, show
from bench.visit import Asked

OPERATIONS = ("GET patient", "POST patient")
CONCURRENCIES = (1, 8, 32)
SHARE = 0.7
"""Of the capacity, as the rate of the open loop."""
_FUNCTION = "patients"
_Request = Callable[[], Asked]


@dataclass(frozen=True)
class Load:
    """What one instance did."""

    operation: str
    concurrency: int
    capacity: float
    """Answers a second."""
    delays: Sequence[float]
    """Seconds from when a request was due, at SHARE of the capacity."""
    processor: float
    """Seconds of the instance for a request."""
    generator: float
    """Seconds of the generator for a request."""

    def percentile(self, percent: int) -> float:
        return quantiles(self.delays, n=100, method="inclusive")[percent - 1]


def run(seconds: int) -> Sequence[Comparison]:
    """Measure each operation for so many seconds at each concurrency. Nothing has a bound here: `registrations` has."""
    with tempfile.TemporaryDirectory() as folder, embedded() as stack, ExitStack() as running:
        setting = Setting(stack, Path(folder), running)
        operations = {one.name: one for one in setting.prepared.operations()}
        found = []
        environment, log = setting.environment(_FUNCTION), setting.log("served")
        with served(_FUNCTION, setting.staged(_FUNCTION), environment, log) as (port, process):
            for name, concurrency in itertools.product(OPERATIONS, CONCURRENCIES):
                instance = Instance(port, process, setting.authorization())
                found.append(instance.measure(name, operations[name].ask, concurrency, seconds))
    console.print(f"One instance: requests a second, delays in ms at {SHARE:.0%} of them, processor ms a request")
    rows = []
    for one in found:
        delays = milliseconds(one.percentile(50), one.percentile(99), digits=0)
        costs = milliseconds(one.processor, one.generator, digits=1)
        rows.append((f"{one.operation}, {one.concurrency} at once", f"{one.capacity:.0f}", *delays, *costs))
    show(("a second", "p50", "p99", "instance", "generator"), rows)
    return []


@dataclass(frozen=True)
class Instance:
    """A running function."""

    port: int
    process: psutil.Process
    authorization: tuple[str, str]

    def measure(self, name: str, ask: _Request, concurrency: int, seconds: float) -> Load:
        """The capacity, and the delays at a share of it. Raises AssertionError for a refusal."""
        self._send(ask, concurrency, seconds / 4, None)
        used, own, begin = self._processor(), time.process_time(), time.perf_counter()
        answered = len(self._send(ask, concurrency, seconds, None))
        capacity = answered / (time.perf_counter() - begin)
        processor = (self._processor() - used) / answered
        generator = (time.process_time() - own) / answered
        delays = self._send(ask, concurrency, seconds, SHARE * capacity)
        return Load(name, concurrency, capacity, delays, processor, generator)

    def _send(self, ask: _Request, concurrency: int, seconds: float, rate: float | None) -> list[float]:
        """The delays of all requests that were due in so many seconds; without a rate, each is due when it is sent."""
        begin, lock, numbers = time.perf_counter(), threading.Lock(), itertools.count()

        def connection() -> list[float]:
            delays: list[float] = []
            client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            while True:
                with lock:
                    number, asked = next(numbers), ask().by(self.authorization)
                due = begin + number / rate if rate else time.perf_counter()
                if due > begin + seconds:
                    client.close()
                    return delays
                time.sleep(max(0.0, due - time.perf_counter()))
                client.request(asked.method, asked.path, asked.body or None, dict(asked.headers))
                answer = client.getresponse()
                content = answer.read()
                delays.append(time.perf_counter() - due)
                assert answer.status < 300, content

        with ThreadPoolExecutor(concurrency) as threads:
            running = [threads.submit(connection) for _ in range(concurrency)]
            return [delay for each in running for delay in each.result()]

    def _processor(self) -> float:
        """Seconds of processor time of the server so far."""
        times = [one.cpu_times() for one in (self.process, *self.process.children(recursive=True))]
        return float(sum(one.user + one.system for one in times))
