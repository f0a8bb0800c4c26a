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
from shared.store.firestore.snapshot import Snapshot
from shared.store.pagination import LIVE
from shared.store.queries import Filter
from shared.store.unit_of_work import UnitOfWork

MOST_TOKENS = 30
"""Firestore's limit of `array_contains_any`."""
SPARE = 10
"""Extra documents per query in tiers where some documents may not match after all."""


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


def find(work: UnitOfWork, tiers: Sequence[Tier], query: PageQuery) -> Page[Patient]:
    """A page of the matching patients that the caller may see, tier by tier, newest first within a tier.

    At most one query per tier, so a page can be short and still have a next page token.
    """
    binding = pagination.token_binding(work, "search", query)
    cursor = pagination.decode_token(work, binding, query.page_token, pointer="/page_token")
    first = cursor.get("tier", 0)
    after = pagination.position(cursor) if "id" in cursor else None
    tier_tokens = [_tokens_of_tier(work, tier) for tier in tiers]
    items: list[Patient] = []
    for number in range(first, len(tier_tokens)):
        stopped = _query_tier(work, tier_tokens[: number + 1], after, query.page_size, items)
        if stopped is not None:
            return Page(items, pagination.encode_token(work, binding, {**stopped, "tier": number}))
        after = None
        if len(items) == query.page_size and any(later.groups for later in tier_tokens[number + 1 :]):
            return Page(items, pagination.encode_token(work, binding, {"tier": number + 1}))
    return Page(items, None)


def _query_tier(
    work: UnitOfWork,
    tier_tokens: Sequence[_TierTokens],
    after: queries.Position | None,
    page_size: int,
    items: list[Patient],
) -> dict[str, Any] | None:
    """Add the patients that match the last tier and none before it to `items`.

    Returns the cursor to continue at, or None at the end of the tier.
    """
    *earlier, current = tier_tokens
    if not current.groups:
        return None
    limit = page_size - len(items) + 1 + (SPARE if earlier else 0)
    filters = [LIVE, with_any(current.queried)]
    snapshots = queries.ordered(work.clinic_id, Patient.collection, filters, after, limit)
    seen = None
    for snapshot in snapshots:
        if len(items) == page_size:
            return seen
        patient = _matching(work, snapshot, earlier, current)
        items += [patient] if patient else []
        seen = pagination.cursor_at(snapshot)
    return seen if len(snapshots) == limit else None


def _matching(
    work: UnitOfWork, snapshot: Snapshot, earlier: Sequence[_TierTokens], current: _TierTokens
) -> Patient | None:
    """The patient, decrypted only if its tokens match this tier and do not prove a match of an earlier one."""
    tokens = frozenset(snapshot.get("tokens"))
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


def newest_with_any(work: UnitOfWork, terms: Iterable[Term], limit: int) -> list[Snapshot]:
    """The newest patients that the caller may see with any of these terms, not opened. Of more terms than one query
    takes the last ones are left out."""
    found = (token for term in terms for token in tokens_of(work, work.scope, [term]))
    tokens = list(islice(dict.fromkeys(found), MOST_TOKENS))
    return queries.ordered(work.clinic_id, Patient.collection, [LIVE, with_any(tokens)], None, limit)


def with_any(tokens: Iterable[bytes]) -> Filter:
    """The filter for patients who have any of these tokens."""
    return "tokens", "array_contains_any", sorted(tokens)
