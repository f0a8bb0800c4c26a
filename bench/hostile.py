"""The cost of the worst requests and of the worst PDFs.

A request is measured from the bytes of its body to the argument of the handler, or to the problem response. What comes
before is one read of Firestore, what comes after works on values that have bounds. The floor of a body is `json.loads`
of a megabyte of numbers, and that of a picture its decoding by Pillow. The peer of a PDF is reportlab's own Paragraph
with as much ordinary text. Processor time is a ratio to these, in the same run. Memory is a share of the limit, because
an instance has 512 MB for eight requests; the memory of pictures is Pillow's own and not seen by this measurement.
"""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO

import flask
from PIL import Image
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Paragraph, SimpleDocTemplate

from bench.hostile_bodies import BODIES, SIZE, TEXTS
from bench.measure import Comparison, medians, timed
from shared.records.problems import Problem
from shared.render.documents import LetterheadBlock, PatientBlock, ReportDocument, ReportSection, ReportStatement
from shared.render.logo import ready_to_print
from shared.render.pdf import report_pdf
from shared.store.context import utc_now
from shared.web.operations import Operation
from shared.web.request import check_body, parse_arguments
from shared.web.response import problem_response
from tools.openapi.document import apis

REQUEST_BOUND = 2.0
"""Measured: 1.0 to 1.5."""
PICTURE_BOUND = 6.0
"""A picture is decoded, scaled twice and encoded. Measured: 4."""
PDF_BOUND = 15.0
"""The worst text has 20,000 lines on 417 pages, that of the peer 9. Measured: 9 to 11."""
LIMIT = 64_000_000
"""Bytes of memory of one request."""
QUERY_BYTES = 8_000
"""The longest request line that the server accepts."""


@dataclass(frozen=True)
class Case:
    """An operation with hostile inputs by name."""

    name: str
    inputs: Mapping[str, Callable[[], object]]
    floor: Callable[[], object]
    bound: float
    has_memory: bool = True
    """False if Python does not see the memory."""


def requests(rounds: int, names: Iterable[str] = ()) -> list[Comparison]:
    """The worst request of each operation, or of those with these names."""
    chosen = set(names)
    cases = [case for case in _cases() if not chosen or case.name in chosen]
    return [found for case in cases for found in _worst(rounds, case)]


def pdfs(rounds: int, names: Iterable[str] = ()) -> list[Comparison]:
    """The worst PDF of 40 kB of text, or of the texts with these names."""
    texts = {name: text for name, text in TEXTS.items() if name in names or not names}
    inputs = {name: _printing(text) for name, text in texts.items()}
    return _worst(rounds, Case("report of 40 kB", inputs, _print_by_peer, PDF_BOUND))


def _worst(rounds: int, case: Case) -> list[Comparison]:
    """Processor time and memory of the input that costs most of each."""
    for act in case.inputs.values():
        act()  # models and fonts are loaded at their first use
    cases = {name: timed(act) for name, act in case.inputs.items()}
    seconds = medians(rounds, {**cases, "": timed(case.floor)})
    theirs = seconds.pop("")
    slowest = max(seconds, key=lambda name: seconds[name])
    time_taken = Comparison(f"{case.name}: time, {slowest}", seconds[slowest], theirs, case.bound)
    if not case.has_memory:
        return [time_taken]
    peaks = {name: _peak(act) for name, act in case.inputs.items()}
    largest = max(peaks, key=lambda name: peaks[name])
    return [time_taken, Comparison(f"{case.name}: memory, {largest}", peaks[largest], LIMIT, 1.0)]


def _cases() -> Iterator[Case]:
    numbers = BODIES["many numbers"]()
    pictures = dict(_pictures())
    for api in apis():
        for operation in api.operations:
            name = f"{api.resource}.{operation.name}"
            if operation.body:
                sent = {kind: _sending(operation, make()) for kind, make in BODIES.items()}
                yield Case(name, sent, lambda: json.loads(numbers), REQUEST_BOUND)
            elif operation.upload:
                scaled = {kind: _scaling(picture) for kind, picture in pictures.items()}
                yield Case(name, scaled, _decoding(pictures["png"]), PICTURE_BOUND, has_memory=False)
            elif operation.query:
                asked = {kind: _asking(operation, query) for kind, query in _queries()}
                yield Case(name, asked, lambda: json.loads(numbers), REQUEST_BOUND)


def _sending(operation: Operation, body: bytes) -> Callable[[], object]:
    """Parse the body as that of the operation."""
    assert len(body) <= SIZE
    return lambda: _parse(operation, method=operation.method, data=body, content_type=operation.media_types[0])


def _asking(operation: Operation, query: str) -> Callable[[], object]:
    return lambda: _parse(operation, method="GET", query_string=query)


def _parse(operation: Operation, **request: str | bytes) -> object:
    with flask.Flask("hostile").test_request_context("/", **request) as context:
        try:
            check_body(context.request, operation)
            return parse_arguments(context.request, operation)
        except Problem as problem:
            return problem_response(problem, "0" * 32).get_data()


def _queries() -> Iterator[tuple[str, str]]:
    yield "many parameters", "&".join(f"x{number}=1" for number in range(QUERY_BYTES // 8))
    yield "one parameter many times", "&".join(["page_size=1"] * (QUERY_BYTES // 12))
    yield "one long value", f"page_token={'x' * QUERY_BYTES}"


def _pictures() -> Iterator[tuple[str, bytes]]:
    yield "png", _picture((2000, 2000), "RGBA", "PNG")
    yield "flat png", _picture((4_000_000, 1), "L", "PNG")
    yield "deep png", _picture((2000, 2000), "I;16", "PNG")
    yield "photograph", _picture((4000, 4000), "RGB", "JPEG")
    yield "progressive photograph", _picture((2000, 2000), "RGB", "JPEG", progressive=True)


def _picture(size: tuple[int, int], mode: str, form: str, **options: bool) -> bytes:
    content = BytesIO()
    Image.new(mode, size).save(content, form, **options)
    return content.getvalue()


def _scaling(picture: bytes) -> Callable[[], object]:
    return lambda: ready_to_print(picture)


def _decoding(picture: bytes) -> Callable[[], object]:
    return lambda: Image.open(BytesIO(picture)).load()


def _printing(text: str) -> Callable[[], object]:
    letterhead = LetterheadBlock("Meera Iyer", "MD", "KMC 45821", "Banyan Mind Clinic", "14, 3rd Cross")
    report = ReportDocument(
        letterhead,
        PatientBlock("Ananya Rao", "PAT-20260001"),
        at=utc_now(),
        report_number="REP-20260001",
        session_number="SESS-20260001",
        visit_started=utc_now(),
        zone="Asia/Kolkata",
        version=1,
        sections=(ReportSection("Plan", (ReportStatement(text),)),),
    )
    return lambda: report_pdf(report)


def _print_by_peer() -> None:
    """A PDF of ordinary words by reportlab's own Paragraph."""
    words = Paragraph(TEXTS["words"], getSampleStyleSheet()["BodyText"])
    SimpleDocTemplate(BytesIO()).build([words])


def _peak(act: Callable[[], object]) -> float:
    """The memory that is allocated by Python at the most, in bytes."""
    tracemalloc.start()
    try:
        act()
        return float(tracemalloc.get_traced_memory()[1])
    finally:
        tracemalloc.stop()
