"""Lists of words that tell how a sentence is said: negations, clauses, questions and answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Negations:
    """Words that negate, and where a negation ends."""

    before: frozenset[str] = _NONE
    """They negate what follows."""
    after: frozenset[str] = _NONE
    """They negate what stands before them."""
    nouns: frozenset[str] = _NONE
    """Those of `before` that another negation takes back: "denies a lack of sleep"."""
    adjacent: frozenset[str] = _NONE
    """They negate the next word only: "non"."""
    determiners: frozenset[str] = _NONE
    """Those of `before` that never look back: "fever at first, nil since"."""
    contracted: tuple[str, ...] = ()
    """Endings of verbs that negate: "n't"."""
    bases: Mapping[str, str] = field(default_factory=dict)
    """By an irregular contraction: the verb without its negation, or nothing."""
    scope_ends: frozenset[str] = _NONE
    """Behind one a negation no longer holds."""
    partitives: frozenset[str] = _NONE
    """Behind one a negation of `answering` no longer holds: "no fever some chills"."""
    vague_ends: frozenset[str] = _NONE
    """Behind one a negation may hold or not: "when", "besides"."""
    vague_phrases: tuple[str, ...] = ()
    """The same, of two words."""
    exceeding: tuple[str, ...] = ()
    """Phrases behind a negation that say that it was so after all: "never felt pain like this", "not until May"."""
    ceased: tuple[str, ...] = ()
    """Phrases before what was so, and is not: "quit", "used to"."""
    ceased_after: frozenset[str] = _NONE
    """The same behind it."""
    clause_ends: frozenset[str] = _NONE
    """Behind one a vague stretch ends."""
    sparing: frozenset[str] = _NONE
    """A negation holds for one of these, but not for what follows: "not going to change your insulin"."""
    sound: frozenset[str] = _NONE
    """Behind a comma they affirm: "no murmurs, regular rhythm"."""
    conditions: frozenset[str] = _NONE
    """A clause with one of these ends at a comma: "if"."""
    answering: frozenset[str] = _NONE
    """Those of `before` that negate nothing in their sentence if a comma or a subject follows: "no, I do"."""
    qualified: frozenset[str] = _NONE
    """Those of `before` that negate nothing before one of `not_negating`: "not only"."""
    not_negating: frozenset[str] = _NONE
    unsure: frozenset[str] = _NONE
    """Behind a negation, and before one of `asking`, they say that somebody does not know."""
    asking: frozenset[str] = _NONE


@dataclass(frozen=True)
class Clauses:
    """Words that tell where a clause begins in speech without signs."""

    subjects: frozenset[str] = _NONE
    joins: frozenset[str] = _NONE
    """Behind one a subject begins a clause."""
    links: frozenset[str] = _NONE
    """Behind one a subject belongs to the same clause."""
    possessors: frozenset[str] = _NONE
    prepositions: frozenset[str] = _NONE
    finite: frozenset[str] = _NONE
    """Verbs that tell a clause: "no cough your lungs are clear"."""
    verbs: frozenset[str] = _NONE
    """Verbs behind a subject."""
    copulas: frozenset[str] = _NONE
    """Verbs behind a noun that begin a clause without a sign: "no drift sensation is intact"."""
    perceived: frozenset[str] = _NONE
    """Behind a copula they end no negation: "no extra sounds are heard"."""
    coordinated: frozenset[str] = _NONE
    """Verbs that begin a clause behind "and", without a subject: "denies pain and has a cough"."""
    adverbs: frozenset[str] = _NONE
    """Words that may stand before such a verb."""


@dataclass(frozen=True)
class Questions:
    """Words of questions."""

    first: frozenset[str] = _NONE
    """First words of questions."""
    anywhere: frozenset[str] = _NONE
    """They make a sentence a question wherever they stand."""
    any: frozenset[str] = _NONE
    """First words of questions without a verb: "any fever"."""
    alone: frozenset[str] = _NONE
    """First words that need no subject behind them: "how"."""
    open: frozenset[str] = _NONE
    """First words of questions that no yes or no answers."""
    suggesting: frozenset[str] = _NONE
    """Behind an open first word they suggest something: "how about"."""
    determiners: frozenset[str] = _NONE
    """Second words of questions, besides subjects."""
    begun: frozenset[str] = _NONE
    """Words before the first one that tell nothing: "okay", "and"."""
    tags: frozenset[str] = _NONE
    """Last words behind a comma that ask nothing: "okay?"."""
    splits: frozenset[str] = _NONE
    """Behind a comma they begin a new question in speech without signs."""
    alternatives: frozenset[str] = _NONE
    """Words that join the things that a question lists: a yes affirms none of them for certain."""
    quoting: frozenset[str] = _NONE
    """First words of a statement that quotes a question and, behind a colon, its answer."""


@dataclass(frozen=True)
class Answers:
    """Words of answers."""

    yes: frozenset[str] = _NONE
    no: frozenset[str] = _NONE
    passing_no: frozenset[str] = _NONE
    """Those of `no` that an outright yes behind them takes back: "no, yeah"."""
    outright: frozenset[str] = _NONE
    """Those of `yes` that never agree with a no, as "no, right" does."""
    retracting: frozenset[str] = _NONE
    """Behind a yes they take it back: "yeah, no"."""
    affirming: frozenset[str] = _NONE
    """Words of an answer without yes or no that affirm: "I do", "a little"."""
    unsure: tuple[str, ...] = ()
    """Phrases of somebody who does not know."""
    hedged: tuple[str, ...] = ()
    """Phrases that deny the present only, or not all: "not in a long time"."""
    courtesies: frozenset[str] = _NONE
    """Behind "no" they make it no answer: "no problem"."""
