"""The answer to the prompt: the draft, if it passes the checks.

Pure: no I/O. A statement counts only with evidence: existing segments of the transcript or notes of the practitioner.
What can be checked is checked; what is doubtful is marked for the doctor; nothing is added.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic_core import from_json

from shared.lazily import lazily
from shared.records.reports.notes import MOST_NOTES_CITED, Note
from shared.records.reports.pseudonyms import Pseudonyms, UnknownPlaceholder
from shared.records.reports.statements import MOST_CITED, Statement
from shared.records.text import cleaned
from shared.workflows.reports.answer_chunks import CHUNK, stated_once
from shared.workflows.reports.prompt import Evidence, NoDraft

with lazily(globals()):
    from shared.records.claims.consents import is_about_consent, is_history
    from shared.records.claims.doubt import ClaimCheck, other_name_doubt
    from shared.records.claims.kinds import kind_of
    from shared.records.claims.omission import Omission
    from shared.records.reports import repetition
    from shared.records.reports.content import excess_of
    from shared.records.reports.failure import ReportFailure
    from shared.records.reports.findings import listed
    from shared.records.reports.nothing_said import says_nothing
    from shared.records.reports.rejections import Rejection, rejections_of, total
    from shared.records.reports.score_check import scores_checked
    from shared.records.templates.sections import Leaf, Section, contradicted, leaves_of
    from shared.records.templates.style import is_copied
    from shared.records.visits.segment import Segment

if TYPE_CHECKING:
    from shared.records.claims.checks import Checker

LONGEST_STATEMENT = 1_000
"""Characters; a longer text retells the visit and is no statement."""
MOST_STATEMENTS = 400
"""Statements of a draft. A visit of an hour has fewer than 100."""
MOST_CHARACTERS = 1_000_000
"""Characters of an answer; more are not parsed."""

_CITED = {"segments": MOST_CITED, "notes": MOST_NOTES_CITED}
"""The lists of a statement that cite evidence, with their maximum lengths."""


class UnusableDraft(NoDraft):
    """The writer's answer is no draft."""


class UnreadableDraft(UnusableDraft):
    """The answer does not match the requested schema."""

    failure = ReportFailure.DRAFT_UNREADABLE


class EmptyDraft(UnusableDraft):
    """The answer has no statement with evidence."""

    failure = ReportFailure.DRAFT_EMPTY


class LoopingDraft(UnusableDraft):
    """The answer repeats a statement or a phrase over and over."""

    failure = ReportFailure.DRAFT_REPEATS


class OversizedDraft(UnusableDraft):
    """The answer is larger than a report may be."""

    failure = ReportFailure.DRAFT_TOO_LONG


@dataclass(frozen=True)
class Draft:
    """The statements that are believed, and how many were dropped for which reason."""

    statements: list[Statement]
    rejections: list[Rejection] = field(default_factory=list)
    omissions: list[Omission] = field(default_factory=list)
    """All that was said and is in none of the statements, the major first."""
    check: ClaimCheck = ClaimCheck.DONE

    @property
    def rejected(self) -> int:
        """Number of statements that were dropped."""
        return total(self.rejections)


def read_draft(
    answers: Sequence[str],
    sections: Sequence[Section],
    evidence: Evidence,
    style: Sequence[str] = (),
    *,
    languages: Sequence[str] = ("en",),
) -> Draft:
    """The statements with evidence, each once, in the template's order, with their doubts; without those that copy a
    style example or are about consent. There is an answer for each chunk of the transcript. Raises UnusableDraft.

    `languages` are those of the transcript (BCP 47).
    """
    if any(len(answer) > MOST_CHARACTERS for answer in answers):
        raise OversizedDraft
    leaves = {leaf.id: leaf for leaf in leaves_of(sections)}
    order = {id: position for position, id in enumerate(leaves)}
    chunks = [[_cleaned(item, evidence.pseudonyms) for item in _items(answer)] for answer in answers]
    items = [item for chunk in chunks for item in chunk]
    marked = [item | {CHUNK: at} for at, chunk in enumerate(chunks) for item in chunk if isinstance(item, dict)]
    evident = [item for item in marked if _has_evidence(item, leaves, evidence)]
    own = [item for item in evident if not _is_consent(item, evidence)]
    chosen = _chosen(own, leaves)
    believed = [item for item in chosen if not _is_copied(item, style, evidence)]
    stated = stated_once(believed, _CITED)
    if repetition.has_copies((item["section"], item["text"]) for item in stated):
        raise LoopingDraft
    kept = _each_once(stated)
    if len(kept) > MOST_STATEMENTS:
        raise OversizedDraft
    kept.sort(key=lambda item: order[item["section"]])
    check = ClaimCheck.of(*languages, *filter(None, [evidence.language]))
    checker = evidence.checker(check)
    statements = [_statement(f"s{count}", item, checker) for count, item in enumerate(kept, start=1)]
    statements = scores_checked(sections, statements)
    omissions = checker.omissions(one.text for one in statements)
    _require_storable(statements, evidence.notes, sections, listed(omissions)[0])
    if repetition.is_monotonous((one.section, one.text) for one in statements):
        raise LoopingDraft
    if any(repetition.repeats_phrase(one.text) for one in statements):
        raise LoopingDraft
    left = [len(step) for step in (items, evident, own, chosen, believed, kept)]
    return Draft(statements, rejections_of(left), omissions, check)


