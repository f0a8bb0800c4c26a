"""The rules of typesetting of a document: which fonts, and where lines break. A paper keeps those of its issue."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

from shared.records.billing.types import THIRD_EDITION
from shared.render.families import FAMILIES, OF_THIRD_EDITION


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules of typesetting."""

    families: tuple[str, ...]
    """The fonts, in order of preference for characters that belong to no script."""
    breaks_unspaced: bool
    """True if a line may break where its script has no spaces; else only at spaces, or anywhere in an overlong word."""
    keeps_baseline: bool
    """False lets letters sink after two marks of different heights, as reportlab does."""
    is_japanese: bool = False
    """True if ideographs have their Japanese form in texts without kana too."""


_PRESENT = Rules(FAMILIES, breaks_unspaced=True, keeps_baseline=True)
_OF_THIRD_EDITION = Rules(OF_THIRD_EDITION, breaks_unspaced=False, keeps_baseline=False)
_IN_FORCE: ContextVar[Rules] = ContextVar("rules", default=_PRESENT)


def in_force() -> Rules:
    """The rules of the document that is being laid out."""
    return _IN_FORCE.get()


def of_edition(edition: int) -> AbstractContextManager[None]:
    """What is laid out meanwhile has the rules of this edition of papers."""
    return _put_in_force(_PRESENT if edition > THIRD_EDITION else _OF_THIRD_EDITION)


def of_language(language: str) -> AbstractContextManager[None]:
    """What is laid out meanwhile is a document in this language (BCP 47)."""
    return _put_in_force(replace(in_force(), is_japanese=language.partition("-")[0].casefold() == "ja"))


@contextmanager
def _put_in_force(rules: Rules) -> Iterator[None]:
    token = _IN_FORCE.set(rules)
    try:
        yield
    finally:
        _IN_FORCE.reset(token)
