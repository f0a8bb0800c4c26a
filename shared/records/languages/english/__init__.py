"""English: everyday and clinical words."""

from shared.records.languages.english.checks import FINDINGS, MEDICATION, SIDES, SPEECH
from shared.records.languages.english.consents import CONSENTS, TEXTS
from shared.records.languages.english.grammar import ANSWERS, CLAUSES, NEGATIONS, QUESTIONS
from shared.records.languages.english.measured import MEASURES, NUMBERS
from shared.records.languages.english.vocabulary import VOCABULARY
from shared.records.languages.language import Language
from shared.records.languages.words import Words

LANGUAGE = Language(
    code="en",
    words=Words(
        vocabulary=VOCABULARY,
        negations=NEGATIONS,
        clauses=CLAUSES,
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
