"""The checks of claims, measured on consultations: planted errors that are found, true sentences that are doubted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import process_time

from bench.claim_visits import Cited, Spoken, Visit, linked, visits
from bench.planted import RIGHT, planted
from shared.records.claims.checks import Checker
from shared.records.claims.doubt import Doubt, DoubtKind
from shared.records.claims.tokens import tokens_of
from shared.records.drugs.names import drugs_in, medicines

SEED = 15
_SUPPORT = {DoubtKind.WORDS_NOT_IN_EVIDENCE, DoubtKind.TERM_NOT_SAID}
CAUGHT = {"dose": 0.97, "drug": 0.97, "number": 0.97, "side": 0.95, "negation": 0.88, "invented": 0.90}
"""The least share of planted errors that are found: new, and of the right kind."""


@dataclass
class Found:
    """What the checks found in the sentences of one source."""

    name: str
    most_false: float
    sentences: int = 0
    doubted: int = 0
    planted: Counter[str] = field(default_factory=Counter)
    caught: Counter[str] = field(default_factory=Counter)
    false: list[tuple[str, Cited, list[Doubt]]] = field(default_factory=list)
    missed: list[tuple[str, str, Cited, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Bound:
    """One measured value and its bound."""

    name: str
    value: float
    bound: float
    at_least: bool = True

    @property
    def holds(self) -> bool:
        return self.value >= self.bound if self.at_least else self.value <= self.bound

    @property
    def shown_bound(self) -> str:
        return f"{'at least' if self.at_least else 'at most'} {self.bound}"


def measured(folder: Path, half: int) -> tuple[list[Bound], list[Found]]:
    """All bounds on one half of the consultations."""
    all_visits = visits(folder, half)
    checkers = {visit.id: Checker(visit.turns) for visit in all_visits}
    own = Found("own", 0.10)
    reference = Found("reference", 0.12)
    for visit in all_visits:
        said = checkers[visit.id].said
        others = _others(visit, all_visits)
        _measure(own, visit, checkers[visit.id], visit.own(), others)
        _measure(reference, visit, checkers[visit.id], linked(said, visit.reference), others)
    bounds = [bound for found in (own, reference) for bound in _bounds(found)]
    dialogues, left_out = _dialogues(all_visits, checkers), _left_out(all_visits, checkers)
    return [*bounds, *dialogues, *left_out, _speed(all_visits)], [own, reference]


def _others(visit: Visit, all_visits: Sequence[Visit]) -> list[str]:
    """Sentences with content of the reference notes of other visits."""
    return [text for other in all_visits if other.id != visit.id for text in other.reference if len(text.split()) >= 6]


def _measure(found: Found, visit: Visit, checker: Checker, sentences: Iterable[Cited], others: Sequence[str]) -> None:
    for one in sentences:
        before = checker.doubts(one.text, one.segments)
        found.sentences += 1
        found.doubted += bool(before)
        if before:
            found.false.append((visit.id, one, before))
        known = {(doubt.kind, tuple(doubt.words)) for doubt in before}
        for kind, text in planted(one.text, others, Random(f"{SEED} {visit.id} {one.text}")):
            after = checker.doubts(text, one.segments)
            new = [doubt for doubt in after if (doubt.kind, tuple(doubt.words)) not in known]
            found.planted[kind] += 1
            if any(doubt.kind in RIGHT[kind] for doubt in new):
                found.caught[kind] += 1
            else:
                found.missed.append((visit.id, kind, one, text))


def _bounds(found: Found) -> list[Bound]:
    caught = [
        Bound(f"{found.name}: {kind} ({found.planted[kind]})", found.caught[kind] / found.planted[kind], least)
        for kind, least in CAUGHT.items()
        if found.planted[kind]
    ]
    false = found.doubted / found.sentences if found.sentences else 0.0
    return [*caught, Bound(f"{found.name}: false alarms ({found.sentences})", false, found.most_false, at_least=False)]


def _dialogues(all_visits: Sequence[Visit], checkers: dict[str, Checker]) -> list[Bound]:
    """The share of reference sentences that their own dialogue supports, and that another one does."""
    noted = [visit for visit in all_visits if visit.reference]
    right = other = count = 0
    for at, visit in enumerate(noted):
        stranger = checkers[noted[(at + 1) % len(noted)].id]
        for one in linked(checkers[visit.id].said, visit.reference):
            count += 1
            right += _is_supported(checkers[visit.id], one)
            other += any(_is_supported(stranger, link) for link in linked(stranger.said, [one.text]))
    total = max(count, 1)
    return [Bound("right dialogue", right / total, 0.95), Bound("other dialogue", other / total, 0.25, at_least=False)]


def _left_out(all_visits: Sequence[Visit], checkers: dict[str, Checker]) -> list[Bound]:
    """Omissions that are heard when the sentences with a drug or a dose are left out, and those in a whole note."""
    heard = count = false = 0
    noted = [visit for visit in all_visits if visit.reference]
    for visit in noted:
        checker = checkers[visit.id]
        false += len(checker.omissions(visit.reference))
        said = {drug for line in checker.said.lines for drug in line.drugs.values()}
        for drug in sorted(said & {drug for text in visit.reference for drug in _drugs(text)}):
            rest = [text for text in visit.reference if drug not in _drugs(text)]
            count += 1
            heard += any(drug == medicines().get(word) for one in checker.omissions(rest) for word in one.words)
    return [
        Bound(f"omissions heard ({count})", heard / max(count, 1), 0.90),
        Bound("omissions, false a visit", false / max(len(noted), 1), 1.0, at_least=False),
    ]


def _drugs(text: str) -> set[str]:
    return set(drugs_in(tokens_of(text)).values())


def _is_supported(checker: Checker, one: Cited) -> bool:
    return not any(doubt.kind in _SUPPORT for doubt in checker.doubts(one.text, one.segments))


def _speed(all_visits: Sequence[Visit]) -> Bound:
    """Seconds for an hour: 600 turns and 80 statements."""
    turns = [one for visit in all_visits for one in visit.turns][:600]
    hour = [Spoken(number, one.text, one.speaker) for number, one in enumerate(turns, start=1)]
    statements = Visit("hour", hour, ()).own()
    begun = process_time()
    checker = Checker(hour)
    for one in statements:
        checker.doubts(one.text, one.segments)
    return Bound("seconds for 60 minutes", process_time() - begun, 1.0, at_least=False)
