"""The memory of one instance with as many heavy operations at once as the catalogue allows it.

Each case runs in a process of its own, which loads the function as it is deployed and gets what the operation begins
with from this one. Its peak is compared with the memory of the catalogue. Clients of Google and stored documents are
not in it: they were measured beside it and have the rest.
"""

from __future__ import annotations

import importlib.util
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from typing import Any

import psutil

from bench.measure import Comparison
from bench.tables import console, show
from infra.catalogue import ROOT, load

BOUND = 0.75
"""Of the memory of the catalogue."""
_UNITS = {"Mi": 1 << 20, "Gi": 1 << 30}
_HOURS = 3
_INTERVAL = 0.005
"""Seconds between two looks at the memory."""


@dataclass(frozen=True)
class Case:
    """A heavy operation of a function."""

    function: str
    name: str
    step: Callable[[Any], object]
    made: Callable[[], object]
    """Makes what a step begins with; called here, and not where the memory is measured."""


def run(rounds: int) -> Sequence[Comparison]:
    """Measure each case so many times, and print the largest peaks."""
    found = [(case, max(measured(case) for _ in range(rounds))) for case in CASES]
    console.print("The memory of an instance with the concurrency of the catalogue: MiB")
    rows = []
    for case, (start, peak) in found:
        function = load().functions[case.function]
        numbers = (f"{function.concurrency}", f"{start >> 20}", f"{peak >> 20}", function.memory)
        rows.append((f"{case.function}: {case.name}", *numbers))
    show(("at once", "loaded", "peak", "catalogue"), rows)
    return [
        Comparison(f"memory of {case.function}", float(peak), float(memory_of(case.function)), BOUND)
        for case, (_, peak) in found
    ]


def memory_of(function: str) -> int:
    """Bytes of an instance, as the catalogue says."""
    stated = load().functions[function].memory
    return int(stated[:-2]) * _UNITS[stated[-2:]]


def measured(case: Case) -> tuple[int, int]:
    """Bytes of a process that has loaded the function, and its peak with its operations at once."""
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(_peak, (case.function, case.step, case.made(), load().functions[case.function].concurrency))


def _peak(function: str, step: Callable[[Any], object], begin: object, at_once: int) -> tuple[int, int]:
    import functions_framework  # noqa: F401 - as deployed

    file = ROOT / "functions" / function / "main.py"
    spec = importlib.util.spec_from_file_location("main", file)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["main"] = module
    spec.loader.exec_module(module)
    seen, over = [_now()], threading.Event()

    def watch() -> None:
        while not over.wait(_INTERVAL):
            seen.append(_now())

    watcher = threading.Thread(target=watch)
    watcher.start()
    with ThreadPoolExecutor(at_once) as threads:
        for _ in range(2):
            list(threads.map(step, [begin] * at_once))
    over.set()
    watcher.join()
    return seen[0], max(seen)


def _now() -> int:
    """Bytes of this process. The peak that the system keeps is also that of the process which started it."""
    return int(psutil.Process().memory_info().rss)


def _printed(document: Any) -> object:
    from shared.render.pdf import report_pdf

    return report_pdf(document)


def _heard(result: Any) -> object:
    from shared.gateways import speech_result
    from shared.records.visits.segments import segments_of
    from shared.records.visits.speech import Speaker
    from shared.records.visits.transcript_part import parts_of

    heard = speech_result.parse(result, [Speaker.PRACTITIONER, Speaker.PATIENT])
    parts = parts_of(segments_of(heard.utterances))
    return [[one.model_dump_json() for one in part] for part in parts]


def _drafted(begin: Any) -> object:
    from shared.records.templates.sections import leaves_of
    from shared.records.templates.shipped import default_sections
    from shared.workflows.reports.answer import read_draft
    from shared.workflows.reports.prompt import Evidence, prompts_for

    segments, answer = begin
    sections, evidence = default_sections(), Evidence(segments)
    prompts = prompts_for(list(leaves_of(sections)), evidence)
    return prompts, read_draft([answer], sections, evidence)


def _shown(segments: Any) -> object:
    return b"[" + b",".join(one.model_dump_json().encode() for one in segments) + b"]"


def _pages() -> object:
    from bench.transcript import PRINTED, report

    return report(PRINTED[1])


def _visit(part: str) -> object:
    from bench import transcript

    visit = transcript.visit(60 * _HOURS)
    return {"result": visit.result, "segments": visit.segments, "draft": (visit.segments, visit.crowded)}[part]


CASES = (
    Case("reports", "a PDF of 50 pages", _printed, _pages),
    Case("links", "a PDF of 50 pages", _printed, _pages),
    Case("export_report", "a PDF of 50 pages", _printed, _pages),
    Case("on_transcript_ready", f"a result of {_HOURS} hours", _heard, partial(_visit, "result")),
    Case("write_report", f"a draft of {_HOURS} hours", _drafted, partial(_visit, "draft")),
    Case("transcriptions", f"a transcript of {_HOURS} hours", _shown, partial(_visit, "segments")),
)
