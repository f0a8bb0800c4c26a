"""One page of the names in a bucket."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass

from local.services.storage.errors import invalid

_MAX_PAGE = 1000


@dataclass(frozen=True)
class Query:
    """Lists the names with `prefix`, from `start` (inclusive) to `end` (exclusive)."""

    prefix: str = ""
    delimiter: str = ""
    """Names with the delimiter after the prefix are grouped into one entry, cut behind the delimiter."""
    start: str = ""
    end: str = ""
    page_size: int = _MAX_PAGE
    page_token: str = ""


@dataclass(frozen=True)
class Page:
    """The names of objects, the prefixes of grouped names, and the token of the next page."""

    names: list[str]
    prefixes: list[str]
    next_token: str | None


def page(names: Iterable[str], query: Query) -> Page:
    after = _decode_token(query.page_token)
    size = min(query.page_size, _MAX_PAGE)
    if size < 1:
        raise invalid("maxResults must be positive.")
    whole = {_cut(name, query): _cut(name, query) == name for name in sorted(names) if _listed(name, query)}
    rest = [entry for entry in whole if entry > after]
    shown = rest[:size]
    return Page(
        names=[entry for entry in shown if whole[entry]],
        prefixes=[entry for entry in shown if not whole[entry]],
        next_token=_encode_token(shown[-1]) if len(rest) > size else None,
    )


def _listed(name: str, query: Query) -> bool:
    return name.startswith(query.prefix) and name >= query.start and (not query.end or name < query.end)


def _cut(name: str, query: Query) -> str:
    end = name.find(query.delimiter, len(query.prefix)) if query.delimiter else -1
    return name if end < 0 else name[: end + len(query.delimiter)]


def _encode_token(last: str) -> str:
    return base64.urlsafe_b64encode(last.encode()).decode()


def _decode_token(token: str) -> str:
    try:
        return base64.urlsafe_b64decode(token).decode()
    except ValueError:
        raise invalid("Invalid pageToken.") from None
