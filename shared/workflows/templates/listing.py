"""Lists of templates: those of the clinic page by page, then those that ship."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shared.lazily import lazily
from shared.records.page import Page
from shared.records.record import Detailed
from shared.records.templates.facts import TemplateFacts
from shared.records.templates.template import CLINICS, PUBLIC, ReportTemplate
from shared.records.types import Role
from shared.store import queries
from shared.store.clinic import Clinic
from shared.store.queries import Filter
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.templates import shipped
    from shared.records.templates.instruments import Instrument, known
    from shared.records.templates.requests import TemplateList, TemplateShelf
    from shared.store import pagination
    from shared.workflows.templates.reading import facts_of

_SHIPPED = "shipped"
"""In the cursor of a page: the number of shipped templates before it."""
TemplatePage = Page[Detailed[ReportTemplate, TemplateFacts]]


def listed(clinic: Clinic, query: TemplateList) -> TemplatePage:
    """A page of the templates that the caller may use, without their content."""

    def transaction(work: UnitOfWork) -> TemplatePage:
        work.prefetch(work.settings_ref())
        page = _page(work, query)
        rows = [Detailed(one, facts) for one, facts in zip(page.items, facts_of(work, page.items), strict=True)]
        return Page(rows, page.next_page_token)

    return clinic.perform("template.list", transaction)


def _page(work: UnitOfWork, query: TemplateList) -> Page[ReportTemplate]:
    """Templates of the clinic, newest first, and behind them those that ship."""
    filters = _filters(work, query)
    binding = pagination.token_binding(work, f"{ReportTemplate.collection} {filters}", query)
    cursor = pagination.decode_token(work, binding, query.page_token)
    stored = [] if _SHIPPED in cursor or query.shelf == TemplateShelf.SHIPPED else _stored(work, query, filters, cursor)
    items = [work.from_snapshot(ReportTemplate, snapshot) for snapshot in stored[: query.page_size]]
    if len(stored) > query.page_size:
        following = pagination.cursor_at(stored[query.page_size - 1])
        return Page(items, pagination.encode_token(work, binding, following))
    shipping, begin = _shipped(query), cursor.get(_SHIPPED, 0)
    end = begin + query.page_size - len(items)
    token = pagination.encode_token(work, binding, {_SHIPPED: end}) if end < len(shipping) else None
    return Page([*items, *shipping[begin:end]], token)


def _stored(work: UnitOfWork, query: TemplateList, filters: list[Filter], cursor: Mapping[str, Any]) -> Sequence[Any]:
    after = pagination.position(dict(cursor)) if cursor else None
    return queries.ordered(work.clinic_id, ReportTemplate.collection, filters, after, query.page_size + 1)


def _shipped(query: TemplateList) -> list[ReportTemplate]:
    if query.active is False or query.shelf in (TemplateShelf.OWN, TemplateShelf.PUBLIC):
        return []
    return [template for id in shipped.ids() if (template := shipped.template(id))]


def _filters(work: UnitOfWork, query: TemplateList) -> list[Filter]:
    own = [work.user_id, *([CLINICS] if work.has_role(Role.ADMIN) else [])]
    of_shelf = {TemplateShelf.OWN: own, TemplateShelf.PUBLIC: [PUBLIC]}
    shelves = [*own, PUBLIC] if query.shelf is None else of_shelf.get(query.shelf, [])
    filters: list[Filter] = [pagination.LIVE, ("shelves", "array_contains_any", shelves)]
    return filters if query.active is None else [*filters, ("is_active", "==", query.active)]


def instruments(clinic: Clinic) -> Page[Instrument]:
    """All scored instruments."""

    def transaction(work: UnitOfWork) -> Page[Instrument]:
        work.keyring()  # the caller is checked
        return Page(list(known().values()), None)

    return clinic.perform("instrument.list", transaction)
