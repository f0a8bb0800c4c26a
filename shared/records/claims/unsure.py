"""What the words of a line that were heard uncertainly say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from shared.records.claims.quantity import Quantity
from shared.records.claims.terms import Term
from shared.records.claims.tokens import tokens_of
from shared.records.drugs.names import drugs_in
from shared.records.visits.risky_words import telling_words


class Unsure:
    """What the uncertain words of a line say: by themselves, and as numbers, drugs and clinical terms."""

    def __init__(
        self,
        uncertain: Sequence[str],
        tokens: Sequence[str],
        quantities: Sequence[Quantity],
        drugs: Mapping[int, str],
        terms: Sequence[Term],
    ) -> None:
        self.words = telling_words(uncertain)
        places = {at for at, token in enumerate(tokens) if token in self.words}
        self.numbers: set[Fraction] = {
            one.said for one in quantities if not places.isdisjoint(range(one.start, one.end))
        }
        self.drugs = {drug for at, drug in drugs.items() if at in places}
        self.drugs |= set(drugs_in(tokens_of(" ".join(uncertain))).values())
        self.terms = {one.key for one in terms if one.clinical and not places.isdisjoint(range(one.start, one.end))}
