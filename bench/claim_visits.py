"""Consultations of public data sets, for the benchmark of the checks: turns, and sentences of the reference notes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.services.gemini import writer
from local.services.gemini.transcript import Section, Turn
from shared.records.claims.claim import Claim
from shared.records.claims.said import Said
from shared.records.claims.support import support_of
from shared.records.templates.sections import leaves_of
from shared.records.templates.shipped import default_sections
from shared.records.visits.speech import Speaker

_FILES = ("fareez_osce_20", "aci_bench_20", "primock57_20")
_SPEAKERS = {"doctor": Speaker.PRACTITIONER, "patient": Speaker.PATIENT}
_LABEL = re.compile(r"^[•*-]?\s*(?:[A-Z][\w ,/()-]{1,40}:\s*)?")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_MOST_LINKS = 4
LINKED = 0.5
"""The share of a sentence's weight that the guessed links must have, for it to have evidence."""


@dataclass(frozen=True)
class Spoken:
    """A turn of a consultation."""

    number: int
    text: str
    speaker: Speaker
    uncertain_words: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Cited:
    """A sentence with the segments that it cites."""

    text: str
    segments: tuple[int, ...]


@dataclass(frozen=True)
class Visit:
    """One consultation; `reference` are the sentences of the note that a person wrote."""

    id: str
    turns: Sequence[Spoken]
    reference: Sequence[str]

    def own(self) -> list[Cited]:
        """The statements of the local writer, with its own citations."""
        turns = [Turn(one.number, one.speaker.upper(), one.text) for one in self.turns]
        sections = [Section(leaf.id, leaf.title) for leaf in leaves_of(default_sections())]
        return [Cited(one.text, one.segments) for one in writer.write(sections, turns)]


def visits(folder: Path, half: int) -> list[Visit]:
    """Every second consultation: half 0 to develop on, half 1 to report."""
    return [visit for name in _FILES for visit in _visits(folder / f"{name}.jsonl")[half::2]]


def _visits(path: Path) -> list[Visit]:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.is_file() else []
    return [Visit(row["id"], _turns(row), list(_sentences(row.get("note", "")))) for row in rows]


def _turns(row: dict[str, Any]) -> list[Spoken]:
    said = [(turn.get("clean", turn["text"]), turn["speaker"]) for turn in row["turns"]]
    kept = [(text, _SPEAKERS.get(speaker, Speaker.OTHER)) for text, speaker in said if text.strip()]
    return [Spoken(number, text, speaker) for number, (text, speaker) in enumerate(kept, start=1)]


def _sentences(note: str) -> Iterator[str]:
    for line in note.splitlines():
        bare = _LABEL.sub("", line.strip(), count=1) if line.strip() else ""
        if bare and not bare.isupper():
            yield from (one.strip() for one in _SENTENCE_END.split(bare) if len(one.split()) >= 3)


def linked(said: Said, sentences: Iterable[str]) -> list[Cited]:
    """The sentences that have evidence, with guessed links to it."""
    found = (Cited(text, _links(said, text)) for text in sentences)
    return [one for one in found if one.segments and (share_of(said, one) or 0) >= LINKED]


def share_of(said: Said, one: Cited) -> float | None:
    """The weighted share of a sentence that was said near its links."""
    claim = claim_of(said, one)
    return support_of(claim)


def claim_of(said: Said, one: Cited) -> Claim:
    return Claim(one.text, said, tuple(said.index[number] for number in one.segments))


def _links(said: Said, text: str) -> tuple[int, ...]:
    """The lines that together have most of the sentence's weight, the best one first."""
    claim = Claim(text, said, ())
    missing = {term.key for term in claim.terms}
    wanted = list(claim.quantities)
    chosen: list[int] = []
    while len(chosen) < _MOST_LINKS and (missing or wanted):
        scores = {}
        for at, line in enumerate(said.lines):
            terms = sum(said.weight(one) for one in missing & {mention.term.key for mention in line.mentions})
            counts = sum(any(one.fits(other) for other in line.quantities) for one in wanted)
            scores[at] = terms + 2 * counts - 0.02 * min((abs(at - other) for other in chosen), default=0)
        best = max(scores, key=lambda at: scores[at])
        if scores[best] < 1:
            break
        chosen.append(best)
        missing -= {mention.term.key for mention in said.lines[best].mentions}
        wanted = [one for one in wanted if not any(one.fits(other) for other in said.lines[best].quantities)]
    return tuple(said.lines[at].number for at in sorted(chosen))
