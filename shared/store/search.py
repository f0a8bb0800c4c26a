"""Searching patients by keyed tokens, tier by tier: better matches come first, and no patient comes twice.

Tokens decide which patients match, before anything is decrypted. A tier that tokens are too coarse for is checked
against the decrypted name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from shared.records.page import Page, PageQuery
from shared.records.patients.patient import Patient
from shared.records.patients.search import Tier
from shared.records.patients.terms import Term
from shared.store import pagination, queries
from shared.store.firestore.snapshot import Whole
from shared.store.pagination import LIVE
from shared.store.patient_tokens import TOKENS
from shared.store.queries import Filter
from shared.store.unit_of_work import UnitOfWork

MOST_TOKENS = 30
"""Firestore's limit of `array_contains_any`."""
SPARE = 10
"""Extra documents per query in tiers where some documents may not match after all."""
BEGINNING = SPARE + 1
"""Documents of a tier that are asked for before it is known whether a page needs the tier: what that costs at most."""


@dataclass(frozen=True)
class _TierTokens:
    """The tokens of a tier, per group of terms."""

    tier: Tier
    groups: tuple[frozenset[bytes], ...]
    together: frozenset[bytes]

    @property
    def queried(self) -> frozenset[bytes]:
        """The tokens of the query: a document must have one of them."""
        return self.groups[0] | self.together

    def may_match(self, tokens: frozenset[bytes]) -> bool:
        """True if the tokens of a document do not rule out a match."""
        return self._in_groups(tokens) or not self.together.isdisjoint(tokens)

    def matches(self, tokens: frozenset[bytes]) -> bool:
        """True if the tokens alone prove a match."""
        by_groups = self.tier.groups_decide and self._in_groups(tokens)
        return by_groups or (self.tier.together_decides and not self.together.isdisjoint(tokens))

    def _in_groups(self, tokens: frozenset[bytes]) -> bool:
        return bool(self.groups) and all(not group.isdisjoint(tokens) for group in self.groups)


@dataclass(frozen=True)
class _Beginning:
    """The first documents of a tier, which were asked for beside those of other tiers."""

    documents: list[Whole]
    is_all: bool
    """True if the tier has no others."""


def find(work: UnitOfWork, tiers: Sequence[Tier], query: PageQuery) -> Page[Patient]:
    """A page of the matching patients that the caller may see, tier by tier, newest first within a tier.

    A page is of one span of each tier, so it can be short and still have a next page token.
    """
    binding = pagination.token_binding(work, "search", query)
    cursor = pagination.decode_token(work, binding, query.page_token, pointer="/page_token")
    first = cursor.get("tier", 0)
    after = pagination.position(cursor) if "id" in cursor else None
    search = _Search(work, [_tokens_of_tier(work, tier) for tier in tiers], query.page_size)
    if query.page_token is None:
        search.begin()
    for number in range(first, len(tiers)):
        stopped = search.run(number, after)
        if stopped is not None:
            return Page(search.items, pagination.encode_token(work, binding, {**stopped, "tier": number}))
        after = None
        if search.is_full and search.has_tier_after(number):
            return Page(search.items, pagination.encode_token(work, binding, {"tier": number + 1}))
    return Page(search.items, None)


