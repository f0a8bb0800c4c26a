"""Tamil: everyday and clinical words."""

from shared.records.languages.language import Language
from shared.records.languages.tamil.checks import FINDINGS, MEDICATION, SIDES, SPEECH
from shared.records.languages.tamil.consents import CONSENTS, TEXTS
from shared.records.languages.tamil.grammar import ANSWERS, NEGATIONS, QUESTIONS
from shared.records.languages.tamil.measured import MEASURES, NUMBERS
from shared.records.languages.tamil.vocabulary import VOCABULARY
from shared.records.languages.words import Words

LANGUAGE = Language(
    code="ta",
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
