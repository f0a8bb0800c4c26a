"""The checks of a statement against the segments and notes that it cites, and two segments beside them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from shared.records.claims import measures, negation, normality, sides, support
from shared.records.claims.chart import Chart
from shared.records.claims.claim import Claim
from shared.records.claims.doubt import ClaimCheck, Doubt, DoubtKind
from shared.records.claims.kinds import StatementKind
from shared.records.claims.omission import Omission
from shared.records.claims.omissions import omissions
from shared.records.claims.said import Said, Spoken
from shared.records.claims.speakers import kind_differs, words_differ
from shared.records.claims.tokens import tokens_of
from shared.records.drugs.names import drugs_in
from shared.records.visits.risky_words import telling_words, words_of

MOST_USEFUL_CITATIONS = 10
"""Segments; a statement that cites more is supported by none in particular."""
_WITHOUT_LISTS: Sequence[Callable[[Claim], Iterable[Doubt]]] = (measures.numbers, measures.doses, measures.drugs)
_WITH_LISTS = (*_WITHOUT_LISTS, sides.sides, negation.negation, support.support, normality.normality)


class Checker:
    """The checks of all statements of one visit; what was said is indexed once."""

    def __init__(
        self,
        segments: Iterable[Spoken],
        notes: Sequence[tuple[int, str]] = (),
        *,
        check: ClaimCheck = ClaimCheck.DONE,
        chart: Chart | None = None,
    ) -> None:
        """`notes` are the numbers and texts of the practitioner's notes; without a `chart` none is compared."""
        self.said = Said(segments, [text for _, text in notes])
        self._notes = {number: self.said.spoken + at for at, (number, _) in enumerate(notes)}
        self._chart = chart
        self.covers = check is ClaimCheck.DONE
        """False if the language has no word lists: sides, negations and words are not checked."""

    def doubts(
        self, text: str, segments: Iterable[int], notes: Iterable[int] = (), kind: StatementKind | None = None
    ) -> list[Doubt]:
        """The doubts of a statement of this kind; what it cites must exist."""
        cited = [self.said.index[number] for number in segments if number in self.said.index]
        cited += [self._notes[number] for number in notes if number in self._notes]
        claim = Claim(text, self.said, tuple(sorted(cited)))
        checks = _WITH_LISTS if self.covers else (*_WITHOUT_LISTS, support.plain)
        found = [doubt for check in checks for doubt in check(claim)]
        found += [*_too_many(claim), *_uncertain(claim), *(self._speaker(claim, kind))]
        return [*found, *self._chart_doubts(claim, kind)]

    def doubts_again(
        self, text: str, segments: Collection[int], notes: Collection[int] = (), kind: StatementKind | None = None
    ) -> list[Doubt]:
        """As `doubts`, of a statement that a person may have written. One that cites nothing rests on their word: there
        is no evidence to compare it with, only the chart."""
        if segments or notes:
            return self.doubts(text, segments, notes, kind)
        return self._chart_doubts(Claim(text, self.said, ()), kind)

    def _chart_doubts(self, claim: Claim, kind: StatementKind | None) -> list[Doubt]:
        return list(self._chart.differences(claim, kind)) if self._chart else []

    def _speaker(self, claim: Claim, kind: StatementKind | None) -> list[Doubt]:
        """At most one doubt about who said it: from the words of the statement, or else from its kind."""
        return [*(words_differ(claim) if self.covers else ()), *kind_differs(claim, kind)][:1]

    def omissions(self, statements: Iterable[str]) -> list[Omission]:
        """What was said and is in none of these texts."""
        return omissions(self.said, statements, words=self.covers)


def _too_many(claim: Claim) -> Iterator[Doubt]:
    if len(claim.cited) > MOST_USEFUL_CITATIONS:
        yield Doubt.of(DoubtKind.TOO_MANY_CITATIONS, segments=claim.numbers(claim.cited))


def _uncertain(claim: Claim) -> Iterator[Doubt]:
    """Words of the statement that were heard uncertainly in the segments that it cites."""
    unsure = {at: telling_words(claim.said.lines[at].uncertain) for at in claim.cited}
    words = [word for word in words_of(claim.text) if any(word in one for one in unsure.values())]
    if words:
        segments = claim.numbers(at for at, one in unsure.items() if not one.isdisjoint(words))
        numeric = any(word[0].isdigit() for word in words) or bool(drugs_in(tokens_of(" ".join(words))))
        yield Doubt.of(DoubtKind.HEARD_UNCERTAINLY, words=words, segments=segments, major=numeric)
