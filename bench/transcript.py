"""From the recognition of three hours to the report: each step takes at most a second, and no work grows faster than
what it is done on.

The result has the form of Speech-to-Text. Its words are of a small vocabulary with numbers, drugs, negations and sides,
so the checks of statements have work. Drafts are of two kinds: a usual one, and one whose every statement cites as many
segments as it may. The PDF is compared by the page, and the memory of the process after many rounds with that before.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from multiprocessing import get_context
from statistics import median
from typing import Any

import psutil
from pypdf import PdfReader

from bench import paper
from bench.measure import Comparison, interleaved, medians, timed
from bench.sealing import new_aead
from bench.tables import console, show_milliseconds
from shared.gateways import speech_result
from shared.records.record import Stamp
from shared.records.reports.statements import MOST_CITED
from shared.records.templates.sections import leaves_of
from shared.records.templates.shipped import default_sections
from shared.records.visits.segment import Segment
from shared.records.visits.segments import segments_of
from shared.records.visits.speech import Speaker
from shared.records.visits.transcript_part import TranscriptPart, part_id, parts_of
from shared.render.documents import ReportDocument, ReportSection, ReportStatement
from shared.render.pdf import report_pdf
from shared.store import codec
from shared.workflows.reports.answer import read_draft
from shared.workflows.reports.prompt import Evidence, prompts_for

SHORT, LONG = 30, 180
"""Minutes of speech."""
LIMIT = 1.0
"""Processor seconds of each step of the long one, in its fastest round: other work on the machine only adds to them."""
LINEAR_BOUND = 1.3
"""A minute, or a page, of the long one over that of the short one."""
MEMORY_BOUND = 1.05
"""After ten rounds over after two."""
STATEMENTS_A_MINUTE = 1.6
"""Of a usual draft: three hours have 288, each with three citations."""
CROWDED = 150
"""Statements that all cite as many segments as they may: of twice as many, the report could not be stored."""
PRINTED = (60, 1_960)
"""Statements of the reports of 2 and 50 pages."""
_WORDS_A_MINUTE, _A_SECTION = 150, 20
_AT = datetime(2026, 11, 4, 9, 0, tzinfo=UTC)
_SPOKEN = """
the patient says that sleep has been poor for about six weeks and appetite fell while work was stressful he takes
sertraline 50 mg every morning with no side effects and denies any thought of harm we should increase to 75 mg and
review in two weeks mood anxiety panic attack breathing exercise left knee
"""
Steps = Mapping[str, Callable[[], object]]


@dataclass(frozen=True)
class Visit:
    """A visit of some minutes: what each step begins with."""

    minutes: int
    result: bytes
    segments: list[Segment]
    crowded: str
    """An answer of the writer whose every statement cites as many segments as it may."""
    steps: Steps


def run(rounds: int) -> list[Comparison]:
    """Compare, and print a table."""
    found = compare(rounds)
    console.print(f"{LONG // 60} hours of speech, against a second or {SHORT} minutes: processor ms")
    memory = [one for one in found if one.name == "memory"]
    show_milliseconds([one for one in found if one not in memory], f"{LONG} minutes", "limit or short")
    for one in memory:
        console.print(f"memory: {one.ours / 1e6:.0f} MB after ten rounds, {one.theirs / 1e6:.0f} MB after two\n")
    return found


def compare(rounds: int) -> list[Comparison]:
    """Each step of the long visit against LIMIT, and its parts by the minute and by the page."""
    with get_context("spawn").Pool(1) as pool:
        before, after = pool.apply(memory)
    short, long = visit(SHORT), visit(LONG)
    cases = {(one.minutes, name): timed(step) for one in (short, long) for name, step in one.steps.items()}
    measured = interleaved(rounds, cases)
    found = [Comparison(name, min(measured[LONG, name]), LIMIT, 1.0) for name in long.steps]
    for name in ("parse the result", "read a draft"):
        of_long, of_short = (median(measured[minutes, name]) / minutes for minutes in (LONG, SHORT))
        found.append(Comparison(f"{name}: a minute", of_long, of_short, LINEAR_BOUND))
    return [*found, _pages(rounds), Comparison("memory", after, before, MEMORY_BOUND)]


def visit(minutes: int) -> Visit:
    """A visit of so many minutes, the same at each call."""
    draw = random.Random(minutes)
    result = json.dumps(_recognised(minutes, draw)).encode()
    speakers = [Speaker.PRACTITIONER, Speaker.PATIENT]
    heard = speech_result.parse(result, speakers)
    segments, sections = segments_of(heard.utterances), default_sections()
    parts = [
        TranscriptPart.new(part_id("p-s-t1", place), Stamp("system", _AT), segments=part)
        for place, part in enumerate(parts_of(segments), start=1)
    ]
    key, leaves = new_aead(), list(leaves_of(sections))
    sealed = [codec.encode(part, key, "clinic", "care") for part in parts]
    usual, crowded = _answer(segments, int(STATEMENTS_A_MINUTE * minutes), 3), _answer(segments, CROWDED, MOST_CITED)
    steps: dict[str, Callable[[], object]] = {
        "parse the result": lambda: speech_result.parse(result, speakers),
        "make segments": lambda: segments_of(heard.utterances),
        "seal": lambda: [codec.encode(part, key, "clinic", "care") for part in parts],
        "open": lambda: [codec.decode(TranscriptPart, one, key, "clinic", "care") for one in sealed],
        "write the prompt": lambda: prompts_for(leaves, Evidence(segments)),
        "read a draft": lambda: read_draft([usual], sections, Evidence(segments)),
        "read a draft that cites all it may": lambda: read_draft([crowded], sections, Evidence(segments)),
        "print": partial(report_pdf, report(int(STATEMENTS_A_MINUTE * minutes))),
    }
    return Visit(minutes, result, segments, crowded, steps)


def report(statements: int) -> ReportDocument:
    """A report with so many statements, in sections of equal length."""
    texts = [ReportStatement(f"{paper.LATIN} It is statement {number} of them.") for number in range(statements)]
    starts = range(0, statements, _A_SECTION)
    sections = tuple(ReportSection(f"Section {start}", tuple(texts[start : start + _A_SECTION])) for start in starts)
    return replace(paper.page(paper.LATIN), sections=sections)


def memory() -> tuple[float, float]:
    """Bytes of this process after two rounds of all steps, and after ten more."""
    steps = visit(LONG).steps.values()
    after = []
    for rounds in (2, 10):
        for _ in range(rounds):
            for step in steps:
                step()
        after.append(float(psutil.Process().memory_info().rss))
    return after[0], after[1]


def _pages(rounds: int) -> Comparison:
    """A page of a long report against one of a short one."""
    documents = [report(statements) for statements in PRINTED]
    short, long = (len(PdfReader(BytesIO(report_pdf(one))).pages) for one in documents)
    cases = {pages: timed(partial(report_pdf, one)) for pages, one in zip((short, long), documents, strict=True)}
    seconds = medians(rounds, cases)
    return Comparison(f"a page of {long} against {short}", seconds[long] / long, seconds[short] / short, LINEAR_BOUND)


def _recognised(minutes: int, draw: random.Random) -> dict[str, Any]:
    """The result of a recognition of two channels in turn, with sentences of twelve words."""
    vocabulary, results, at = _SPOKEN.split(), list[dict[str, Any]](), 0.0
    for _ in range(minutes * _WORDS_A_MINUTE // 34):
        words = []
        for place in range(draw.randrange(8, 60)):
            at += 0.4
            words.append(
                {
                    "word": draw.choice(vocabulary) + ("." if place % 12 == 11 else ""),
                    "startOffset": f"{at - 0.4:.3f}s",
                    "endOffset": f"{at - 0.05:.3f}s",
                    "confidence": round(draw.uniform(0.4, 0.99), 3),
                }
            )
        said = {"transcript": " ".join(str(one["word"]) for one in words), "confidence": 0.9, "words": words}
        results.append({"alternatives": [said], "channelTag": 1 + len(results) % 2, "resultEndOffset": f"{at:.3f}s"})
    return {"results": results, "metadata": {"totalBilledDuration": f"{2 * at:.0f}s"}}


def _answer(segments: list[Segment], statements: int, cited: int) -> str:
    """A draft whose statements repeat words of what they cite, each with a word of its own."""
    draw, leaves, items = random.Random(statements), list(leaves_of(default_sections())), []
    for number in range(statements):
        chosen = sorted(draw.sample(segments, min(cited, len(segments))), key=lambda one: one.number)
        words = [word for one in chosen[:6] for word in one.text.split()]
        own = "".join(draw.choices("bcdfghklmnprstvw", k=8))
        text = " ".join([*draw.choices(words, k=13), own])
        section = leaves[number % len(leaves)].id
        items.append({"section": section, "text": text, "segments": [one.number for one in chosen]})
    return json.dumps({"statements": items})
