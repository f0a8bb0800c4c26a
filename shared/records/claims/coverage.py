"""Which checks a language has the words for. A check without words does not run, and `ClaimCheck` says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shared.lazily import lazily

with lazily(globals()):
    from shared.records.languages import lexicon
    from shared.records.languages.language import Language
    from shared.records.languages.words import Words

_NEEDED: Mapping[str, Sequence[Sequence[str]]] = {
    "sides": [["sides.left"], ["sides.right"], ["sides.body"]],
    "negations": [
        ["negations.before", "negations.after"],
        ["questions.first", "questions.anywhere"],
        ["answers.yes"],
        ["answers.no"],
    ],
    "support": [["vocabulary.function"], ["vocabulary.clinical"], ["vocabulary.concepts"]],
    "normal findings": [["findings.normal"], ["findings.all_well"]],
    "speakers": [["speech.reported"], ["speech.planned"]],
    "omissions": [["vocabulary.risks"], ["vocabulary.concepts"], ["speech.visits"]],
}
"""By the name of a check: the word lists that it needs, of each row one."""


def not_run(words: Words) -> list[str]:
    """The checks that do not run in a language with these words; those of numbers and drugs need none."""
    known = {name for name, one in lexicon.lists_of(words) if one}
    return [check for check, rows in _NEEDED.items() if not all(known.intersection(row) for row in rows)]


def covers(language: Language | None) -> bool:
    """True if all checks run in the language."""
    return language is not None and not not_run(language.words)