def cited_notes(statements: Iterable[Statement], notes: Iterable[Note]) -> list[Note]:
    """The notes that statements cite."""
    cited = {number for statement in statements for number in statement.notes}
    return [note for note in notes if note.number in cited]


def _require_storable(
    statements: Sequence[Statement], notes: Iterable[Note], sections: Iterable[Section], omissions: Iterable[Omission]
) -> None:
    """Raises OversizedDraft if the report could not be stored, with the doubts that are still to come."""
    doubted = [one.doubted(other_name_doubt(one.segments)) for one in statements]
    if excess_of(sections, doubted, (), cited_notes(statements, notes), omissions, ()):
        raise OversizedDraft


def _items(answer: str) -> list[Any]:
    try:
        items = from_json(answer)["statements"]
    except (ValueError, KeyError, TypeError):
        raise UnreadableDraft from None
    if not isinstance(items, list):
        raise UnreadableDraft
    return items


def _cleaned(item: Any, pseudonyms: Pseudonyms) -> Any:
    """The item with its text in normal form, without invisible characters and placeholders. A placeholder that nothing
    stands behind leaves no text."""
    if not isinstance(item, dict) or not isinstance(item.get("text"), str):
        return item
    try:
        text = pseudonyms.put_back(cleaned(item["text"]).strip())
    except UnknownPlaceholder:
        text = ""
    return item | {"text": text}


def _each_once(items: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The first of the items that repeat each other."""
    kept: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    for item in items:
        kept.setdefault(_identity(item), item)
    return list(kept.values())


def _identity(item: Mapping[str, Any]) -> tuple[Any, ...]:
    """Equal for a statement and its repetition, also with other signs, spaces or case."""
    return item["section"], repetition.normalized(item["text"]), *(tuple(_cited(item, name)) for name in _CITED)


def _has_evidence(item: Mapping[str, Any], leaves: Mapping[str, Leaf], evidence: Evidence) -> bool:
    """True for a statement of a known section that says something, and cites segments or notes: existing ones only, and
    not too many."""
    section, text = item.get("section"), item.get("text")
    if not isinstance(section, str) or section not in leaves:
        return False
    if not isinstance(text, str) or not 0 < len(text) <= LONGEST_STATEMENT:
        return False
    if says_nothing(text) and not leaves[section].choices:
        return False
    return any(item.get(name) for name in _CITED) and all(
        _exist(item.get(name, []), evidence.by_number[name], most) for name, most in _CITED.items()
    )


def _exist(cited: Any, known: Container[int], most: int) -> bool:
    """True for a list of known numbers that is not too long."""
    return isinstance(cited, list) and len(cited) <= most and all(type(n) is int and n in known for n in cited)


def _is_consent(item: Mapping[str, Any], evidence: Evidence) -> bool:
    """True for a statement about a consent: only records make these. One of long ago, which was told, is history."""
    text = item["text"]
    if not is_about_consent(text):
        return False
    return not is_history(text, " ".join(one.text for one in _supporting(item, evidence)))


def _chosen(items: Sequence[Any], leaves: Mapping[str, Leaf]) -> list[Any]:
    """The statements without texts that their section does not take, and without contradicting choices."""
    taken = [item for item in items if leaves[item["section"]].takes(item["text"])]
    unclear = contradicted(leaves.values(), ((item["section"], item["text"]) for item in taken))
    return [item for item in taken if item["section"] not in unclear]


def _is_copied(item: Mapping[str, Any], style: Sequence[str], evidence: Evidence) -> bool:
    """True for a statement that repeats a style example, and not what its evidence says."""
    return bool(style) and is_copied(item["text"], style, " ".join(one.text for one in _supporting(item, evidence)))


def _supporting(item: Mapping[str, Any], evidence: Evidence) -> list[Segment | Note]:
    """The segments and notes that a statement cites."""
    return [evidence.by_number[name][number] for name in _CITED for number in _cited(item, name)]


def _cited(item: Mapping[str, Any], name: str) -> list[int]:
    """The numbers that a statement cites, each once."""
    return sorted(set(item.get(name, [])))


def _statement(id: str, item: Mapping[str, Any], checker: Checker) -> Statement:
    cited = {name: _cited(item, name) for name in _CITED}
    kind = kind_of(item.get("kind"))
    doubts = checker.doubts(item["text"], cited["segments"], cited["notes"], kind)
    how = {"doubts": doubts, "claim_check": checker.check_of(**cited)}
    return Statement(id=id, section=item["section"], text=item["text"], kind=kind, **how, **cited)
