"""The enabled users of a clinic who have a role."""

from __future__ import annotations

from shared.lazily import lazily
from shared.records.clinic.people import User
from shared.records.page import Page, PageQuery
from shared.records.types import Role
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.store import pagination


def enabled(work: UnitOfWork, role: Role, query: PageQuery) -> Page[User]:
    """A page of the enabled users with a role."""
    holding = ("roles", "array_contains", role.value)
    return pagination.newest(work, User, query, [pagination.LIVE, ("disabled", "==", False), holding])
