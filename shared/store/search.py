"""Finding patients by keyed tokens, tier by tier: what matches better comes first and does not come again.

Which patients match is told by their tokens, before anything is opened; only what tokens are too coarse for is looked
at in the opened name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from shared.records.page import Page, PageQuery
from shared.records.patients.patient import Patient
from shared.records.patients.search import Tier
from shared.records.patients.terms import Term
from shared.store import pagination, queries
from shared.store.pagination import LIVE
from shared.store.queries import Filter
from shared.store.unit_of_work import UnitOfWork

SPARE = 10
"""Documents asked for beyond a page, where some may not match after all."""


@dataclass(frozen=True)
class _Sought:
    """A tier in tokens: those of each group."""

    tier: Tier
    groups: tuple[frozenset[bytes], ...]
    together: frozenset[bytes]

    @property
    def asked(self) -> frozenset[bytes]:
        """What a document must have one of."""
        return self.groups[0] | self.together

    def may_match(self, tokens: frozenset[bytes]) -> bool:
        """What a document's tokens tell."""
        return self._in_groups(tokens) or not self.together.isdisjoint(tokens)

    def matches(self, tokens: frozenset[bytes]) -> bool:
        """Whether the tokens alone tell that it does."""
        by_groups = self.tier.is_told_by_groups and self._in_groups(tokens)
        return by_groups or (self.tier.is_told_together and not self.together.isdisjoint(tokens))

    def _in_groups(self, tokens: frozenset[bytes]) -> bool:
        return bool(self.groups) and all(not group.isdisjoint(tokens) for group in self.groups)


def find(work: UnitOfWork, tiers: Sequence[Tier], wanted: PageQuery) -> Page[Patient]:
    """A page of the patients that the caller may see and that match, those of the first tier first, newest first in
    each. One query a tier at most; a page that is short for that says where to go on."""
    binding = pagination.token_binding(work, "search", wanted)
    cursor = pagination.decode_token(work, binding, wanted.page_token, pointer="/page_token")
    first = cursor.get("tier", 0)
    after = pagination.position(cursor) if "id" in cursor else None
    sought = [_sought(work, tier) for tier in tiers]
    items: list[Patient] = []
    for number in range(first, len(sought)):
        stopped = _look(work, sought[: number + 1], after, wanted.page_size, items)
        if stopped is not None:
            return Page(items, pagination.encode_token(work, binding, {**stopped, "tier": number}))
        after = None
        if len(items) == wanted.page_size and any(later.groups for later in sought[number + 1 :]):
            return Page(items, pagination.encode_token(work, binding, {"tier": number + 1}))
    return Page(items, None)


def _look(
    work: UnitOfWork, sought: Sequence[_Sought], after: queries.Position | None, page_size: int, items: list[Patient]
) -> dict[str, Any] | None:
    """Add what matches the last tier and none before it; returns where it stopped, or none at the tier's end."""
    *earlier, current = sought
    if not current.groups:
        return None
    limit = page_size - len(items) + 1 + (SPARE if earlier else 0)
    filters = [LIVE, with_any(current.asked)]
    snapshots = queries.newest(work.clinic_id, Patient.collection, filters, after, limit)
    seen = None
    for snapshot in snapshots:
        if len(items) == page_size:
            return seen
        patient = _matching(work, snapshot, earlier, current)
        items += [patient] if patient else []
        seen = pagination.cursor_at(snapshot)
    return seen if len(snapshots) == limit else None


def _matching(work: UnitOfWork, snapshot: Any, earlier: Sequence[_Sought], current: _Sought) -> Patient | None:
    """The patient, opened only when the tokens say that it matches this tier and, by tokens alone, no earlier one."""
    tokens = frozenset(snapshot.get("tokens"))
    better = [tier for tier in earlier if tier.may_match(tokens)]
    if not current.may_match(tokens) or any(tier.matches(tokens) for tier in better):
        return None
    patient = work.from_snapshot(Patient, snapshot)
    if any(tier.tier.holds(patient) for tier in better):
        return None
    return patient if current.matches(tokens) or current.tier.holds(patient) else None


def _sought(work: UnitOfWork, tier: Tier) -> _Sought:
    groups = tuple(tokens_of(work, work.scope, group) for group in tier.groups)
    return _Sought(tier, groups, tokens_of(work, work.scope, [tier.together] if tier.together else []))


def tokens_of(work: UnitOfWork, scope: str, terms: Iterable[Term]) -> frozenset[bytes]:
    """What the terms are stored as for who may find by this scope; under every version of the search key."""
    keyring = work.keyring()
    return frozenset(token for kind, value in terms for token in keyring.tokens(scope, kind, value))


def with_any(tokens: Iterable[bytes]) -> Filter:
    """Patients who have any of these tokens."""
    return "tokens", "array_contains_any", sorted(tokens)
