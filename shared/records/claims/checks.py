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
from shared.records.claims.uncertainty import uncertain

MOST_USEFUL_CITATIONS = 10
"""Segments; a statement that cites more is supported by none in particular."""
_WITHOUT_LISTS: Sequence[Callable[[Claim], Iterable[Doubt]]] = (measures.numbers, measures.doses, measures.drugs)
_ON_OWN_WORD: Sequence[Callable[[Claim], Iterable[Doubt]]] = (measures.other_doses, measures.other_numbers)
_ON_OWN_WORD_WITH_LISTS = (*_ON_OWN_WORD, sides.other_sides, negation.other_polarity)
_WITH_LISTS = (*_WITHOUT_LISTS, sides.sides, negation.negation, support.support, normality.normality)


class Checker:
    """The checks of all statements of one visit; what was said is indexed once."""

    def __init__(
        self,
        segments: Iterable[Spoken],
        notes: Sequence[tuple[int, str]] = (),
        *,
        check: ClaimCheck = ClaimCheck.DONE,
        unlisted: Collection[int] | None = None,
        chart: Chart | None = None,
    ) -> None:
        """`notes` are the numbers and texts of the practitioner's notes; without a `chart` none is compared.

        `check` is that of all statements together. If a language has no word lists, `unlisted` has the numbers of the
        segments in it: the other statements are checked all the same. It is None if the statements, or all segments,
        are in such a language.
        """
        self.said = Said(segments, [text for _, text in notes])
        self._notes = {number: self.said.spoken + at for at, (number, _) in enumerate(notes)}
        self._chart = chart
        self._check = check
        self._unlisted = None if unlisted is None else {self.said.index[number] for number in unlisted}
        self.covers = check is ClaimCheck.DONE
        """False if a language has no word lists: sides, negations and words are not checked in what was said in it."""

    def doubts(
        self, text: str, segments: Iterable[int], notes: Iterable[int] = (), kind: StatementKind | None = None
    ) -> list[Doubt]:
        """The doubts of a statement of this kind; what it cites must exist."""
        claim = Claim(text, self.said, self._positions(segments, notes))
        has_words = self._has_words(claim.near)
        checks = _WITH_LISTS if has_words else (*_WITHOUT_LISTS, support.plain)
        found = [doubt for check in checks for doubt in check(claim)]
        found += [*_too_many(claim), *uncertain(claim), *_speaker(claim, kind, has_words=has_words)]
        return [*found, *self._chart_doubts(claim, kind)]

    def doubts_again(
        self, text: str, segments: Collection[int], notes: Collection[int] = (), kind: StatementKind | None = None
    ) -> list[Doubt]:
        """As `doubts`, of a statement that a person may have written. One that cites nothing, or what was erased, rests
        on their word: it is compared with what was said of the same thing, and with the chart."""
        if self._positions(segments, notes):
            return self.doubts(text, segments, notes, kind)
        claim = Claim(text, self.said, ())
        checks = _ON_OWN_WORD_WITH_LISTS if self._has_words([]) else _ON_OWN_WORD
        return [*(doubt for check in checks for doubt in check(claim)), *self._chart_doubts(claim, kind)]

    def check_of(self, segments: Collection[int], notes: Collection[int] = ()) -> ClaimCheck | None:
        """How far a statement with these citations is checked, if otherwise than all statements together; else None."""
        if positions := self._positions(segments, notes):
            near = self.said.near(positions)
            check = ClaimCheck.DONE if self._has_words(near) else ClaimCheck.WITHOUT_WORD_LISTS
        else:
            check = ClaimCheck.OWN_WORD if self.said.lines else ClaimCheck.RECORD_ONLY
        return None if check is self._check else check

    def _positions(self, segments: Iterable[int], notes: Iterable[int]) -> tuple[int, ...]:
        """Where the cited segments and notes stand in what was said."""
        cited = [self.said.index[number] for number in segments if number in self.said.index]
        cited += [self._notes[number] for number in notes if number in self._notes]
        return tuple(sorted(cited))

    def _has_words(self, positions: Iterable[int]) -> bool:
        """True if there are word lists for these lines, and for the statements."""
        return self.covers or (self._unlisted is not None and self._unlisted.isdisjoint(positions))

    def _chart_doubts(self, claim: Claim, kind: StatementKind | None) -> list[Doubt]:
        return list(self._chart.differences(claim, kind)) if self._chart else []

    def omissions(self, statements: Iterable[str]) -> list[Omission]:
        """What was said and is in none of these texts."""
        return omissions(self.said, statements, words=self._has_words([]))


def _speaker(claim: Claim, kind: StatementKind | None, *, has_words: bool) -> list[Doubt]:
    """At most one doubt about who said it: from the words of the statement, or else from its kind."""
    return [*(words_differ(claim) if has_words else ()), *kind_differs(claim, kind)][:1]


def _too_many(claim: Claim) -> Iterator[Doubt]:
    if len(claim.cited) > MOST_USEFUL_CITATIONS:
        yield Doubt.of(DoubtKind.TOO_MANY_CITATIONS, segments=claim.numbers(claim.cited))
