"""Hindi in Devanagari: everyday and clinical words."""

from shared.records.languages.hindi.checks import FINDINGS, MEDICATION, SIDES, SPEECH
from shared.records.languages.hindi.consents import CONSENTS, TEXTS
from shared.records.languages.hindi.grammar import ANSWERS, NEGATIONS, QUESTIONS
from shared.records.languages.hindi.measured import MEASURES, NUMBERS
from shared.records.languages.hindi.vocabulary import VOCABULARY
from shared.records.languages.language import Language
from shared.records.languages.words import Words

LANGUAGE = Language(
    code="hi",
    words=Words(
        vocabulary=VOCABULARY,
        negations=NEGATIONS,
        questions=QUESTIONS,
        answers=ANSWERS,
        numbers=NUMBERS,
        measures=MEASURES,
        sides=SIDES,
        findings=FINDINGS,
        medication=MEDICATION,
        speech=SPEECH,
        consents=CONSENTS,
    ),
    consent_texts=TEXTS,
)
