"""The word lists: each in its own language, and which ones a language lacks."""

from __future__ import annotations

import ast
import unicodedata
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

import shared.records.claims
from shared.records.claims import coverage
from shared.records.claims.doubt import ClaimCheck
from shared.records.clinic.consent_policy import ConsentPurpose
from shared.records.languages.lexicon import lacking, language_of, languages, lexicon, lists_of
from shared.records.languages.words import Words
from shared.records.languages.writing import listed
from shared.records.patients.new_consent import ConsentGiver, ConsentMethod

SCRIPTS = {"en": set(), "hi": {"DEVANAGARI"}, "ta": {"TAMIL"}}
"""The letters of a language, besides those of Latin: the names of concepts and signs of units."""
_BOTH = listed(
    """
    answers.affirming answers.courtesies answers.hedged answers.outright answers.passing_no answers.retracting
    answers.unsure clauses.adverbs clauses.coordinated clauses.copulas clauses.finite clauses.joins
    clauses.links clauses.perceived clauses.possessors clauses.prepositions clauses.subjects clauses.verbs
    consents.no_objection consents.told findings.compared findings.functions findings.neutral findings.phrases
    findings.well measures.adverbs measures.also_terms measures.counted measures.latin measures.lettered
    measures.one medication.allergic_to medication.no_allergies negations.adjacent negations.answering
    negations.asking negations.bases negations.ceased negations.clause_ends negations.conditions
    negations.contracted negations.determiners negations.exceeding negations.not_negating negations.nouns
    negations.partitives negations.qualified negations.sound negations.sparing negations.unsure negations.vague_ends
    negations.vague_phrases numbers.beside numbers.decades numbers.fractions numbers.joins numbers.months
    numbers.ones numbers.ordinal_endings numbers.ordinals numbers.out_of numbers.past numbers.scales_of
    numbers.teens numbers.tens numbers.to questions.alone questions.any questions.begun questions.determiners
    questions.open questions.quoting questions.splits questions.suggesting questions.tags sides.also_good
    sides.any_part sides.compared sides.determiners sides.leaving sides.no_side_before sides.regions sides.which
    speech.orders speech.past_visits speech.possible speech.rejecting speech.results vocabulary.analytes
    vocabulary.between vocabulary.clinical_endings vocabulary.conditions vocabulary.courses vocabulary.habits
    vocabulary.idioms
    """
)
_TAMIL = listed(
    """
    consents.agreed_to_treatment measures.articles measures.each measures.every measures.numbered negations.before
    numbers.points
    """
)
LACKING = {
    "en": listed("negations.ceased_after numbers.whole numbers.added questions.anywhere"),
    "hi": _BOTH | {"numbers.added"},
    "ta": _BOTH | _TAMIL,
}
"""Lists that a language does not need, such as the endings of contractions, or that nobody has written yet."""


@pytest.mark.parametrize("code", LACKING)
def test_what_a_language_lacks_is_known(code: str) -> None:
    assert set(lacking(languages()[code].words)) == LACKING[code]


@pytest.mark.parametrize("code", LACKING)
def test_every_check_runs_in_every_language(code: str) -> None:
    assert coverage.not_run(languages()[code].words) == []
    assert ClaimCheck.of(f"{code}-IN") is ClaimCheck.DONE


@pytest.mark.parametrize(
    ("name", "check"),
    [
        ("sides.left", "sides"),
        ("answers.no", "negations"),
        ("vocabulary.clinical", "support"),
        ("findings.all_well", "normal findings"),
        ("speech.planned", "speakers"),
        ("vocabulary.risks", "omissions"),
    ],
)
def test_a_check_without_its_words_does_not_run(name: str, check: str) -> None:
    english = languages()["en"]
    words = without(english.words, name)

    assert coverage.not_run(words) == [check]
    assert not coverage.covers(replace(english, words=words))


def test_a_language_without_a_module_is_not_covered() -> None:
    assert language_of("sw-KE") is None
    assert ClaimCheck.of("en-IN", "sw-KE") is ClaimCheck.WITHOUT_WORD_LISTS
    assert coverage.not_run(Words())


@pytest.mark.parametrize("code", SCRIPTS)
def test_words_are_in_the_script_of_their_language_and_in_composed_lower_case(code: str) -> None:
    for name, words in lists_of(languages()[code].words):
        for word in texts_in(words):
            assert scripts_of(word) <= SCRIPTS[code] | {"LATIN", "GREEK", "MICRO"}, (name, word)
            assert name.startswith("consents.") or word == unicodedata.normalize("NFC", word).casefold(), (name, word)


def test_all_lists_together_have_the_words_of_each() -> None:
    for language in languages().values():
        for name, words in lists_of(language.words):
            together = dict(lists_of(lexicon()))[name]
            assert set(" ".join(texts_in(words)).split()) <= set(" ".join(texts_in(together)).split()), name


def test_a_consent_is_stated_in_every_language() -> None:
    for language in languages().values():
        texts = language.consent_texts
        assert set(texts.purposes) == set(language.words.consents.purposes) == set(ConsentPurpose)
        assert set(texts.methods) == set(ConsentMethod)
        assert set(texts.givers) == set(ConsentGiver)


def test_checks_have_no_words_of_their_own() -> None:
    """Words of scripts besides Latin stand only in the word lists."""
    for path in Path(shared.records.claims.__file__).parent.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docs = {id(one.value) for one in ast.walk(tree) if isinstance(one, ast.Expr)}
        strings = [
            one.value
            for one in ast.walk(tree)
            if isinstance(one, ast.Constant) and isinstance(one.value, str) and id(one) not in docs
        ]
        assert not {letter for one in strings for letter in one if letter.isalpha() and not letter.isascii()}, path


def without(words: Words, name: str) -> Words:
    """The lists but one."""
    group, one = name.split(".")
    part = getattr(words, group)
    empty = next(field for field in fields(part) if field.name == one)
    return replace(words, **{group: replace(part, **{one: empty.default})})


def texts_in(words: Any) -> Iterator[str]:
    if isinstance(words, str):
        yield words
    elif isinstance(words, dict):
        for key, value in words.items():
            yield from texts_in(value if isinstance(value, str | tuple) else key)
    else:
        for word in words:
            yield from texts_in(word)


def scripts_of(word: str) -> set[str]:
    return {unicodedata.name(letter).split()[0] for letter in word if letter.isalpha()}
