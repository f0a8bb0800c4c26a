"""Hindi: negations, questions and answers."""

from __future__ import annotations

from shared.records.languages.grammar import Answers, Negations, Questions
from shared.records.languages.writing import listed

NEGATIONS = Negations(
    before=listed("बिना बगैर"),
    after=listed("नहीं नही ना न मत इनकार इन्कार"),
    scope_ends=listed("लेकिन पर मगर परंतु"),
    ceased_after=listed("छोड़ छोड"),
)
QUESTIONS = Questions(
    first=listed("क्या"), anywhere=listed("क्या कब कैसे कितने कितनी कितना कहाँ कहां क्यों कौन"), alternatives=listed("या")
)
ANSWERS = Answers(yes=listed("हाँ हां जी बिल्कुल"), no=listed("नहीं नही ना"))
