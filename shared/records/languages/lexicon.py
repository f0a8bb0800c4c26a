"""The languages with word lists, and their words together: people mix languages, and the scripts keep them apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from shared.records.languages.language import ConsentTexts, Language
from shared.records.languages.words import Words


@cache
def languages() -> Mapping[str, Language]:
    """The languages by their codes, read once. A new one is a package beside the others, and its name here."""
    from shared.records.languages import english, hindi, tamil

    return {one.LANGUAGE.code: one.LANGUAGE for one in (english, hindi, tamil)}


@cache
def lexicon() -> Words:
    """All word lists together."""
    joined: Words = _joined([one.words for one in languages().values()])
    return joined


def language_of(tag: str | None) -> Language | None:
    """The language of a BCP 47 tag; None if it has no word lists."""
    return languages().get((tag or "").partition("-")[0].casefold())


@cache
def consent_texts() -> Mapping[str, ConsentTexts]:
    """How code states a consent, by the code of the language: also of those without word lists."""
    from shared.records.languages import arabic

    return {**{code: one.consent_texts for code, one in languages().items()}, "ar": arabic.CONSENT_TEXTS}


def lists_of(words: Words) -> Iterator[tuple[str, Any]]:
    """The word lists by their names, such as "sides.left"."""
    for group in fields(words):
        part = getattr(words, group.name)
        yield from ((f"{group.name}.{one.name}", getattr(part, one.name)) for one in fields(part))


def lacking(words: Words) -> list[str]:
    """The names of the lists that have no words."""
    return [name for name, one in lists_of(words) if not one]


def _joined(values: Sequence[Any]) -> Any:
    """Lists of one kind as one; of a mapping to strings or lists, those of each key."""
    first = values[0]
    if is_dataclass(first) and not isinstance(first, type):
        return type(first)(
            **{one.name: _joined([getattr(value, one.name) for value in values]) for one in fields(first)}
        )
    if isinstance(first, frozenset):
        return frozenset().union(*values)
    if isinstance(first, Mapping):
        keys = dict.fromkeys(key for value in values for key in value)
        return {key: _joined_values([value[key] for value in values if key in value]) for key in keys}
    return tuple(item for value in values for item in value)


def _joined_values(values: Sequence[Any]) -> Any:
    """Spellings, or patterns, of one thing together; numbers of one word are equal in all languages."""
    if isinstance(values[0], str):
        return " ".join(values)
    return tuple(item for value in values for item in value) if isinstance(values[0], tuple) else values[0]
