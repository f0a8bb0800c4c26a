"""Polarity: whether a term is affirmed, denied or only asked about. Pure, linear in the tokens.

A negation holds for what follows it in its clause (in Hindi and Tamil: for what precedes it). A question takes the
polarity of its answer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from shared.records.claims.lexicon import lexicon
from shared.records.claims.tokens import ENDS, is_word
from shared.records.claims.wordlists import listed

_LONGEST_SCOPE = 14
"""Tokens."""
_SUBJECTS = listed(
    """
    i it he she they we you that there i'm i've i'd i'll it's it'd it'll he's he'd he'll she's she'd she'll that's
    that'll there's we're we've we'd we'll they're they've they'd they'll you're you've you'd you'll
    """
)


class Polarity(Enum):
    """How a term is said."""

    AFFIRMED = 1
    DENIED = -1
    ASKED = 0
    """In a question without a clear answer."""
    UNCLEAR = 2
    """Beside a negation that may or may not hold for it, or taken for granted by a question."""

    @property
    def is_clear(self) -> bool:
        """True if the term is affirmed or denied."""
        return self in (Polarity.AFFIRMED, Polarity.DENIED)

    @property
    def opposite(self) -> Polarity:
        return Polarity(-self.value) if self.is_clear else self


@dataclass(frozen=True)
class Sentence:
    """A stretch of tokens."""

    start: int
    end: int
    asks: bool


def sentences_of(tokens: Sequence[str], *, spoken: bool = False) -> list[Sentence]:
    """The sentences, and whether each asks something. In speech without signs, a question begins behind ", any" too."""
    found, start = [], 0
    for at, token in enumerate([*tokens, "."]):
        if token not in ENDS or token in (":", ";"):
            continue
        marked = _is_marked(tokens, at)
        for begin, end in _pieces(tokens, start, at, split=spoken and not marked):
            if end > begin:
                found.append(Sentence(begin, end, marked or _asks(tokens[begin:end])))
        start = at + 1
    return found


def _pieces(tokens: Sequence[str], start: int, end: int, *, split: bool) -> Iterator[tuple[int, int]]:
    for at in range(start, end - 1):
        if split and tokens[at] == "," and tokens[at + 1] == "any":
            yield start, at
            start = at + 1
    yield start, end


def _is_marked(tokens: Sequence[str], at: int) -> bool:
    """True for a question mark that does not only follow a tag such as ", okay?" """
    if at >= len(tokens) or tokens[at] != "?":
        return False
    return not (tokens[at - 1] in _TAGS and tokens[at - 2 : at - 1] == [","])


_TAGS = frozenset({"okay", "ok", "alright", "yeah"})


def _asks(tokens: Sequence[str]) -> bool:
    words = lexicon()
    if any(token in words.asks_after for token in tokens):
        return True
    bare = [one for one in tokens if one not in (",",)]
    while bare and bare[0] in _FILLERS:
        del bare[0]
    if len(bare) < 2 or bare[0] not in words.asks:
        return False
    if bare[0] in ("any", "anything", "anyone", "anybody"):
        return True
    return bare[1] in _SUBJECTS or bare[1] in _DETERMINERS or bare[0] in ("how", "where", "why", "who")


_FILLERS = listed("okay ok and so um uh now well alright right all but or then great good")
_DETERMINERS = listed("any the your this these those a an are is do does did")


def denied_positions(tokens: Sequence[str], sentence: Sentence, longest: int = _LONGEST_SCOPE) -> set[int]:
    """The positions in a sentence for which a negation holds, up to `longest` tokens from it."""
    words = lexicon()
    found: set[int] = set()
    for at in range(sentence.start, sentence.end):
        token = tokens[at]
        if token in words.negations and not _is_answer(tokens, at, sentence):
            scope = set(_forward(tokens, at, min(sentence.end, at + 1 + longest)))
            found |= scope
            if not _has_content(tokens, scope) and token not in _DETERMINERS_ONLY:
                found.update(_backward(tokens, at, max(sentence.start, at - 4)))
        if token in words.negations_after:
            found.update(_backward(tokens, at, sentence.start))
    return found


def takes_for_granted(tokens: Sequence[str], sentence: Sentence) -> bool:
    """True for a question that no yes or no answers: "how is", "what makes", but not "how about"."""
    bare = [one for one in tokens[sentence.start : sentence.end] if one != "," and one not in _FILLERS][:2]
    return len(bare) == 2 and bare[0] in _OPEN and bare[1] not in ("about", "bout")


_OPEN = listed("how what where when why which who what's how's where's when's")


def vague_positions(tokens: Sequence[str], sentence: Sentence, denied: Collection[int]) -> set[int]:
    """The positions behind a word such as "when" or "besides" in a sentence with a negation: they may be either."""
    found: set[int] = set()
    for at in range(sentence.start, sentence.end):
        if tokens[at] in _VAGUE_ENDS and (not denied or any(one in denied for one in range(at - _LONGEST_SCOPE, at))):
            end = min(sentence.end, at + _LONGEST_SCOPE)
            ends = (later for later in range(at, end) if tokens[later] in (",", "but"))
            found.update(range(at, next(ends, end)))
    return (found - set(denied)) | _spared(tokens, sentence, denied)


def _spared(tokens: Sequence[str], sentence: Sentence, denied: Collection[int]) -> set[int]:
    """The denied positions behind a word that alone is denied: "not going to change your insulin"."""
    found: set[int] = set()
    spares = False
    for at in range(sentence.start, sentence.end):
        spares = at in denied and tokens[at] != "," and (spares or tokens[at - 1] in _SPARING)
        if spares:
            found.add(at)
    return found


_VAGUE_ENDS = listed("when while if because since which who besides except until unless apart")


_UNSURE = listed("know sure remember tell say recall certain")


def _has_content(tokens: Sequence[str], scope: Iterable[int]) -> bool:
    words = lexicon()
    return any(is_word(tokens[at]) and tokens[at] not in words.function for at in scope)


def _is_answer(tokens: Sequence[str], at: int, sentence: Sentence) -> bool:
    """True for the "no" of an answer: a sign or a new subject follows; for "aren't you"; and for "not only"."""
    following = tokens[at + 1] if at + 1 < sentence.end else ""
    if tokens[at] in ("no", "none", "never") and (following in (",", "") or following in _SUBJECTS):
        return True
    if following in _UNSURE and tokens[at + 2 : at + 3] in (["if"], ["whether"], ["what"], ["how"], ["why"], ["that"]):
        return True
    if tokens[at].endswith("n't") and following in _SUBJECTS:
        return True
    return tokens[at] == "not" and following in ("only", "just", "sure", "certain")


def _forward(tokens: Sequence[str], at: int, end: int) -> Iterator[int]:
    conditional = any(token in _CONDITIONS for token in tokens[max(0, at - _CONDITION_WITHIN) : at])
    for position in range(at + 1, end):
        token = tokens[position]
        if token in lexicon().scope_ends and position > at + 1:
            return
        if token in (":", ";") or _begins_clause(tokens, position):
            return
        if tokens[position] == "," and (conditional or not _SOUND.isdisjoint(tokens[position + 1 : position + 2])):
            return
        yield position


_DETERMINERS_ONLY = frozenset({"nil"})
"""Negations of what follows only: "fever at first, nil since"."""
_SOUND = listed(
    "normal clear intact strong regular symmetric symmetrical stable soft supple well good brisk fine positive continue"
)
_CONDITIONS = frozenset({"if", "unless"})
_CONDITION_WITHIN = 8
"""Tokens between "if" and a negation of its clause, which ends at a comma."""
_SPARING = listed("""
    change changing changed stop stopping stopped adjust adjusting alter switch switching increase increasing decrease
    decreasing related associated forget forgot forgotten miss missed missing skip skipped trouble problem problems
    issue issues
    """)
"""Words that a negation holds for, but not for what follows: "not going to change your insulin"."""


def _begins_clause(tokens: Sequence[str], at: int) -> bool:
    """True for a subject that begins a new clause: behind a comma or "and", or, in speech without signs, anywhere but
    behind a word such as "that"."""
    before = tokens[at - 1]
    if tokens[at] in _POSSESSORS and before not in _LINKS | _PREPOSITIONS | lexicon().negations:
        return any(token in _FINITE for token in tokens[at + 2 : at + 5])
    if tokens[at] not in _SUBJECTS:
        return False
    if before in _JOINS:
        return True
    if before in _LINKS or before in lexicon().negations:
        return False
    return "'" in tokens[at] or (at + 1 < len(tokens) and tokens[at + 1] in _VERBS)


_JOINS = frozenset({",", "and", "or"})
_LINKS = listed("""
    that if when which than as what think thought say said remember recall notice noticed where how believe know
    anything everything something nothing whenever reports states whether like any don't do did didn't
    """)
"""Words behind which a subject belongs to the same clause."""
_POSSESSORS = listed("the your my his her our their this these those")
_PREPOSITIONS = listed("of in on to with at for from by over under about into near around during after before since")
_FINITE = listed("is are was were looks look feels seems has have had does sounds shows")
"""Verbs that tell a clause in speech without signs: "no cough your lungs are clear"."""
_VERBS = listed(
    """
    have has had am are is was were will would do did can could think feel felt see want need get got know
    """
)


def _backward(tokens: Sequence[str], at: int, start: int) -> Iterator[int]:
    for position in range(at - 1, max(start, at - 1 - _LONGEST_SCOPE), -1):
        if tokens[position] in lexicon().scope_ends or tokens[position] in (";",):
            return
        yield position
    if at - 1 - _LONGEST_SCOPE < start <= at - 1:
        yield start