class _Search:
    """One page: the patients that match tier by tier."""

    def __init__(self, work: UnitOfWork, tiers: Sequence[_TierTokens], page_size: int) -> None:
        self.items: list[Patient] = []
        self._work = work
        self._tiers = tiers
        self._page_size = page_size
        self._begun: dict[int, _Beginning] = {}

    @property
    def is_full(self) -> bool:
        return len(self.items) == self._page_size

    def has_tier_after(self, number: int) -> bool:
        """True if a later tier can match anybody."""
        return any(tier.groups for tier in self._tiers[number + 1 :])

    def begin(self) -> None:
        """Ask for the first documents of all tiers at once: of exact matches and prefixes for as many as a page may
        take, of the later tiers, which a full page does not need, for a few."""
        limits = {number: self._limit(number) for number, tier in enumerate(self._tiers) if tier.groups}
        limits |= {number: min(limit, BEGINNING) for number, limit in limits.items() if number > 1}
        asked = [([LIVE, with_any(self._tiers[number].queried)], limit) for number, limit in limits.items()]
        found = queries.ordered_at_once(self._work.clinic_id, Patient.collection, asked)
        self._begun = {
            number: _Beginning(one, len(one) < limit)
            for (number, limit), one in zip(limits.items(), found, strict=True)
        }

    def run(self, number: int, after: queries.Position | None) -> dict[str, Any] | None:
        """Add the patients that match this tier and none before it to `items`.

        Returns the cursor to continue at, or None at the end of the tier.
        """
        *earlier, current = self._tiers[: number + 1]
        if not current.groups:
            return None
        limit = self._limit(number)
        snapshots = self._documents(number, after, limit)
        seen = None
        for snapshot in snapshots:
            if self.is_full:
                return seen
            patient = _matching(self._work, snapshot, earlier, current)
            self.items += [patient] if patient else []
            seen = pagination.cursor_at(snapshot)
        return seen if len(snapshots) == limit else None

    def _limit(self, number: int) -> int:
        """How many documents of a tier this page may take."""
        return self._page_size - len(self.items) + 1 + (SPARE if number else 0)

    def _documents(self, number: int, after: queries.Position | None, limit: int) -> list[Whole]:
        """The documents of a tier after a position. Of a tier that was begun, only those are asked for that are not
        there yet."""
        begun = self._begun.pop(number, _Beginning([], is_all=False))
        missing = limit - len(begun.documents)
        if begun.is_all or missing <= 0:
            return begun.documents[:limit]
        if begun.documents:
            after = pagination.position(pagination.cursor_at(begun.documents[-1]))
        filters = [LIVE, with_any(self._tiers[number].queried)]
        further = queries.ordered(self._work.clinic_id, Patient.collection, filters, after, missing)
        return [*begun.documents, *further]


def _matching(
    work: UnitOfWork, snapshot: Whole, earlier: Sequence[_TierTokens], current: _TierTokens
) -> Patient | None:
    """The patient, decrypted only if its tokens match this tier and do not prove a match of an earlier one."""
    tokens = frozenset(snapshot.get(TOKENS))
    better = [tier for tier in earlier if tier.may_match(tokens)]
    if not current.may_match(tokens) or any(tier.matches(tokens) for tier in better):
        return None
    patient = work.from_snapshot(Patient, snapshot)
    records = [patient, *work.others_of(patient)]
    if any(tier.tier.holds(record) for tier in better for record in records):
        return None
    return patient if current.matches(tokens) or any(map(current.tier.holds, records)) else None


def _tokens_of_tier(work: UnitOfWork, tier: Tier) -> _TierTokens:
    groups = tuple(tokens_of(work, work.scope, group) for group in tier.groups)
    return _TierTokens(tier, groups, tokens_of(work, work.scope, [tier.together] if tier.together else []))


def tokens_of(work: UnitOfWork, scope: str, terms: Iterable[Term]) -> frozenset[bytes]:
    """The tokens of the terms in this scope, under every version of the search key."""
    keyring = work.keyring()
    return frozenset(token for kind, value in terms for token in keyring.tokens(scope, kind, value))


def newest_with_any(work: UnitOfWork, lists: Sequence[Iterable[Term]], limit: int) -> list[list[Whole]]:
    """For each list of terms the newest patients that the caller may see with any of them, not opened.

    One query asks for all lists: as a rule few have anything in common with a person. The lists that it leaves short
    where it was full are asked for by one query each, at once. Of more terms than one query takes the last ones are
    left out.
    """
    asked = [_first_tokens(work, terms) for terms in lists]
    together = frozenset().union(*asked)
    if len(lists) < 2 or len(together) > MOST_TOKENS:
        return _newest(work, asked, limit)
    [newest] = _newest(work, [together], limit)
    found = [[one for one in newest if not tokens.isdisjoint(one.get(TOKENS))] for tokens in asked]
    short = [at for at, some in enumerate(found) if len(newest) == limit > len(some)]
    for at, all_of_it in zip(short, _newest(work, [asked[at] for at in short], limit), strict=True):
        found[at] = all_of_it
    return found


def _newest(work: UnitOfWork, lists: Sequence[Iterable[bytes]], limit: int) -> list[list[Whole]]:
    asked = [([LIVE, with_any(tokens)], limit) for tokens in lists]
    return queries.ordered_at_once(work.clinic_id, Patient.collection, asked)


def _first_tokens(work: UnitOfWork, terms: Iterable[Term]) -> frozenset[bytes]:
    found = (token for term in terms for token in tokens_of(work, work.scope, [term]))
    return frozenset(islice(dict.fromkeys(found), MOST_TOKENS))


def with_any(tokens: Iterable[bytes]) -> Filter:
    """The filter for patients who have any of these tokens."""
    return TOKENS, "array_contains_any", sorted(tokens)
