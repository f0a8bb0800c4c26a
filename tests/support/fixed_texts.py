"""The fixed words of documents in a language: every text with its place, its slots, and what no font has of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields, is_dataclass
from string import Formatter
from typing import Any

from shared.render.typography import font_runs
from shared.render.words.vocabulary import Counted


def texts(value: Any, place: str = "", *, without: Collection[str] = ()) -> Iterator[tuple[str, str]]:
    """Every text with its place, `without` the fields of these names."""
    if isinstance(value, Counted):
        yield place, value.other
    elif is_dataclass(value):
        for each in fields(value):
            if each.name not in without:
                yield from texts(getattr(value, each.name), f"{place}.{each.name}", without=without)
    elif isinstance(value, Mapping):
        for key, text in value.items():
            yield f"{place}.{key}", text
    else:
        yield place, value


def slots(text: str) -> list[str]:
    """The names of the slots, sorted."""
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name)


def missing(text: str, invisible: str) -> set[str]:
    """The characters that no font has, other than those that are not drawn."""
    from shared.render.font import load_font

    runs = font_runs(text, lambda family, character: ord(character) in load_font(family, "Regular").codes)
    return {
        character
        for run in runs
        for character in run.text
        if ord(character) not in load_font(run.family, "Regular").codes and character not in invisible
    }
